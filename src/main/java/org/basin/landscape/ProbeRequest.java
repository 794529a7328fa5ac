package org.basin.landscape;

import java.util.Objects;
import org.basin.model.MlpSpec;
import org.basin.train.BatchNormPolicy;
import org.basin.train.ObjectiveOptions;
import org.basin.train.TrainingOptions;

/**
 * A probe with its options: what an experiment's {@code probes} name.
 *
 * @param kind the probe
 * @param conditions what every probe lets one choose
 * @param options its own, of the kind's class
 */
public record ProbeRequest(ProbeKind<?> kind, ProbeConditions conditions, Record options) {

  /** Checks that the options are of the kind's class. */
  public ProbeRequest {
    if (!kind.options().isInstance(options)) {
      throw new IllegalArgumentException(
          "%s takes %s, not %s"
              .formatted(kind.name(), kind.options(), Objects.requireNonNull(options).getClass()));
    }
  }

  /** Whether two networks of a point are compared, and not each is measured by itself. */
  public boolean betweenNetworks() {
    return options instanceof BetweenNetworks;
  }

  /** Whether several networks of a shape may be measured side by side. */
  public boolean sideBySide() {
    return options instanceof AsksObjectives
        && conditions.everySteps() == null
        && !betweenNetworks();
  }

  /**
   * Bytes of the heap that the measuring of such a network takes at most, about, where it may be
   * measured {@link #sideBySide} others; 0 where not.
   */
  public long heapBytes(MlpSpec spec) {
    return options instanceof AsksObjectives asking ? asking.heapBytes(spec) : 0;
  }

  /**
   * Checks that the probe can measure such a network, as far as can be told before it is trained.
   *
   * @throws org.basin.InvalidInputException saying what it cannot measure and what is allowed
   */
  public void requireMeasurable(MlpSpec spec) {
    if (options instanceof RefusesNetworks refusing) {
      refusing.requireMeasurable(spec, conditions.batchNorm().policy());
    }
  }

  /**
   * What is measured of a network that was trained with {@code training}.
   *
   * <p>Between networks, every one on the way is the measured one: recalibrated statistics are
   * those of the examples at every parameter vector.
   */
  public ObjectiveOptions objective(TrainingOptions training) {
    boolean everywhere =
        betweenNetworks() && conditions.batchNorm() == NormalizationStatistics.RECALIBRATED;
    BatchNormPolicy policy = everywhere ? BatchNormPolicy.BATCH : conditions.batchNorm().policy();
    return conditions.objective().options(training, policy);
  }
}
