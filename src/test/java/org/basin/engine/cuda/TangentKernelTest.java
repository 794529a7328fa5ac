package org.basin.engine.cuda;

import org.basin.engine.cuda.twin.TangentTwin;
import org.basin.model.Activation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TangentKernelTest {
  /**
   * Vectors of one network, of as many, and several of each; a derivative of the last network's,
   * and a value of its first vector, are not numbers.
   */
  @ParameterizedTest
  @CsvSource({
    "1,3,TANH,5,7,33,40",
    "1,5,IDENTITY,2,4,64,65",
    "1,3,RELU,300,301,255,257",
    "3,1,RELU,1,1,1,1",
    "3,1,GELU,3,3,31,32",
    "3,4,RELU,9,11,20,24",
    "3,4,TANH,9,11,20,24",
    "3,4,GELU,9,11,20,24"
  })
  void asItsTwin(
      int networks,
      int lanes,
      Activation activation,
      int rows,
      int capacity,
      int width,
      int stride) {
    int kind = KernelCodes.of(activation);
    int vectors = networks * lanes;
    int ill = networks - 1;
    TangentTwin.Shape ofPoints =
        new TangentTwin.Shape(networks, networks, kind, rows, capacity, width, stride);
    TangentTwin.Shape ofVectors =
        new TangentTwin.Shape(vectors, networks, kind, rows, capacity, width, stride);
    RandomArrays random = new RandomArrays(13);
    int block = capacity * stride;
    int size = networks * block;
    float[] a = random.normal(size, 0, 0.7);
    float[] z = activation == Activation.GELU ? random.normal(size, 0, 1) : null;
    boolean bends = activation == Activation.GELU || activation == Activation.TANH;
    float[] delta = random.normal(size, 0, 1);
    delta[ill * block] = Float.NaN;
    float[] curve = bends ? random.normal(size, 0, 1) : null;
    float[] t = random.normal(vectors * block, 0, 1);
    t[ill * block] = Float.NaN;
    float[] u = bends ? random.normal(t.length, 0, 1) : null;
    float[] d = random.normal(t.length, 0, 1);
    float[] firstT = t.clone();
    float[] firstD = d.clone();
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
                networks,
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
                vectors,
                bench.on(t),
                bench.on(u),
                bench.on(a),
                bench.on(z),
                networks,
                kind,
                rows,
                capacity,
                width,
                stride);
            bench.launch(
                "tangent.cu",
                "tangent_activate_backward",
                threads,
                vectors,
                bench.on(d),
                bench.on(u),
                bench.on(curve),
                bench.on(a),
                bench.on(z),
                networks,
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
    Bench.assertPaddingKept(firstT, t, rows, capacity, width, stride);
    Bench.assertPaddingKept(firstD, d, rows, capacity, width, stride);
    Bench.assertNanOf(ill, networks, networks, delta);
    Bench.assertNanOf(ill, vectors, vectors, t);
    if (bends) {
      Bench.assertClose(twinCurve, curve, rounding, rounding);
      Bench.assertClose(twinU, u, 0, 0);
      Bench.assertNanOf(ill, networks, vectors, d);
    }
  }
}
