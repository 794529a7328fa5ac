package org.basin.train;

import org.basin.data.DataShape;
import org.basin.model.MlpSpec;

/**
 * What the replicas of a stack have in common, so that a step of one is a step of all. They may
 * differ in everything else: data, labels, seed, schedule, stopping, and the scalars of optimiser,
 * smoothing and clipping.
 *
 * @param spec the network
 * @param loss what is minimised
 * @param optimizer by which rule
 * @param epochs passes over the training examples
 * @param batch examples a step
 * @param evaluateEvery epochs between evaluations
 * @param data how many examples there are, of how many features and classes
 */
public record StackShape(
    MlpSpec spec,
    LossFunction loss,
    OptimizerKind optimizer,
    int epochs,
    int batch,
    int evaluateEvery,
    DataShape data) {

  /** The shape of a network trained with {@code options} on data of shape {@code data}. */
  public static StackShape of(MlpSpec spec, TrainingOptions options, DataShape data) {
    return new StackShape(
        spec,
        options.loss(),
        options.optimizer().name(),
        options.epochs(),
        options.batchSize().resolve(data.train()),
        options.evaluateEvery(),
        data);
  }

  /** The shape of {@code task}. */
  public static StackShape of(TrainingTask task) {
    return of(task.spec(), task.options(), task.data().shape());
  }
}
