package org.basin.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.SortedMap;
import org.basin.InvalidInputException;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;

/**
 * A network as {@code model.safetensors}: eight bytes of header length, a JSON header, then the
 * tensors' bytes, little-endian float32.
 *
 * <p>Names and shapes are PyTorch's: {@code layers.<i>.weight [out, in]}, {@code layers.<i>.bias
 * [out]}, {@code layers.<i>.norm.{weight,bias,running_mean,running_var} [out]}, layers counted from
 * 0. The header's {@code __metadata__} names what the tensors alone do not say.
 */
public final class Safetensors {
  /** The header's key of what is no tensor. */
  static final String METADATA = "__metadata__";

  private static final ObjectMapper JSON = new ObjectMapper();

  private Safetensors() {}

  /** One tensor: its name, its shape, its values row-major. */
  private record Tensor(String name, int[] shape, float[] values) {}

  /** Writes a network; the stream stays open. */
  public static void write(MlpSpec spec, NetworkState state, OutputStream out) throws IOException {
    write(facts(spec), tensors(spec, state), out);
  }

  /**
   * Writes matrices under their names; the stream stays open.
   *
   * @param matrices by name, {@code [rows][columns]}, at least one row each
   */
  public static void write(SortedMap<String, float[][]> matrices, OutputStream out)
      throws IOException {
    List<Tensor> tensors = new ArrayList<>();
    matrices.forEach(
        (name, rows) -> {
          int columns = rows[0].length;
          float[] values = new float[Math.multiplyExact(rows.length, columns)];
          for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, values, i * columns, columns);
          }
          tensors.add(new Tensor(name, new int[] {rows.length, columns}, values));
        });
    write(new LinkedHashMap<>(), tensors, out);
  }

  private static void write(
      SequencedMap<String, String> facts, List<Tensor> tensors, OutputStream out)
      throws IOException {
    byte[] header = header(facts, tensors).getBytes(StandardCharsets.UTF_8);
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.write(length.putLong(header.length).array());
    out.write(header);
    for (Tensor tensor : tensors) {
      ByteBuffer bytes =
          ByteBuffer.allocate(tensor.values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(tensor.values);
      out.write(bytes.array());
    }
  }

  /**
   * Reads a network back, and accepts nothing but what {@link #write} writes of {@code spec}.
   *
   * @param where what messages call the file
   * @throws InvalidInputException when the file is damaged, of another architecture, or holds a
   *     number that is not finite
   */
  public static NetworkState read(MlpSpec spec, byte[] file, String where) {
    return new SafetensorsReader(spec, file, where).read();
  }

  private static List<Tensor> tensors(MlpSpec spec, NetworkState state) {
    ParameterLayout layout = new ParameterLayout(spec);
    float[] theta = state.parameters();
    List<Tensor> tensors = new ArrayList<>();
    for (int l = 0; l < spec.layers(); l++) {
      int in = spec.fanIn(l);
      int out = spec.fanOut(l);
      String layer = "layers." + l + ".";
      float[] weight = new float[in * out];
      for (int i = 0; i < in; i++) {
        for (int j = 0; j < out; j++) {
          weight[j * in + i] = theta[layout.weight(l) + i * out + j];
        }
      }
      tensors.add(new Tensor(layer + "weight", new int[] {out, in}, weight));
      if (spec.bias()) {
        tensors.add(vector(layer + "bias", theta, layout.bias(l), out));
      }
      if (spec.normalized(l)) {
        int statistics = layout.statistics(l);
        tensors.add(vector(layer + "norm.weight", theta, layout.gamma(l), out));
        tensors.add(vector(layer + "norm.bias", theta, layout.beta(l), out));
        tensors.add(vector(layer + "norm.running_mean", state.runningMean(), statistics, out));
        tensors.add(vector(layer + "norm.running_var", state.runningVariance(), statistics, out));
      }
    }
    return tensors;
  }

  private static Tensor vector(String name, float[] source, int offset, int length) {
    float[] values = new float[length];
    System.arraycopy(source, offset, values, 0, length);
    return new Tensor(name, new int[] {length}, values);
  }

  /** What the metadata say, sorted. */
  static SequencedMap<String, String> facts(MlpSpec spec) {
    SequencedMap<String, String> facts = new LinkedHashMap<>();
    facts.put("activation", spec.activation().name().toLowerCase(Locale.ROOT));
    facts.put("batchNorm", Boolean.toString(spec.batchNorm()));
    facts.put("batchNormEpsilon", "1e-5");
    facts.put("format", "pt");
    return facts;
  }

  private static String header(SequencedMap<String, String> facts, List<Tensor> tensors)
      throws JsonProcessingException {
    ObjectNode header = JSON.createObjectNode();
    if (!facts.isEmpty()) {
      ObjectNode metadata = header.putObject(METADATA);
      facts.forEach(metadata::put);
    }
    long offset = 0;
    for (Tensor tensor : tensors) {
      ObjectNode entry = header.putObject(tensor.name);
      entry.put("dtype", "F32");
      ArrayNode shape = entry.putArray("shape");
      for (int dimension : tensor.shape) {
        shape.add(dimension);
      }
      long end = offset + (long) tensor.values.length * Float.BYTES;
      entry.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    String json = JSON.writeValueAsString(header);
    // Padded so that the tensors start at a multiple of eight, as the format asks.
    return json + " ".repeat(Math.floorMod(-json.getBytes(StandardCharsets.UTF_8).length, 8));
  }
}
