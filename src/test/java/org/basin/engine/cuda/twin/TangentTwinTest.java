package org.basin.engine.cuda.twin;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.hipparchus.special.Erf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against directional finite differences of the activations in double precision. */
class TangentTwinTest {
  private static final double H = 1e-4;

  private final Random random = new Random(11);

  private float[] normal(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static double activation(int kind, double z) {
    return switch (kind) {
      case ActivationTwin.RELU -> Math.max(0, z);
      case ActivationTwin.TANH -> Math.tanh(z);
      case ActivationTwin.GELU -> 0.5 * z * Erf.erfc(-z / Math.sqrt(2));
      default -> z;
    };
  }

  private static double slope(int kind, double z) {
    return (activation(kind, z + H) - activation(kind, z - H)) / (2 * H);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void forwardAndBackwardInADirection(int kind) {
    int n = 200;
    TangentTwin.Shape points = new TangentTwin.Shape(1, 1, kind, 1, 1, n, n);
    float[] z = normal(n);
    float[] a = new float[n];
    for (int i = 0; i < n; i++) {
      z[i] += Math.signum(z[i]) * 0.01f; // not at ReLU's corner
      a[i] = ActivationTwin.activation(kind, z[i]);
    }
    float[] kept = kind == ActivationTwin.GELU ? z : null;
    float[] derivative = normal(n); // by the outputs
    float[] delta = derivative.clone();
    float[] curve = new float[n];
    TangentTwin.linearizeBackward(points, delta, curve, a, kept);

    TangentTwin.Shape vectors = new TangentTwin.Shape(2, 1, kind, 1, 1, n, n);
    float[] direction = normal(2 * n); // of z
    float[] t = direction.clone();
    float[] u = new float[2 * n];
    TangentTwin.tangentActivate(vectors, t, u, a, kept);
    assertArrayEquals(direction, u);
    float[] change = normal(2 * n); // of the derivative by the outputs
    float[] d = change.clone();
    TangentTwin.tangentActivateBackward(vectors, d, u, curve, a, kept);
    float[] gaussNewton = change.clone();
    TangentTwin.tangentActivateBackward(vectors, gaussNewton, null, null, a, kept);

    for (int i = 0; i < n; i++) {
      assertEquals(derivative[i] * slope(kind, z[i]), delta[i], 2e-6);
      for (int v = 0; v < 2; v++) {
        int at = v * n + i;
        assertEquals(direction[at] * slope(kind, z[i]), t[at], 2e-6);
        assertEquals(change[at] * slope(kind, z[i]), gaussNewton[at], 2e-6);
        double after = (derivative[i] + H * change[at]) * slope(kind, z[i] + H * direction[at]);
        double before = (derivative[i] - H * change[at]) * slope(kind, z[i] - H * direction[at]);
        assertEquals((after - before) / (2 * H), d[at], 1e-5);
      }
    }
  }

  @Test
  void vectorsAreAtThePointsInTurn() {
    TangentTwin.Shape shape = new TangentTwin.Shape(4, 2, ActivationTwin.RELU, 1, 1, 2, 2);
    float[] a = {1, 0, 0, 1};
    float[] t = {1, 2, 3, 4, 5, 6, 7, 8};
    TangentTwin.tangentActivate(shape, t, null, a, null);
    assertArrayEquals(new float[] {1, 0, 0, 4, 5, 0, 0, 8}, t);
    float[] d = {1, 1, 1, 1, 1, 1, 1, 1};
    TangentTwin.tangentActivateBackward(shape, d, t, new float[] {10, 20, 30, 40}, a, null);
    assertArrayEquals(new float[] {11, 0, 0, 161, 51, 0, 0, 321}, d);
  }
}
