package org.basin.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class GradientClippingTest {

  private static float[] clipped(Double globalNorm, Double elementwise, float... gradient) {
    new GradientClipping(new ClippingOptions(globalNorm, elementwise)).clip(gradient);
    return gradient;
  }

  @Test
  void aNormAtTheBoundStays() {
    assertArrayEquals(new float[] {3, 4}, clipped(5.0, null, 3, 4));
  }

  @Test
  void aNormAboveTheBoundIsScaledDownToIt() {
    assertArrayEquals(new float[] {3, 4}, clipped(5.0, null, 6, 8), 1e-6f);
  }

  @Test
  void elementwise() {
    assertArrayEquals(new float[] {1, -1, 0.5f}, clipped(null, 1.0, 3, -4, 0.5f));
  }

  @Test
  void elementwiseComesBeforeTheNorm() {
    assertArrayEquals(new float[] {3, 3}, clipped(Math.sqrt(18), 3.0, 3, 100), 1e-5f);
  }

  @Property(seed = "1")
  void bothBoundsHoldAfterwards(
      @ForAll @Size(min = 1, max = 20) float[] gradient,
      @ForAll @FloatRange(min = 0.01f, max = 10f) float norm,
      @ForAll @FloatRange(min = 0.01f, max = 10f) float limit) {
    float[] clipped = clipped((double) norm, (double) limit, gradient.clone());
    assertTrue(GradientClipping.norm(clipped) <= norm * (1 + 1e-6));
    for (float g : clipped) {
      assertTrue(Math.abs(g) <= limit);
    }
  }
}
