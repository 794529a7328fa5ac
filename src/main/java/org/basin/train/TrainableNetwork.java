package org.basin.train;

import org.basin.data.Examples;
import org.basin.model.NetworkState;
import org.jspecify.annotations.Nullable;

/**
 * A network on an engine, in training: what an engine that trains one replica at a time supplies
 * for {@link TrainingLoop}.
 */
public interface TrainableNetwork extends AutoCloseable {

  /**
   * Does one optimiser step per learning rate: step i trains on the examples {@code order[from + i
   * batch ... ]}, at most {@code batch} of them and fewer where {@code order} ends. Returns early,
   * in whatever state, when the thread is interrupted.
   *
   * @param order indices of training examples
   * @param from where in {@code order} the first step starts
   * @param batch examples a step
   * @param learningRates scheduled rate of each step, before the layers' multipliers
   * @return Euclidean norm of the last step's mean gradient of the loss (smoothed as trained),
   *     before clipping and without penalties
   */
  double step(int[] order, int from, int batch, double[] learningRates);

  /**
   * Outputs in evaluation mode (batch normalisation by running statistics).
   *
   * @param logits receives {@code [count, classes]}, row-major; at least that long
   */
  void logits(Examples examples, float[] logits);

  /** A copy of the network's numbers now. */
  NetworkState state();

  /**
   * A copy of Adam's uncorrected second moment, {@code [P]}; null for optimisers without one, and
   * from an engine that does not tell.
   */
  default float @Nullable [] secondMoment() {
    return null;
  }

  /** Sets the network's numbers; the optimiser's state stays. */
  void restore(NetworkState state);

  @Override
  void close();
}
