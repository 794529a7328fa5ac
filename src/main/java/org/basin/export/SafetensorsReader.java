package org.basin.export;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.basin.InvalidInputException;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;

/** Reads one {@code model.safetensors} of a known architecture; see {@link Safetensors}. */
final class SafetensorsReader {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final MlpSpec spec;
  private final byte[] file;
  private final String where;
  private final Set<String> read = new HashSet<>();
  private int start; // where the tensors' bytes begin
  private long bytes; // how many of them were read

  SafetensorsReader(MlpSpec spec, byte[] file, String where) {
    this.spec = spec;
    this.file = file;
    this.where = where;
  }

  NetworkState read() {
    JsonNode header = header();
    checkMetadata(header.path(Safetensors.METADATA));
    read.add(Safetensors.METADATA);
    ParameterLayout layout = new ParameterLayout(spec);
    float[] theta = new float[layout.size()];
    float[] mean = new float[layout.statisticsSize()];
    float[] variance = new float[layout.statisticsSize()];
    for (int l = 0; l < spec.layers(); l++) {
      int in = spec.fanIn(l);
      int out = spec.fanOut(l);
      String layer = "layers." + l + ".";
      float[] weight = tensor(header, layer + "weight", out, in);
      for (int i = 0; i < in; i++) {
        for (int j = 0; j < out; j++) {
          theta[layout.weight(l) + i * out + j] = weight[j * in + i];
        }
      }
      if (spec.bias()) {
        copy(tensor(header, layer + "bias", out), theta, layout.bias(l));
      }
      if (spec.normalized(l)) {
        int statistics = layout.statistics(l);
        copy(tensor(header, layer + "norm.weight", out), theta, layout.gamma(l));
        copy(tensor(header, layer + "norm.bias", out), theta, layout.beta(l));
        copy(tensor(header, layer + "norm.running_mean", out), mean, statistics);
        copy(tensor(header, layer + "norm.running_var", out), variance, statistics);
      }
    }
    for (String name : (Iterable<String>) header::fieldNames) {
      if (!read.contains(name)) {
        throw otherArchitecture("it holds " + name + ", which this network does not have");
      }
    }
    if (start + bytes != file.length) {
      throw damaged("it holds %d bytes, its header names %d".formatted(file.length, start + bytes));
    }
    return new NetworkState(theta, mean, variance);
  }

  private JsonNode header() {
    if (file.length < Long.BYTES) {
      throw damaged(
          "it holds %d bytes, fewer than its header's length takes".formatted(file.length));
    }
    long length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 0 || length > file.length - Long.BYTES) {
      throw damaged(
          "its header is said to take %d bytes, but it holds %d in all"
              .formatted(length, file.length));
    }
    start = Math.toIntExact(Long.BYTES + length);
    try {
      JsonNode header = JSON.readTree(file, Long.BYTES, Math.toIntExact(length));
      if (!header.isObject()) {
        throw damaged("its header is no JSON object");
      }
      return header;
    } catch (JsonProcessingException problem) {
      throw damaged(
          "its header is no JSON: " + problem.getOriginalMessage().strip().replaceAll("\\s+", " "));
    } catch (IOException impossible) {
      throw damaged("its header cannot be read: " + impossible.getMessage());
    }
  }

  private void checkMetadata(JsonNode metadata) {
    Safetensors.facts(spec)
        .forEach(
            (key, expected) -> {
              String found = metadata.path(key).asText("missing");
              if (!found.equals(expected)) {
                throw otherArchitecture(
                    "its %s is %s, this network's %s".formatted(key, found, expected));
              }
            });
  }

  /** The values of a tensor of this name and shape, row-major. */
  private float[] tensor(JsonNode header, String name, int... shape) {
    JsonNode entry = header.path(name);
    if (entry.isMissingNode()) {
      throw otherArchitecture("it holds no " + name);
    }
    read.add(name);
    String type = entry.path("dtype").asText("missing");
    if (!type.equals("F32")) {
      throw damaged("the dtype of %s is %s, allowed: F32".formatted(name, type));
    }
    List<Integer> expected = new ArrayList<>();
    long count = 1;
    for (int dimension : shape) {
      expected.add(dimension);
      count *= dimension;
    }
    List<Integer> found = new ArrayList<>();
    entry.path("shape").forEach(dimension -> found.add(dimension.asInt(-1)));
    if (!found.equals(expected)) {
      throw otherArchitecture("%s is %s, this network's %s".formatted(name, found, expected));
    }
    long from = entry.path("data_offsets").path(0).asLong(-1);
    long to = entry.path("data_offsets").path(1).asLong(-1);
    // In the order that they are written in, so that none is left out and none overlaps.
    if (from != bytes || to - from != count * Float.BYTES) {
      throw damaged(
          "%s stands at bytes %d to %d, expected %d to %d"
              .formatted(name, from, to, bytes, bytes + count * Float.BYTES));
    }
    if (start + to > file.length) {
      throw damaged("it ends within " + name);
    }
    bytes = to;
    float[] values = new float[Math.toIntExact(count)];
    ByteBuffer.wrap(file, Math.toIntExact(start + from), Math.toIntExact(to - from))
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(values);
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new InvalidInputException(
            "%s holds %s in %s; allowed: finite numbers".formatted(where, value, name));
      }
    }
    return values;
  }

  private static void copy(float[] values, float[] into, int offset) {
    System.arraycopy(values, 0, into, offset, values.length);
  }

  private InvalidInputException damaged(String problem) {
    return new InvalidInputException(where + " is damaged: " + problem);
  }

  private InvalidInputException otherArchitecture(String problem) {
    return new InvalidInputException(where + " is of another architecture: " + problem);
  }
}
