package org.basin.engine.cpu;

import java.lang.foreign.MemorySegment;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;

/**
 * Vectors in the order of θ, {@code [capacity, P]}, and views of their layers' matrices, made once.
 */
final class ParameterVectors {
  final float[] values;
  final MemorySegment whole;
  private final MemorySegment[] matrices; // [capacity, layers]
  private final int layers;

  /** Zero vectors. */
  ParameterVectors(MlpSpec spec, ParameterLayout layout, int capacity) {
    this(spec, layout, new float[Math.multiplyExact(capacity, layout.size())]);
  }

  /** The vectors {@code values}, which are not copied. */
  ParameterVectors(MlpSpec spec, ParameterLayout layout, float[] values) {
    this.values = values;
    int capacity = values.length / layout.size();
    layers = spec.layers();
    matrices = new MemorySegment[capacity * layers];
    whole = MemorySegment.ofArray(values);
    int bias = spec.bias() ? 1 : 0;
    for (int j = 0; j < capacity; j++) {
      for (int l = 0; l < layers; l++) {
        long offset = (long) j * layout.size() + layout.weight(l);
        long length = (long) (spec.fanIn(l) + bias) * spec.fanOut(l);
        matrices[j * layers + l] = whole.asSlice(offset * Float.BYTES, length * Float.BYTES);
      }
    }
  }

  /** {@code [W_l; b_l]} of vector {@code j}, {@code [in (+1), out]}. */
  MemorySegment matrix(int j, int l) {
    return matrices[j * layers + l];
  }
}
