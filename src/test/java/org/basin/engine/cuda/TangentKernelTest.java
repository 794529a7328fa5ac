package org.basin.engine.cuda;

import org.basin.engine.cuda.twin.TangentTwin;
import org.basin.model.Activation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TangentKernelTest {
  private static final int VECTORS = 3;

  /** Vectors that share a point, or have one each. */
  @ParameterizedTest
  @CsvSource({
    "RELU,1,1,1,1,false",
    "TANH,5,7,33,40,true",
    "GELU,3,3,31,32,false",
    "IDENTITY,2,4,64,65,true",
    "RELU,300,301,255,257,true"
  })
  void asItsTwin(
      Activation activation, int rows, int capacity, int width, int stride, boolean shared) {
    int kind = KernelCodes.of(activation);
    int points = shared ? 1 : VECTORS;
    int point = shared ? 0 : capacity * stride;
    TangentTwin.Shape ofPoints =
        new TangentTwin.Shape(points, capacity * stride, kind, rows, capacity, width, stride);
    TangentTwin.Shape ofVectors =
        new TangentTwin.Shape(VECTORS, point, kind, rows, capacity, width, stride);
    RandomArrays random = new RandomArrays(13);
    int size = points * capacity * stride;
    float[] a = random.normal(size, 0, 0.7);
    float[] z = activation == Activation.GELU ? random.normal(size, 0, 1) : null;
    boolean bends = activation == Activation.GELU || activation == Activation.TANH;
    float[] delta = random.normal(size, 0, 1);
    float[] curve = bends ? random.normal(size, 0, 1) : null;
    float[] t = random.normal(VECTORS * capacity * stride, 0, 1);
    t[0] = Float.NaN;
    float[] u = bends ? random.normal(t.length, 0, 1) : null;
    float[] d = random.normal(t.length, 0, 1);
    float[] twinDelta = delta.clone();
    float[] twinCurve = bends ? curve.clone() : null;
    float[] twinT = t.clone();
    float[] twinU = bends ? u.clone() : null;
    float[] twinD = d.clone();
    TangentTwin.linearizeBackward(ofPoints, twinDelta, twinCurve, a, z);
    TangentTwin.tangentActivate(ofVectors, twinT, twinU, a, z);
    TangentTwin.tangentActivateBackward(ofVectors, twinD, twinU, twinCurve, a, z);

    try (Bench bench = Bench.open()) {
      long threads = (long) rows * stride;
      bench.runInEveryOrder(
          () -> {
            bench.launch(
                "tangent.cu",
                "linearize_backward",
                threads,
                points,
                bench.on(delta),
                bench.on(curve),
                bench.on(a),
                bench.on(z),
                kind,
                rows,
                capacity,
                width,
                stride);
            bench.launch(
                "tangent.cu",
                "tangent_activate",
                threads,
                VECTORS,
                bench.on(t),
                bench.on(u),
                bench.on(a),
                bench.on(z),
                (long) point,
                kind,
                rows,
                capacity,
                width,
                stride);
            bench.launch(
                "tangent.cu",
                "tangent_activate_backward",
                threads,
                VECTORS,
                bench.on(d),
                bench.on(u),
                bench.on(curve),
                bench.on(a),
                bench.on(z),
                (long) point,
                kind,
                rows,
                capacity,
                width,
                stride);
          },
          delta,
          t,
          d,
          bends ? curve : new float[0],
          bends ? u : new float[0]);
    }
    double rounding = activation == Activation.GELU ? 1e-6 : 0;
    Bench.assertClose(twinDelta, delta, rounding, rounding);
    Bench.assertClose(twinT, t, rounding, rounding);
    Bench.assertClose(twinD, d, rounding, 3 * rounding);
    if (bends) {
      Bench.assertClose(twinCurve, curve, rounding, rounding);
      Bench.assertClose(twinU, u, 0, 0);
    }
  }
}
