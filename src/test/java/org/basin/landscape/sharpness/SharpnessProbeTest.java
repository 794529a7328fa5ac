package org.basin.landscape.sharpness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.basin.InvalidSettingException;
import org.basin.engine.ObjectiveCase;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Source;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.model.ParameterLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SharpnessProbeTest {
  private static final List<Double> RADII = List.of(0.05, 0.2, 1.0);
  private static final SharpnessOptions OPTIONS =
      new SharpnessOptions(RADII, RADII, 40, 20, 3, 400);

  private static Measurement measure(SharpnessOptions options, ObjectiveCase c)
      throws InterruptedException {
    return Subjects.measure(new SharpnessProbe(options), c, 1);
  }

  private static String name(Scaling scaling, String plain) {
    return scaling == Scaling.PLAIN
        ? plain
        : "adaptive" + plain.substring(0, 1).toUpperCase(Locale.ROOT) + plain.substring(1);
  }

  private static void assertQuadratic(ObjectiveCase c, Scaling scaling, boolean sloping)
      throws InterruptedException {
    Quadratic truth = Quadratic.of(c, scaling.of(c.theta()));
    Measurement measured = measure(OPTIONS, c);
    double[] worst = Subjects.column(measured, name(scaling, "worstCase"), "value");
    double[] converged = Subjects.column(measured, name(scaling, "worstCase"), "converged");
    double[] oneStep = Subjects.column(measured, name(scaling, "worstCaseOneStep"), "value");
    double[] average = Subjects.column(measured, name(scaling, "averageCase"), "value");
    double[] error = Subjects.column(measured, name(scaling, "averageCase"), "standardError");
    for (int r = 0; r < RADII.size(); r++) {
      double radius = RADII.get(r);
      double rounding = 1e-6; // of losses about 1
      assertEquals(truth.worst(radius), worst[r], 2e-3 * truth.worst(radius) + rounding);
      assertEquals(1, converged[r]);
      if (sloping) {
        assertEquals(truth.oneStep(radius), oneStep[r], 1e-4 * truth.oneStep(radius) + rounding);
      }
      double mean = radius * radius * truth.trace() / (2 * c.theta().length);
      assertEquals(mean, average[r], 4 * error[r]);
      assertTrue(error[r] < 0.05 * mean + rounding, "the average is known well");
    }
  }

  @ParameterizedTest
  @EnumSource(Scaling.class)
  void aLinearModelOnASlope(Scaling scaling) throws InterruptedException {
    assertQuadratic(Subjects.network(8, List.of(), 4, Subjects.MSE, 60), scaling, true);
  }

  @ParameterizedTest
  @EnumSource(Scaling.class)
  void aLinearModelAtItsMinimum(Scaling scaling) throws InterruptedException {
    ObjectiveCase c = Subjects.network(8, List.of(), 4, Subjects.MSE, 60);
    double[] ones = Scaling.PLAIN.of(c.theta());
    assertQuadratic(Subjects.at(c, Quadratic.of(c, ones).minimum(c.theta())), scaling, false);
  }

  /**
   * ReLU(a z) / a = ReLU(z): with a power of two, float32 has no part in it. Plain sharpness
   * changes under it (Dinh et al. 2017), adaptive sharpness does not.
   */
  @Test
  void adaptiveSharpnessDoesNotSeeTheScaleOfANeuron() throws InterruptedException {
    ObjectiveCase c = Subjects.network(8, List.of(12, 10), 4, Subjects.CROSS_ENTROPY, 60);
    ParameterLayout layout = new ParameterLayout(c.spec());
    float[] rescaled = c.theta().clone();
    for (int unit = 0; unit < 12; unit += 2) {
      for (int i = 0; i < 8; i++) {
        rescaled[layout.weight(0) + i * 12 + unit] *= 8;
      }
      rescaled[layout.bias(0) + unit] *= 8;
      for (int k = 0; k < 10; k++) {
        rescaled[layout.weight(1) + unit * 10 + k] /= 8;
      }
    }
    Measurement before = measure(SharpnessOptions.DEFAULTS, c);
    Measurement after = measure(SharpnessOptions.DEFAULTS, Subjects.at(c, rescaled));
    before
        .scalars()
        .forEach(
            (name, value) -> {
              double other = Subjects.scalar(after, name).value();
              if (name.startsWith("adaptive")) {
                assertEquals(value.value(), other, 1e-5 * Math.abs(value.value()), name);
              } else {
                assertTrue(Math.abs(other / value.value() - 1) > 0.2, name);
              }
            });
  }

  @Test
  void theWorstCaseGrowsWithTheRadiusAndIsNoLessThanOneStep() throws InterruptedException {
    ObjectiveCase c = Subjects.network(8, List.of(12, 10), 4, Subjects.CROSS_ENTROPY, 60);
    Measurement measured = measure(SharpnessOptions.DEFAULTS, c);
    for (String name :
        List.of("worstCase", "mSharpness", "adaptiveWorstCase", "adaptiveMSharpness")) {
      double[] worst = Subjects.column(measured, name, "value");
      double[] oneStep = Subjects.column(measured, name + "OneStep", "value");
      double below = 0;
      for (int r = 0; r < worst.length; r++) {
        assertTrue(worst[r] > below, name);
        assertTrue(worst[r] >= oneStep[r], name);
        below = worst[r];
      }
    }
  }

  @Property(tries = 25, seed = "1")
  void theWorstCaseIsNotNegativeWhateverTheNetwork(@ForAll @LongRange(min = 0) long seed)
      throws InterruptedException {
    ObjectiveCase c = ObjectiveCase.random(seed);
    Measurement measured = measure(new SharpnessOptions(List.of(0.1), List.of(0.5), 8, 4, 3, 2), c);
    for (String name : List.of("worstCase", "mSharpness")) {
      for (Scaling scaling : Scaling.values()) {
        Uncertain worst = Subjects.scalar(measured, name(scaling, name));
        Uncertain oneStep = Subjects.scalar(measured, name(scaling, name) + "OneStep");
        assertTrue(worst.value() >= Math.max(0, oneStep.value()), name);
      }
    }
  }

  @Test
  void batches() throws InterruptedException {
    ObjectiveCase c = Subjects.network(8, List.of(12, 10), 4, Subjects.CROSS_ENTROPY, 65);
    SharpnessOptions some = new SharpnessOptions(RADII, RADII, 20, 13, 3, 2);
    Uncertain estimate = Subjects.scalar(measure(some, c), "mSharpness");
    SharpnessOptions all = new SharpnessOptions(RADII, RADII, 20, 13, 99, 2);
    Measurement whole = measure(all, c);
    assertEquals(
        new SharpnessDetails(
            ((SharpnessDetails) whole.details()).loss(),
            c.theta().length,
            c.theta().length,
            13,
            5,
            5),
        whole.details());
    Uncertain mean = Subjects.scalar(whole, "mSharpness");
    assertTrue(estimate.sources().stream().anyMatch(part -> part.source() == Source.SUBSAMPLE));
    assertTrue(mean.sources().stream().noneMatch(part -> part.source() == Source.SUBSAMPLE));
    assertEquals(mean.value(), estimate.value(), 4 * estimate.standardError());
    double full = Subjects.scalar(whole, "worstCase").value();
    assertTrue(mean.value() > full, "a mean of maxima is above the maximum of the mean");
    // Fewer examples than a batch holds: one batch, of all.
    Measurement one = measure(new SharpnessOptions(RADII, RADII, 20, 128, 8, 2), c);
    assertEquals(full, Subjects.scalar(one, "mSharpness").value(), 1e-5 * full);
  }

  /** 12 of a partition's 30 batches, for 60 partitions: 95 % intervals. */
  @Test
  void theErrorOfMSharpnessCoversTheMeanOverAllBatches() throws InterruptedException {
    ObjectiveCase c = Subjects.network(3, List.of(), 2, Subjects.CROSS_ENTROPY, 120);
    int covered = 0;
    for (long seed = 0; seed < 60; seed++) {
      Uncertain[] means = new Uncertain[2];
      for (int i = 0; i < 2; i++) {
        SharpnessOptions options =
            new SharpnessOptions(List.of(0.1), List.of(0.5), 4, 4, i == 0 ? 12 : 30, 2);
        means[i] =
            Subjects.scalar(
                Subjects.measure(new SharpnessProbe(options), c, seed), "mSharpnessOneStep");
      }
      double off = Math.abs(means[0].value() - means[1].value());
      covered += off <= means[0].halfWidth(0.95) ? 1 : 0;
    }
    assertTrue(covered >= 52 && covered < 60, covered + " of 60");
  }

  /** Uphill at θ leads to +ρ, where x² − x³ is lower than at −ρ. */
  @Test
  void theOtherSideIsLookedAtToo() throws InterruptedException {
    ToDoubleFunction<double[]> lopsided =
        x -> x[0] * x[0] - x[0] * x[0] * x[0] + 1e-3 * x[0] + x[1] * x[1] / 2;
    Measurement measured =
        Subjects.measure(new SharpnessProbe(SharpnessOptions.DEFAULTS), lopsided, 0, 0);
    double radius = 0.05;
    assertEquals(
        radius * radius + radius * radius * radius - 1e-3 * radius,
        Subjects.scalar(measured, "worstCase").value(),
        1e-6);
    assertEquals(
        radius * radius - radius * radius * radius + 1e-3 * radius,
        Subjects.scalar(measured, "worstCaseOneStep").value(),
        1e-6);
    assertEquals(0, Subjects.scalar(measured, "adaptiveWorstCase").value(), "0 does not move");
    assertEquals(0, Subjects.scalar(measured, "adaptiveAverageCase").value(), "0 does not move");
  }

  /** The gradient leads to (±1, 0), where it has no part in the steeper direction. */
  @Test
  void aSaddleIsNotTheEnd() throws InterruptedException {
    ToDoubleFunction<double[]> saddle = x -> 0.1 * x[0] + 2 * x[1] * x[1];
    Uncertain worst = worstCase(saddle, 40);
    // At x = c, y² = 1 − c²: highest where 0.1 = 4 c.
    assertEquals(2 + 0.1 * 0.1 / 8, worst.value(), 1e-5);
    assertTrue(worst.converged());
  }

  @Test
  void aHighestPointInsideTheBall() throws InterruptedException {
    // 1 − cos: highest at ±π, whatever the radius beyond.
    ToDoubleFunction<double[]> wave = x -> 1 - Math.cos(x[0]);
    SharpnessOptions wide = new SharpnessOptions(List.of(4.0), List.of(1.0), 40, 4, 2, 2);
    Uncertain worst =
        Subjects.scalar(Subjects.measure(new SharpnessProbe(wide), wave, 0.5f), "worstCase");
    assertEquals(1 + Math.cos(0.5), worst.value(), 1e-3);
    assertTrue(worst.converged());
  }

  @Test
  void anAscentThatIsCutShortSaysSo() throws InterruptedException {
    // Two curvatures alike: the ascent turns slowly from the gradient's direction to the steeper.
    ToDoubleFunction<double[]> alike =
        x -> 0.5 * x[0] * x[0] + 0.6 * x[1] * x[1] + 1e-4 * (x[0] + 0.001 * x[1]);
    double[] allowed = {0.11, 1e-3, 1e-6};
    int[] steps = {8, 54, 400}; // gaining more and more; less and less; nothing
    for (int i = 0; i < 3; i++) {
      Uncertain worst = worstCase(alike, steps[i]);
      assertEquals(0.6, worst.value(), allowed[i] + 1.1e-4); // and the gradient's part
      assertEquals(steps[i] == 400, worst.converged());
    }
  }

  /**
   * The far side of a steep slope is a saddle, from which a second climb gains more with every
   * step; the random point is on this side.
   */
  @ParameterizedTest
  @ValueSource(doubles = {1.2, 3.2})
  void aClimbThatMayStillOvertake(double steeper) throws InterruptedException {
    ToDoubleFunction<double[]> slope =
        x -> x[0] >= 0 ? 3 * x[0] + 1e-5 * x[1] : x[0] * x[0] + steeper * x[1] * x[1] - 1e-5 * x[1];
    Uncertain early = worstCase(slope, 8);
    assertEquals(3, early.value(), 1e-3);
    assertEquals(steeper < 3, early.converged());
    Uncertain late = worstCase(slope, 80);
    assertEquals(Math.max(3, steeper), late.value(), 1e-3);
    assertTrue(late.converged());
  }

  private static Uncertain worstCase(ToDoubleFunction<double[]> loss, int steps)
      throws InterruptedException {
    SharpnessOptions options = new SharpnessOptions(List.of(1.0), List.of(1.0), steps, 4, 2, 2);
    return Subjects.scalar(Subjects.measure(new SharpnessProbe(options), loss, 0, 0), "worstCase");
  }

  @Test
  void aLossThatIsNotFiniteIsNoNumber() throws InterruptedException {
    ToDoubleFunction<double[]> broken =
        x -> Math.abs(x[0]) > 1.07 ? Double.NaN : x[0] * x[0] + x[1] * x[1];
    Measurement measured =
        Subjects.measure(new SharpnessProbe(SharpnessOptions.DEFAULTS), broken, 1, 1);
    Table worst = measured.tables().getFirst();
    assertEquals("worstCase", worst.name());
    assertTrue(Subjects.scalar(measured, "worstCase").converged());
    double[] values = worst.column("value");
    assertTrue(Double.isFinite(values[0]));
    assertTrue(Double.isNaN(values[2]));
    assertEquals(0, worst.column("converged")[2]);
    assertFalse(Subjects.scalar(measured, "adaptiveAverageCase").converged());
  }

  @Test
  void aSeedDecidesEveryNumber() throws InterruptedException {
    ObjectiveCase c = Subjects.network(8, List.of(12), 4, Subjects.CROSS_ENTROPY, 60);
    SharpnessProbe probe = new SharpnessProbe(OPTIONS);
    Map<String, Uncertain> first = Subjects.measure(probe, c, 5).scalars();
    assertEquals(first, Subjects.measure(probe, c, 5).scalars());
    Map<String, Uncertain> other = Subjects.measure(probe, c, 6).scalars();
    assertNotEquals(first.get("averageCase"), other.get("averageCase"));
  }

  @Test
  void anInterruptionEndsIt() {
    ObjectiveCase c = Subjects.network(8, List.of(12), 4, Subjects.CROSS_ENTROPY, 60);
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> measure(OPTIONS, c));
    assertFalse(Thread.interrupted());
  }

  @Test
  void optionsOutOfRange() {
    for (List<Double> radii :
        Arrays.asList(
            List.<Double>of(),
            List.of(0.0),
            List.of(-1.0),
            List.of(Double.NaN),
            List.of(1.0, 1.0))) {
      InvalidSettingException plain =
          assertThrows(
              InvalidSettingException.class,
              () -> new SharpnessOptions(radii, RADII, 20, 128, 8, 50));
      assertEquals("radii", plain.key());
      InvalidSettingException adaptive =
          assertThrows(
              InvalidSettingException.class,
              () -> new SharpnessOptions(RADII, radii, 20, 128, 8, 50));
      assertEquals("adaptiveRadii", adaptive.key());
    }
  }
}
