package org.basin.landscape.trajectory;

import java.util.ArrayList;
import java.util.List;
import org.basin.landscape.Subject;
import org.basin.train.BatchNormPolicy;
import org.basin.train.ObjectiveOptions;
import org.basin.train.TrainingOptions;

/**
 * What to know when one reads a trajectory.
 *
 * @param looks number of looks
 * @param every steps between two of them
 * @param threshold the largest stable sharpness of the optimiser's step, a formula
 * @param notes what could not be had, or means something else than one would think
 */
public record TrajectoryDetails(int looks, long every, String threshold, List<String> notes) {
  public TrajectoryDetails {
    notes = List.copyOf(notes);
  }

  /** Of a subject's training. */
  static TrajectoryDetails of(Subject subject, List<Look> looks, long every) {
    TrainingOptions training = subject.training();
    List<String> notes = new ArrayList<>();
    boolean adaptive = training.optimizer().name().adaptive();
    if (training.clipping().elementwise() != null) {
      notes.add("no threshold: a step with a clip by elements is no linear map");
    }
    if (training.clipping().globalNorm() != null) {
      notes.add("the clip by the global norm raises the threshold while it is active");
    }
    if (adaptive
        && looks.stream().allMatch(look -> Double.isNaN(look.preconditionedSharpness().value()))) {
      notes.add("no threshold: the engine does not tell Adam's second moment");
    } else if (adaptive) {
      notes.add(
          "the threshold is one of the preconditioned Hessian, which there is from step 1 on");
    }
    if (!training.batchSize().isFull()) {
      notes.add("the threshold is that of full batches; the noise of batches keeps below it");
    }
    ObjectiveOptions trained = ObjectiveOptions.trained(training, subject.options().batchNorm());
    if (trained.labelSmoothing() != subject.options().labelSmoothing()) {
      notes.add("the sharpness is that of the plain loss, the threshold that of training");
    }
    boolean normalized = subject.spec().batchNorm();
    if (normalized && subject.options().batchNorm() == BatchNormPolicy.FROZEN) {
      notes.add("training met batch normalisation with the batch's own statistics");
    }
    if (normalized && subject.options().batchNorm() == BatchNormPolicy.BATCH) {
      notes.add("no noise scale: under batch statistics examples have no gradients of their own");
    }
    return new TrajectoryDetails(
        looks.size(), every, LinearizedStep.formula(training.optimizer()), notes);
  }
}
