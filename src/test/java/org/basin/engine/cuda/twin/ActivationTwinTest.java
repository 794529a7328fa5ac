package org.basin.engine.cuda.twin;

import static org.basin.engine.cuda.twin.ActivationTwin.GELU;
import static org.basin.engine.cuda.twin.ActivationTwin.IDENTITY;
import static org.basin.engine.cuda.twin.ActivationTwin.RELU;
import static org.basin.engine.cuda.twin.ActivationTwin.TANH;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.hipparchus.special.Erf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ActivationTwinTest {
  private static double exact(int kind, double z) {
    return switch (kind) {
      case RELU -> Math.max(0, z);
      case TANH -> Math.tanh(z);
      case GELU -> 0.5 * z * Erf.erfc(-z / Math.sqrt(2));
      default -> z;
    };
  }

  @ParameterizedTest
  @ValueSource(ints = {RELU, TANH, GELU, IDENTITY})
  void valuesAndDerivatives(int kind) {
    double h = 1e-4;
    for (float z = -12.01f; z < 12; z += 0.0625f) { // never near ReLU's corner
      float a = ActivationTwin.activation(kind, z);
      double before = exact(kind, z - h);
      double after = exact(kind, z + h);
      assertEquals(exact(kind, z), a, 2e-7 * Math.abs(z));
      assertEquals((after - before) / (2 * h), ActivationTwin.slope(kind, a, z), 5e-7);
      assertEquals(
          (after - 2 * exact(kind, z) + before) / (h * h), ActivationTwin.bend(kind, a, z), 1e-6);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {RELU, TANH, GELU, IDENTITY})
  void notANumberStaysOne(int kind) {
    assertEquals(Float.NaN, ActivationTwin.activation(kind, Float.NaN));
  }

  @ParameterizedTest
  @ValueSource(ints = {RELU, TANH, GELU, IDENTITY})
  void hugeValuesHaveTheDerivativesOfTheAsymptotes(int kind) {
    for (float z : new float[] {-1e25f, -100, 100, 1e25f}) {
      float a = ActivationTwin.activation(kind, z);
      float slope = kind != TANH && (kind == IDENTITY || z > 0) ? 1 : 0;
      assertEquals(kind == TANH ? Math.signum(z) : slope * z, a, 0);
      assertEquals(slope, ActivationTwin.slope(kind, a, z), 0);
      assertEquals(0, ActivationTwin.bend(kind, a, z), 0);
    }
  }

  @Test
  void leftTailOfGeluKeepsItsDigits() {
    // z Φ(z) at -5: Φ(-5) = 2.866515718791939e-7
    assertEquals(-5 * 2.866515718791939e-7, ActivationTwin.activation(GELU, -5), 5e-12);
  }

  @Test
  void onlyTheLayersValuesAreTouched() {
    // Two replicas of capacity 2 and stride 3; one row of width 2 each.
    float[] a = {-1, 2, 9, 9, 9, 9, 3, -4, 9, 9, 9, 9};
    float[] z = new float[12];
    ActivationTwin.activate(a, z, RELU, 2, 1, 2, 2, 3);
    assertArrayEquals(new float[] {0, 2, 9, 9, 9, 9, 3, 0, 9, 9, 9, 9}, a);
    assertArrayEquals(new float[] {-1, 2, 0, 0, 0, 0, 3, -4, 0, 0, 0, 0}, z);
    float[] delta = new float[12];
    Arrays.fill(delta, 7);
    ActivationTwin.activateBackward(delta, a, null, RELU, 2, 1, 2, 2, 3);
    assertArrayEquals(new float[] {0, 7, 7, 7, 7, 7, 7, 0, 7, 7, 7, 7}, delta);
  }
}
