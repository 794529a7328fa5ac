package org.basin.engine.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.basin.data.Examples;
import org.basin.data.Split;
import org.basin.model.MlpSpec;
import org.basin.train.Subset;

/**
 * The examples of a stack's replicas on the GPU. What replicas share stands there once: the same
 * inputs under other labels, as label noise makes them, are the same inputs.
 */
final class StackData {
  /** Values of a piece of the inputs on its way to the GPU: 4 MiB. */
  private static final int PIECE = 1 << 20;

  private final StackLayout layout;
  private final Map<Subset, Part> parts = new EnumMap<>(Subset.class);

  /** One subset of all replicas. */
  private static final class Part {
    final int count;
    final Shared<float[]> inputs;
    final Shared<int[]> labels;

    Part(DeviceArena arena, Subset subset, List<Split> data, int stride) {
      count = subset.of(data.getFirst()).count();
      inputs =
          new Shared<>(
              arena,
              data.stream().map(subset::of).map(Examples::inputs).toList(),
              Arrays::equals,
              (long) count * stride);
      labels =
          new Shared<>(
              arena,
              data.stream().map(subset::of).map(Examples::labels).toList(),
              Arrays::equals,
              count);
    }
  }

  /** Whether two arrays hold the same. */
  @FunctionalInterface
  private interface Same<T> {
    boolean test(T one, T other);
  }

  /** The distinct ones of the replicas' arrays, and which is whose. */
  private static final class Shared<T> {
    final List<T> distinct = new ArrayList<>();
    final List<DeviceArena.Words> places = new ArrayList<>();
    final DeviceArena.Words table; // [R] addresses
    int[] of; // [R], by index

    Shared(DeviceArena arena, List<T> arrays, Same<T> same, long count) {
      of = new int[arrays.size()];
      for (int r = 0; r < of.length; r++) {
        T array = arrays.get(r);
        int found = 0;
        while (found < distinct.size() && !same.test(distinct.get(found), array)) {
          found++;
        }
        if (found == distinct.size()) {
          distinct.add(array);
          places.add(arena.reserve(count));
        }
        of[r] = found;
      }
      table = arena.reserveDoubles(of.length);
    }

    void writeTable(Stream stream) {
      stream.write(table, Arrays.stream(of).mapToLong(i -> places.get(i).address()).toArray());
    }
  }

  /** Reserves room for the data of {@code splits}, one a replica, of equal sizes. */
  StackData(DeviceArena arena, StackLayout layout, List<Split> splits) {
    this.layout = layout;
    for (Subset subset : Subset.values()) {
      parts.put(subset, new Part(arena, subset, splits, layout.inputStride(0)));
    }
  }

  /** Copies everything to the GPU. */
  void upload(Stream stream) {
    for (Part part : parts.values()) {
      for (int i = 0; i < part.inputs.distinct.size(); i++) {
        upload(stream, part.inputs.places.get(i), part.inputs.distinct.get(i), part.count);
      }
      for (int i = 0; i < part.labels.distinct.size(); i++) {
        stream.write(part.labels.places.get(i), 0, part.labels.distinct.get(i));
      }
      writeTables(stream, part);
    }
  }

  private static void writeTables(Stream stream, Part part) {
    part.inputs.writeTable(stream);
    part.labels.writeTable(stream);
  }

  /** Copies rows piece by piece, so that several stacks do not hold all of their data again. */
  private void upload(Stream stream, DeviceArena.Words to, float[] inputs, int count) {
    int stride = layout.inputStride(0);
    int piece = Math.max(1, PIECE / stride);
    for (int first = 0; first < count; first += piece) {
      int rows = Math.min(piece, count - first);
      stream.write(to, (long) first * stride, padded(layout.spec(), inputs, first, rows, stride));
      stream.synchronize();
    }
  }

  /**
   * Rows of inputs as the first layer reads them: a one behind each where there are biases.
   *
   * @param inputs {@code [examples, features]}
   * @param first example
   * @param stride values from a row to the next
   */
  static float[] padded(MlpSpec spec, float[] inputs, int first, int count, int stride) {
    int features = spec.inputs();
    float[] rows = new float[count * stride];
    for (int i = 0; i < count; i++) {
      System.arraycopy(inputs, (first + i) * features, rows, i * stride, features);
      if (spec.bias()) {
        rows[i * stride + features] = 1f;
      }
    }
    return rows;
  }

  /** From now on replica i has the data that {@code replicas[i]} had. */
  void keep(int[] replicas, Stream stream) {
    for (Part part : parts.values()) {
      part.inputs.of = select(part.inputs.of, replicas);
      part.labels.of = select(part.labels.of, replicas);
      writeTables(stream, part);
    }
  }

  private static int[] select(int[] of, int[] replicas) {
    return Arrays.stream(replicas).map(r -> of[r]).toArray();
  }

  /** Examples of a subset. */
  int count(Subset subset) {
    return part(subset).count;
  }

  /** Address of {@code [R]} addresses of a subset's inputs {@code [count, stride]}. */
  long inputs(Subset subset) {
    return part(subset).inputs.table.address();
  }

  /** Address of {@code [R]} addresses of a subset's labels {@code [count]}. */
  long labels(Subset subset) {
    return part(subset).labels.table.address();
  }

  private Part part(Subset subset) {
    return Objects.requireNonNull(parts.get(subset));
  }
}
