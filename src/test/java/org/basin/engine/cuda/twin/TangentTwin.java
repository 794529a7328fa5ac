package org.basin.engine.cuda.twin;

import org.jspecify.annotations.Nullable;

/** {@code tangent.cu} in plain Java; formulas and shapes stand there. */
public final class TangentTwin {
  private TangentTwin() {}

  /**
   * The arrays' shapes.
   *
   * @param count points, or vectors
   * @param points points; vector v is at v % points
   */
  public record Shape(
      int count, int points, int kind, int rows, int capacity, int width, int stride) {
    int at(int v, int i, int j) {
      return (v * capacity + i) * stride + j;
    }

    int of(int v, int i, int j) {
      return at(v % points, i, j);
    }
  }

  /** Work on one value: where it is among the vectors' values, and among the points'. */
  @FunctionalInterface
  private interface Value {
    void at(int at, int of);
  }

  private static void forEach(Shape shape, Value value) {
    for (int v = 0; v < shape.count; v++) {
      for (int i = 0; i < shape.rows; i++) {
        for (int j = 0; j < shape.width; j++) {
          value.at(shape.at(v, i, j), shape.of(v, i, j));
        }
      }
    }
  }

  private static float slope(Shape shape, float[] a, float @Nullable [] z, int of) {
    return ActivationTwin.slope(shape.kind, a[of], z == null ? 0 : z[of]);
  }

  /** delta ← delta φ'; curve receives delta φ''. */
  public static void linearizeBackward(
      Shape shape, float[] delta, float @Nullable [] curve, float[] a, float @Nullable [] z) {
    forEach(
        shape,
        (at, of) -> {
          float d = delta[at];
          if (curve != null) {
            curve[at] = d * ActivationTwin.bend(shape.kind, a[at], z == null ? 0 : z[at]);
          }
          delta[at] = d * slope(shape, a, z, at);
        });
  }

  /** t ← φ' t; u receives what t was. */
  public static void tangentActivate(
      Shape shape, float[] t, float @Nullable [] u, float[] a, float @Nullable [] z) {
    forEach(
        shape,
        (at, of) -> {
          if (u != null) {
            u[at] = t[at];
          }
          t[at] *= slope(shape, a, z, of);
        });
  }

  /** d ← φ' d + curve u. */
  public static void tangentActivateBackward(
      Shape shape,
      float[] d,
      float @Nullable [] u,
      float @Nullable [] curve,
      float[] a,
      float @Nullable [] z) {
    forEach(
        shape,
        (at, of) -> {
          d[at] *= slope(shape, a, z, of);
          if (u != null && curve != null) {
            d[at] += curve[of] * u[at];
          }
        });
  }
}
