package org.basin.engine.cpu;

import java.lang.foreign.MemorySegment;
import org.basin.data.Examples;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;
import org.basin.train.BatchNormPolicy;
import org.basin.train.ObjectiveOptions;

/**
 * What the workers of an objective share: its definition, and its examples cut into chunks of
 * nearly equal size, inputs with a last column of ones where there are biases.
 */
final class ObjectiveData {
  private final MlpSpec spec;
  private final ParameterLayout layout;
  private final ObjectiveOptions options;
  private final NetworkState statistics;
  private final int examples;
  private final int rows;
  private final int chunks;
  private final int[] labels;
  private final MemorySegment[] inputs; // of every chunk, [rows, in (+1)]

  /**
   * Cuts the examples: into chunks of at most {@code most}, or into one where they meet in batch
   * normalisation.
   */
  ObjectiveData(
      MlpSpec spec, ObjectiveOptions options, Examples data, NetworkState statistics, int most) {
    this.spec = spec;
    this.layout = new ParameterLayout(spec);
    this.options = options;
    this.statistics = statistics;
    examples = data.count();
    labels = data.labels();
    chunks = spec.batchNorm() && !frozen() ? 1 : Math.ceilDiv(examples, most);
    rows = Math.ceilDiv(examples, chunks);
    int stride = stride(0);
    float[] values = data.inputs();
    if (spec.bias()) {
      values = new float[Math.multiplyExact(examples, stride)];
      for (int i = 0; i < examples; i++) {
        System.arraycopy(data.inputs(), i * data.features(), values, i * stride, data.features());
        values[(i + 1) * stride - 1] = 1f;
      }
    }
    MemorySegment whole = MemorySegment.ofArray(values);
    inputs = new MemorySegment[chunks];
    for (int c = 0; c < chunks; c++) {
      inputs[c] =
          whole.asSlice(
              (long) first(c) * stride * Float.BYTES, (long) rows(c) * stride * Float.BYTES);
    }
  }

  MlpSpec spec() {
    return spec;
  }

  ParameterLayout layout() {
    return layout;
  }

  ObjectiveOptions options() {
    return options;
  }

  NetworkState statistics() {
    return statistics;
  }

  /** Whether batch normalisation's statistics are constants. */
  boolean frozen() {
    return options.batchNorm() == BatchNormPolicy.FROZEN;
  }

  /** Number of examples n. */
  int examples() {
    return examples;
  }

  int chunks() {
    return chunks;
  }

  /** Rows of the largest chunk. */
  int rows() {
    return rows;
  }

  /** Rows of a chunk. */
  int rows(int chunk) {
    return Math.min(rows, examples - first(chunk));
  }

  /** A chunk's first example. */
  int first(int chunk) {
    return chunk * rows;
  }

  /** Distance between the rows of layer {@code l}'s inputs. */
  int stride(int l) {
    return spec.fanIn(l) + (spec.bias() ? 1 : 0);
  }

  /** Labels of all examples. */
  int[] labels() {
    return labels;
  }

  /** Inputs of a chunk, {@code [rows, in (+1)]}. */
  MemorySegment inputs(int chunk) {
    return inputs[chunk];
  }
}
