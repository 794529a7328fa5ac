package org.basin.landscape.trajectory;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.basin.landscape.ProbeKind;
import org.basin.landscape.Subject;
import org.basin.measurement.Measurement;

/**
 * Repeats a training and looks at it on the way: sharpness against what the optimiser's step can
 * bear ({@link LinearizedStep}), gradient noise ({@link GradientNoise}), smoothness along the
 * gradient ({@link GradientSteps}), distance from the start.
 *
 * <p>A training that is stopped early has its last look at or before its end.
 */
public final class TrajectoryProbe {

  /** The probe by its name. */
  public static final ProbeKind<TrajectoryOptions> KIND =
      new ProbeKind<>(
          "trajectory",
          1,
          "sharpness against the edge of stability, gradient noise and smoothness through training",
          TrajectoryOptions.class,
          options -> (subject, random) -> measure(subject, options, random),
          TrajectoryDefinitions.SCALARS);

  private TrajectoryProbe() {}

  private static Measurement measure(
      Subject subject, TrajectoryOptions options, SplittableRandom random)
      throws InterruptedException {
    long steps = subject.retraining().steps();
    Observer observer = new Observer(subject, options.noiseBatches(), random);
    List<Look> looks = new ArrayList<>();
    subject
        .retraining()
        .run(step -> options.next(step, steps), snapshot -> looks.add(observer.at(snapshot)));
    return new Measurement(
        TrajectorySummary.of(looks),
        TrajectoryDetails.of(subject, looks, options.interval(steps)),
        List.of(Look.table(looks)),
        Map.of());
  }
}
