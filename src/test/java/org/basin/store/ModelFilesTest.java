package org.basin.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.basin.InvalidInputException;
import org.basin.RandomStreams;
import org.basin.export.Dl4jModelZip;
import org.basin.export.Safetensors;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.Parameterization;
import org.basin.train.LossFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole files pass; files cut off anywhere, emptied or missing do not. */
class ModelFilesTest {
  private static final MlpSpec SPEC =
      new MlpSpec(
          3,
          List.of(4),
          2,
          Activation.RELU,
          true,
          true,
          Initialization.HE,
          Parameterization.STANDARD,
          4);

  @TempDir private Path folder;

  private final NetworkState state =
      Initialization.draw(SPEC, RandomStreams.of(1).initialization());

  private Path written(String name, byte[] whole, double share) throws IOException {
    return Files.write(
        folder.resolve(name), Arrays.copyOf(whole, (int) Math.round(share * whole.length)));
  }

  private Path zip(double share) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Dl4jModelZip.write(SPEC, LossFunction.CROSS_ENTROPY, 0.1, state, bytes);
    return written("model.zip", bytes.toByteArray(), share);
  }

  private Path safetensors(double share) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Safetensors.write(SPEC, state, bytes);
    return written("model.safetensors", bytes.toByteArray(), share);
  }

  @Test
  void wholeFilesPass() throws IOException {
    ModelFiles.requireWholeZip(zip(1));
    ModelFiles.requireWholeSafetensors(safetensors(1));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.005, 0.3, 0.9, 0.999})
  void filesCutOffDoNot(double share) throws IOException {
    Path zip = zip(share);
    Path safetensors = safetensors(share);
    assertEquals(
        zip + " is damaged",
        assertThrows(InvalidInputException.class, () -> ModelFiles.requireWholeZip(zip))
            .getMessage());
    assertEquals(
        safetensors + " is damaged",
        assertThrows(
                InvalidInputException.class, () -> ModelFiles.requireWholeSafetensors(safetensors))
            .getMessage());
  }

  @Test
  void missingFilesAreSaidToBeMissing() {
    Path nowhere = folder.resolve("nowhere");
    assertEquals(
        nowhere + " is missing",
        assertThrows(InvalidInputException.class, () -> ModelFiles.requireWholeSafetensors(nowhere))
            .getMessage());
  }
}
