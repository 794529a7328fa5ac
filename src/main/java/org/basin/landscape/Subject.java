package org.basin.landscape;

import org.basin.data.Examples;
import org.basin.data.Split;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.basin.train.TrainingOptions;
import org.basin.train.TrainingSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * The network that a probe measures, with everything that may be asked about it.
 *
 * @param spec the network
 * @param training how it was trained
 * @param state its numbers; the probe only reads them
 * @param initial its parameters before training, {@code [P]}
 * @param examples the examples that the objective is a mean over, some or all of the training's
 * @param data the replica's data: all it trained on, validation and test examples
 * @param options what the objective computes
 * @param engine answers objectives
 * @param snapshot the moment of training that this is; null for the trained network
 * @param retraining the training that led here
 * @param partner the network that this one is compared with; null for a probe of single networks
 */
public record Subject(
    MlpSpec spec,
    TrainingOptions training,
    NetworkState state,
    float[] initial,
    Examples examples,
    Split data,
    ObjectiveOptions options,
    ObjectiveEngine engine,
    @Nullable TrainingSnapshot snapshot,
    Retraining retraining,
    @Nullable Partner partner) {

  /** The parameters θ, {@code [P]}. */
  public float[] theta() {
    return state.parameters();
  }

  /** Opens the objective on all of {@link #examples}; to be closed. */
  public Objective objective() {
    return objective(examples);
  }

  /** Opens the objective on {@code some} examples; to be closed. */
  public Objective objective(Examples some) {
    return engine.objective(spec, options, some, state);
  }
}
