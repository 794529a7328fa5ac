package org.basin.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.basin.RandomStreams;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.Parameterization;
import org.junit.jupiter.api.Test;

/** The bytes of the format, read here by its specification alone. */
class SafetensorsTest {
  private static final MlpSpec SPEC =
      new MlpSpec(
          2,
          List.of(3),
          2,
          Activation.RELU,
          true,
          true,
          Initialization.PYTORCH,
          Parameterization.STANDARD,
          3);

  private final NetworkState state =
      Initialization.draw(SPEC, RandomStreams.of(1).initialization());

  private byte[] written() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(SPEC, state, out);
    return out.toByteArray();
  }

  @Test
  void headerAndTensors() throws IOException {
    byte[] file = written();
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int headerLength = Math.toIntExact(bytes.getLong());
    assertEquals(0, headerLength % 8);
    JsonNode header =
        new ObjectMapper().readTree(new String(file, 8, headerLength, StandardCharsets.UTF_8));
    assertEquals("relu", header.path("__metadata__").path("activation").asText());
    JsonNode weight = header.path("layers.0.weight");
    assertEquals("F32", weight.path("dtype").asText());
    assertEquals("[3,2]", weight.path("shape").toString());
    // Ours is [in, out], theirs [out, in].
    float[] theta = state.parameters();
    assertArrayEquals(
        new float[] {theta[0], theta[3], theta[1], theta[4], theta[2], theta[5]},
        tensor(bytes, headerLength, weight));
    assertArrayEquals(
        new float[] {1, 1, 1},
        tensor(bytes, headerLength, header.path("layers.0.norm.running_var")));
    assertEquals(9, header.size()); // metadata, 2 weights, 2 biases, 4 of the norm
    long end = header.path("layers.1.bias").path("data_offsets").path(1).asLong();
    assertEquals(file.length, 8 + headerLength + end);
  }

  private static float[] tensor(ByteBuffer bytes, int headerLength, JsonNode entry) {
    int from = entry.path("data_offsets").path(0).asInt();
    int to = entry.path("data_offsets").path(1).asInt();
    float[] values = new float[(to - from) / Float.BYTES];
    bytes
        .slice(8 + headerLength + from, to - from)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(values);
    return values;
  }

  @Test
  void theSameNetworkIsTheSameFile() throws IOException {
    assertArrayEquals(written(), written());
  }
}
