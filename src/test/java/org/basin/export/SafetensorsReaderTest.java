package org.basin.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.basin.InvalidInputException;
import org.basin.engine.ObjectiveCase;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.LossFunction;
import org.basin.train.ObjectiveOptions;
import org.junit.jupiter.api.Test;

/** What is written is read back bit for bit; anything else is refused in one line. */
class SafetensorsReaderTest {
  private static MlpSpec spec(
      List<Integer> hidden, Activation activation, boolean bias, boolean batchNorm) {
    return new MlpSpec(
        2,
        hidden,
        2,
        activation,
        bias,
        batchNorm,
        Initialization.PYTORCH,
        Parameterization.STANDARD,
        3);
  }

  private static final MlpSpec SPEC = spec(List.of(3), Activation.RELU, true, true);

  private static NetworkState state(MlpSpec spec) {
    ObjectiveOptions options = new ObjectiveOptions(LossFunction.MSE, 0, 0, BatchNormPolicy.FROZEN);
    return ObjectiveCase.of(spec, options, 8, new SplittableRandom(3)).statistics();
  }

  private static byte[] written(MlpSpec spec, NetworkState state) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      Safetensors.write(spec, state, out);
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
    return out.toByteArray();
  }

  @Test
  void whatIsWrittenIsReadBack() {
    for (MlpSpec spec :
        List.of(
            SPEC,
            spec(List.of(), Activation.IDENTITY, true, false),
            spec(List.of(4, 3), Activation.TANH, false, true),
            spec(List.of(5, 1), Activation.GELU, true, false))) {
      NetworkState state = state(spec);
      NetworkState read = Safetensors.read(spec, written(spec, state), "x");
      assertArrayEquals(state.parameters(), read.parameters());
      assertArrayEquals(state.runningMean(), read.runningMean());
      assertArrayEquals(state.runningVariance(), read.runningVariance());
    }
  }

  private static void assertRefused(String message, MlpSpec spec, byte[] file) {
    InvalidInputException refusal =
        assertThrows(
            InvalidInputException.class, () -> Safetensors.read(spec, file, "m.safetensors"));
    String said = String.valueOf(refusal.getMessage());
    assertTrue(said.startsWith("m.safetensors " + message), said);
    assertEquals(1, said.lines().count(), said);
  }

  @Test
  void anotherArchitecture() {
    byte[] file = written(SPEC, state(SPEC));
    String other = "is of another architecture: ";
    assertRefused(
        other + "layers.0.weight is [3, 2], this network's [4, 2]",
        spec(List.of(4), Activation.RELU, true, true),
        file);
    assertRefused(
        other + "its activation is relu, this network's tanh",
        spec(List.of(3), Activation.TANH, true, true),
        file);
    assertRefused(
        other + "its batchNorm is true, this network's false",
        spec(List.of(3), Activation.RELU, true, false),
        file);
    assertRefused(
        other + "layers.1.weight is [2, 3], this network's [3, 3]",
        spec(List.of(3, 3), Activation.RELU, true, true),
        file);
    MlpSpec plain = spec(List.of(3), Activation.RELU, false, false);
    assertRefused(
        other + "it holds no layers.0.bias",
        spec(List.of(3), Activation.RELU, true, false),
        written(plain, state(plain)));
    MlpSpec square = spec(List.of(2, 2), Activation.RELU, false, false);
    assertRefused(
        other + "it holds layers.2.weight, which this network does not have",
        spec(List.of(2), Activation.RELU, false, false),
        written(square, state(square)));
  }

  @Test
  void damage() {
    byte[] file = written(SPEC, state(SPEC));
    assertRefused("is damaged: it holds 0 bytes", SPEC, new byte[0]);
    assertRefused("is damaged: its header is said to take", SPEC, Arrays.copyOf(file, 40));
    assertRefused(
        "is damaged: it ends within layers.1.bias", SPEC, Arrays.copyOf(file, file.length - 1));
    assertRefused(
        "is damaged: it holds %d bytes, its header names %d"
            .formatted(file.length + 4, file.length),
        SPEC,
        Arrays.copyOf(file, file.length + 4));
    byte[] noJson = file.clone();
    noJson[8] = '[';
    assertRefused("is damaged: its header is no JSON: ", SPEC, noJson);
    String text = new String(file, StandardCharsets.ISO_8859_1);
    assertRefused(
        "is damaged: the dtype of layers.0.weight is F16",
        SPEC,
        text.replaceFirst("F32", "F16").getBytes(StandardCharsets.ISO_8859_1));
    assertRefused(
        "is damaged: layers.0.weight stands at bytes 4 to 24, expected 0 to 24",
        SPEC,
        text.replaceFirst("\\[0,24", "[4,24").getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void everyCutIsRefused() {
    byte[] file = written(SPEC, state(SPEC));
    for (int length = 0; length < file.length; length++) {
      assertRefused("is ", SPEC, Arrays.copyOf(file, length));
    }
  }

  @Test
  void numbersThatAreNotFinite() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      byte[] file = written(SPEC, state(SPEC));
      ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putFloat(file.length - 4, bad);
      assertRefused("holds " + bad + " in layers.1.bias; allowed: finite numbers", SPEC, file);
    }
  }
}
