package org.basin.landscape;

import org.basin.train.BatchNormPolicy;
import org.basin.train.ObjectiveOptions;
import org.basin.train.TrainingOptions;

/** Which function of the parameters a probe measures. */
public enum MeasuredObjective {
  /** What training minimised: smoothed targets and ½ c ‖w‖² with it. */
  TRAINED,
  /** The plain mean loss, without smoothing and penalty. */
  PLAIN;

  /** The objective's options for a network trained with {@code options}. */
  public ObjectiveOptions options(TrainingOptions options, BatchNormPolicy batchNorm) {
    return switch (this) {
      case TRAINED -> ObjectiveOptions.trained(options, batchNorm);
      case PLAIN -> new ObjectiveOptions(options.loss(), 0, 0, batchNorm);
    };
  }
}
