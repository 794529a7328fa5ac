package org.basin.landscape.sharpness;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.basin.InvalidSettingException;
import org.basin.engine.ObjectiveCase;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Measurement;
import org.basin.model.ParameterLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BasinWidthProbeTest {
  private static final List<Double> RADII = BasinWidthOptions.DEFAULTS.radii();
  private static final double KNOWING_NOTHING = Math.log(2); // of a written loss: two classes

  private static BasinWidthOptions options(boolean filterNormalized, int directions) {
    return new BasinWidthOptions(0.1, RADII, filterNormalized, directions, 3, 2, 0.001);
  }

  private static Measurement measure(ToDoubleFunction<double[]> loss, float... theta)
      throws InterruptedException {
    return Subjects.measure(new BasinWidthProbe(options(false, 200)), loss, theta);
  }

  /** Of a linear model with squared error, at its minimum: √(2 rise / λ) to both sides. */
  @Test
  void eigenvectorsOfAQuadratic() throws InterruptedException {
    ObjectiveCase sloping = Subjects.network(8, List.of(), 4, Subjects.MSE, 60);
    double[] ones = Scaling.PLAIN.of(sloping.theta());
    Quadratic truth = Quadratic.of(sloping, ones);
    ObjectiveCase c = Subjects.at(sloping, truth.minimum(sloping.theta()));
    Measurement measured = Subjects.measure(new BasinWidthProbe(options(true, 20)), c, 1);
    double rise = 0.1 * 3 / 16;
    assertEquals(rise, ((BasinWidthDetails) measured.details()).rise(), 1e-15);
    int size = truth.eigenvalues().length;
    for (String name : List.of("largest", "smallest")) {
      double[] distances = Subjects.column(measured, name + "Eigenvectors", "distance");
      double[] quadratic = Subjects.column(measured, name + "Eigenvectors", "quadratic");
      double[] converged = Subjects.column(measured, name + "Eigenvectors", "converged");
      assertEquals(name.equals("largest") ? 6 : 4, distances.length);
      for (int i = 0; i < distances.length; i++) {
        int k = name.equals("largest") ? i / 2 : size - 1 - i / 2;
        double exact = Math.sqrt(2 * rise / truth.eigenvalues()[k]);
        assertEquals(exact, distances[i], 2e-3 * exact);
        assertEquals(exact, quadratic[i], 1e-3 * exact);
        assertEquals(1, converged[i]);
      }
    }
    double widest = Math.sqrt(2 * rise / truth.eigenvalues()[size - 1]);
    Uncertain half = Subjects.scalar(measured, "smallestEigenvectorHalfWidth");
    assertEquals(widest, half.value(), 2e-3 * widest);
    assertEquals(
        Math.sqrt(2 * rise / truth.eigenvalues()[0]),
        Subjects.scalar(measured, "largestEigenvectorQuadratic").value(),
        1e-3);
  }

  /** The root of t ‖g‖ + ½ t² gᵀHg / ‖g‖² = rise, uphill and downhill. */
  @Test
  void theGradientOfAQuadratic() throws InterruptedException {
    ObjectiveCase c = Subjects.network(8, List.of(), 4, Subjects.MSE, 60);
    Quadratic truth = Quadratic.of(c, Scaling.PLAIN.of(c.theta()));
    double slope = PerturbedLoss.norm(truth.gradient());
    double curvature = 2 * (truth.oneStep(1) - slope);
    double rise = 0.1 * 3 / 16;
    double root = Math.sqrt(slope * slope + 2 * curvature * rise);
    Measurement measured = Subjects.measure(new BasinWidthProbe(options(true, 20)), c, 1);
    double ascent = (root - slope) / curvature;
    double descent = (root + slope) / curvature;
    assertEquals(ascent, Subjects.scalar(measured, "ascentDistance").value(), 2e-3 * ascent);
    assertEquals(descent, Subjects.scalar(measured, "descentDistance").value(), 2e-3 * descent);
    assertTrue(Subjects.scalar(measured, "descentDistance").converged());
  }

  /**
   * ½ (a x² + b y²) around (0, 0) of a loss shifted to θ = (3, 4), norm 5: a direction at angle φ
   * rises at t with ½ t² 25 (a cos² φ + b sin² φ) = rise, and φ is uniform.
   */
  @Test
  void theShareOfDirectionsInside() throws InterruptedException {
    double a = 1;
    double b = 0.01;
    ToDoubleFunction<double[]> valley =
        x -> 0.5 * (a * (x[0] - 3) * (x[0] - 3) + b * (x[1] - 4) * (x[1] - 4));
    Measurement measured = measure(valley, 3, 4);
    double rise = 0.1 * KNOWING_NOTHING;
    double[] share = Subjects.column(measured, "insideShare", "value");
    double[] error = Subjects.column(measured, "insideShare", "standardError");
    for (int r = 0; r < share.length; r++) {
      double needed = 2 * rise / (25 * RADII.get(r) * RADII.get(r)); // a cos² + b sin²
      double cosine = Math.sqrt(Math.clamp((needed - b) / (a - b), 0, 1));
      double truth = 1 - 2 / Math.PI * Math.acos(cosine);
      assertEquals(truth, share[r], 3.5 * error[r], "at " + RADII.get(r));
    }
    double diagonal = Math.sqrt(2 * rise / (25 * (a + b) / 2)); // at the median angle
    Uncertain median = Subjects.scalar(measured, "randomDistance");
    assertEquals(diagonal, median.value(), 3.5 * median.standardError());
    assertTrue(median.standardError() < 0.15 * diagonal);
    assertTrue(median.converged());
  }

  @Test
  void whereTheLossNeverRisesNothingIsClaimed() throws InterruptedException {
    // Flat along y, and downhill for ever along z.
    ToDoubleFunction<double[]> trough = x -> 0.5 * x[0] * x[0] - 0.01 * x[2];
    Measurement measured = measure(trough, 0, 2, 0);
    double[] distances = Subjects.column(measured, "smallestEigenvectors", "distance");
    double[] converged = Subjects.column(measured, "smallestEigenvectors", "converged");
    double[] searched = Subjects.column(measured, "smallestEigenvectors", "searched");
    assertTrue(Arrays.stream(distances).anyMatch(Double::isNaN));
    for (int i = 0; i < distances.length; i++) {
      assertEquals(20, searched[i], 1e-12); // 10 ‖θ‖
      assertEquals(Double.isNaN(distances[i]), converged[i] == 0);
    }
    Uncertain half = Subjects.scalar(measured, "smallestEigenvectorHalfWidth");
    assertFalse(half.converged());
    Uncertain descent = Subjects.scalar(measured, "descentDistance");
    assertEquals(20, descent.value(), 1e-12);
    assertFalse(descent.converged());
    Uncertain ascent = Subjects.scalar(measured, "ascentDistance");
    assertEquals(0.1 * KNOWING_NOTHING / 0.01, ascent.value(), 0.02);
  }

  @Test
  void aLossThatIsNotFiniteHasRisen() throws InterruptedException {
    ToDoubleFunction<double[]> cliff = x -> Math.hypot(x[0], x[1] - 1) > 0.3 ? Double.NaN : 0;
    Measurement measured = measure(cliff, 0, 1);
    double[] distances = Subjects.column(measured, "randomDistances", "distance");
    for (double distance : distances) {
      assertEquals(0.3, distance, 0.001);
    }
    assertArrayEquals(
        RADII.stream().mapToDouble(radius -> radius < 0.3 ? 1 : 0).toArray(),
        Subjects.column(measured, "insideShare", "value"));
    assertFalse(Subjects.scalar(measured, "ascentDistance").converged(), "there is no gradient");
  }

  @Test
  void theFirstRiseIsTheEdge() throws InterruptedException {
    // Up at 0.15, down again at 0.4.
    ToDoubleFunction<double[]> ring =
        x -> Math.abs(Math.hypot(x[0], x[1] - 1) - 0.275) < 0.125 ? 1 : 0;
    Measurement measured = measure(ring, 0, 1);
    assertEquals(0.15, Subjects.scalar(measured, "randomDistance").value(), 0.001);
    double[] share = Subjects.column(measured, "insideShare", "value");
    assertEquals(0, share[RADII.indexOf(0.2)]);
    assertEquals(1, share[RADII.indexOf(0.5)], "inside again is inside");
  }

  @Test
  void filterNormalizedDirections() {
    ObjectiveCase c = Subjects.network(8, List.of(12), 4, Subjects.MSE, 10);
    float[] theta = c.theta();
    ParameterLayout layout = new ParameterLayout(c.spec());
    double[] direction = RandomDirection.filterNormalized(c.spec(), theta, new SplittableRandom(1));
    for (int unit = 0; unit < 12; unit++) {
      int from = layout.weight(0) + unit;
      double ours = 0;
      double wanted = 0;
      for (int i = 0; i < 8; i++) {
        ours += direction[from + 12 * i] * direction[from + 12 * i];
        wanted += (double) theta[from + 12 * i] * theta[from + 12 * i];
      }
      assertEquals(wanted, ours, 1e-12 * wanted);
      assertEquals(0, direction[layout.bias(0) + unit]);
    }
    double[] whole = RandomDirection.normalized(theta, new SplittableRandom(1));
    double norm = 0;
    for (float value : theta) {
      norm += (double) value * value;
    }
    assertEquals(Math.sqrt(norm), PerturbedLoss.norm(whole), 1e-9);
    assertNotEquals(0, whole[layout.bias(0)]);
  }

  /** Binomial draws are within two errors of the truth in 93 % of the cases or more. */
  @ParameterizedTest
  @ValueSource(doubles = {0.001, 0.03, 0.3, 0.5, 0.9, 0.999})
  void theErrorOfAShareCoversIt(double truth) {
    SplittableRandom random = new SplittableRandom(3);
    int covered = 0;
    for (int trial = 0; trial < 2000; trial++) {
      int inside = (int) IntStream.range(0, 50).filter(i -> random.nextDouble() < truth).count();
      Uncertain share = DirectionsInside.share(inside, 50);
      covered += Math.abs(share.value() - truth) <= 2 * share.standardError() ? 1 : 0;
    }
    assertTrue(covered >= 1860, covered + " of 2000 within two errors");
  }

  @Test
  void noneAndAllAreNotCertain() {
    assertEquals(1.0 / 51, DirectionsInside.share(0, 50).standardError(), 1e-12);
    assertEquals(1.0 / 51, DirectionsInside.share(50, 50).standardError(), 1e-12);
  }

  @Test
  void aMedianBesideDistancesThatWereNotFound() {
    Distance[] distances = new Distance[16];
    for (int i = 0; i < 16; i++) {
      distances[i] = i < 4 ? Distance.beyond(10) : new Distance(i, 0, true);
    }
    Uncertain median = DirectionsInside.median(distances);
    assertEquals(11.5, median.value(), "of 4 to 15 and four beyond");
    assertTrue(median.converged());
    distances[4] = Distance.beyond(10);
    distances[5] = Distance.beyond(10);
    assertEquals(13.5, DirectionsInside.median(distances).value());
    assertFalse(DirectionsInside.median(distances).converged(), "its error is not known");
    for (int i = 6; i < 10; i++) {
      distances[i] = Distance.beyond(10);
    }
    assertFalse(DirectionsInside.median(distances).converged());
  }

  @Test
  void theErrorOfTheMedianCoversIt() {
    SplittableRandom random = new SplittableRandom(5);
    int covered = 0;
    for (int trial = 0; trial < 1000; trial++) {
      Distance[] distances = new Distance[50];
      for (int i = 0; i < 50; i++) {
        distances[i] = new Distance(Math.exp(random.nextGaussian()), 0, true);
      }
      Uncertain median = DirectionsInside.median(distances);
      covered += Math.abs(median.value() - 1) <= median.standardError() ? 1 : 0;
    }
    assertTrue(covered > 600 && covered < 800, covered + " of 1000 within one error");
  }

  @Test
  void aNetworkWithTheDefaultOptions() throws InterruptedException {
    ObjectiveCase c = Subjects.network(8, List.of(12, 10), 4, Subjects.CROSS_ENTROPY, 60);
    BasinWidthProbe probe = new BasinWidthProbe(BasinWidthOptions.DEFAULTS);
    Measurement measured = Subjects.measure(probe, c, 1);
    assertEquals(measured.scalars(), Subjects.measure(probe, c, 1).scalars());
    assertNotEquals(
        Subjects.scalar(measured, "randomDistance"),
        Subjects.scalar(Subjects.measure(probe, c, 2), "randomDistance"));
    double[] eigenvalues = Subjects.column(measured, "largestEigenvectors", "eigenvalue");
    double[] distances = Subjects.column(measured, "largestEigenvectors", "distance");
    assertEquals(eigenvalues[0], eigenvalues[1]);
    assertTrue(distances[0] < distances[1], "the first side is uphill");
    Uncertain ascent = Subjects.scalar(measured, "ascentDistance");
    assertTrue(ascent.value() < Subjects.scalar(measured, "descentDistance").value());
  }

  @Test
  void noEigenvectors() throws InterruptedException {
    BasinWidthOptions none = new BasinWidthOptions(0.1, RADII, true, 4, 0, 0, 0.01);
    ObjectiveCase c = Subjects.network(8, List.of(12), 4, Subjects.CROSS_ENTROPY, 60);
    Measurement measured = Subjects.measure(new BasinWidthProbe(none), c, 1);
    assertEquals(
        List.of("randomDistance", "ascentDistance", "descentDistance"),
        List.copyOf(measured.scalars().keySet()));
  }

  @Test
  void anInterruptionEndsIt() {
    ObjectiveCase c = Subjects.network(8, List.of(12), 4, Subjects.CROSS_ENTROPY, 60);
    BasinWidthProbe probe = new BasinWidthProbe(BasinWidthOptions.DEFAULTS);
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> Subjects.measure(probe, c, 1));
    assertFalse(Thread.interrupted());
  }

  @Test
  void radiiAscend() {
    InvalidSettingException descending =
        assertThrows(
            InvalidSettingException.class,
            () -> new BasinWidthOptions(0.1, List.of(2.0, 1.0), true, 50, 3, 2, 0.01));
    assertEquals("radii is [2.0, 1.0], allowed: ascending radii", descending.getMessage());
  }
}
