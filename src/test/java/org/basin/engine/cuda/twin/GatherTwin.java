package org.basin.engine.cuda.twin;

import org.jspecify.annotations.Nullable;

/** {@code gather.cu} in plain Java; what the arrays hold stands there. */
public final class GatherTwin {
  private GatherTwin() {}

  /** The examples of a batch, from where the data stand to where a network reads them. */
  public static void gather(
      float[] x,
      int[] y,
      float[][] inputs,
      int[][] labels,
      int @Nullable [] order,
      int replicas,
      int n,
      int first,
      int rows,
      int capacity,
      int stride) {
    for (int r = 0; r < replicas; r++) {
      for (int i = 0; i < rows; i++) {
        int example = order == null ? first + i : order[r * n + first + i];
        for (int j = 0; j < stride; j++) {
          x[(r * capacity + i) * stride + j] = inputs[r][example * stride + j];
        }
        y[r * capacity + i] = labels[r][example];
      }
    }
  }
}
