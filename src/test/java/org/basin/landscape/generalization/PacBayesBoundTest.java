package org.basin.landscape.generalization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PacBayesBoundTest {

  /** kl(0 ‖ q) = −ln(1 − q). */
  @Test
  void withoutTrainingErrorTheInverseIsKnown() {
    for (double complexity : new double[] {0, 0.1, 1, 5}) {
      PacBayesBound bound = new PacBayesBound(Double.NaN, complexity);
      assertEquals(1 - Math.exp(-complexity), bound.error(0), 1e-12);
    }
  }

  @Test
  void theInverseIsOne() {
    PacBayesBound bound = new PacBayesBound(Double.NaN, 0.03);
    double q = bound.error(0.2);
    assertTrue(q > 0.2);
    assertEquals(0.03, PacBayesBound.divergence(0.2, q), 1e-12);
    assertEquals(1, new PacBayesBound(Double.NaN, 40).error(0.5), 1e-9);
  }

  /** With λ = σ² = 1 and j = 0 the divergence is ‖θ − θ⁰‖² / 2, and λ costs ln 3. */
  @Test
  void divergenceOfNormalDistributions() {
    PacBayesBound bound = PacBayesBound.of(0, 1000, 1, 100, 0.9);
    assertEquals(0, bound.divergence(), 1e-12);
    assertEquals((Math.log(3) + Math.log(2 * 10 / 0.1)) / 100, bound.complexity(), 1e-12);
    // The best λ is near σ² + D/P = 4: 2^2, and KL = ½ P ln(λ/σ²).
    PacBayesBound moved = PacBayesBound.of(3000, 1000, 1, 100, 0.9);
    assertEquals(500 * Math.log(4), moved.divergence(), 1e-9);
    assertEquals(
        (moved.divergence() + Math.log(3) + 2 * Math.log(2) + Math.log(200)) / 100,
        moved.complexity(),
        1e-12);
  }
}
