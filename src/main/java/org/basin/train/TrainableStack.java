package org.basin.train;

import org.basin.model.NetworkState;
import org.jspecify.annotations.Nullable;

/**
 * Replicas of one {@link StackShape} on an engine, in training in lock-step: what an engine
 * supplies for {@link TrainingLoop}. R is {@link #size}; replica r is counted from 0.
 */
public interface TrainableStack extends AutoCloseable {

  /** Replicas R that are held now. */
  int size();

  /**
   * Does one optimiser step of every replica per column of {@code learningRates}: step i of replica
   * r trains on its training examples {@code orders[r][from + i batch ... ]}, at most {@code batch}
   * of them and fewer where the order ends. Returns early, in whatever state, when the thread is
   * interrupted.
   *
   * @param orders indices of training examples, {@code [R, n]}; rewritten once this has returned
   * @param from where in an order the first step starts
   * @param batch examples a step
   * @param learningRates scheduled rate of each step before the layers' multipliers, {@code [R,
   *     steps]}, 1 step or more; a replica that has ended may get any
   * @param norms receives, {@code [R]}, the Euclidean norm of the last step's mean gradient of the
   *     loss (smoothed as trained), before clipping and without penalties
   */
  void step(int[][] orders, int from, int batch, double[][] learningRates, double[] norms);

  /**
   * Loss and error of every replica on its own data, in evaluation mode (batch normalisation by
   * running statistics), as {@link LossEvaluation#of} has them.
   *
   * @param smoothed whether targets are smoothed, by each replica's own ε; the plain loss otherwise
   * @return {@code [R]}; of an empty subset loss and error are NaN
   */
  LossEvaluation[] evaluate(Subset subset, boolean smoothed);

  /**
   * A copy of the numbers of replica {@code r} now. Between two calls of {@link #step} it may be
   * asked for of every replica, one after the other.
   */
  NetworkState state(int r);

  /**
   * A copy of Adam's uncorrected second moment of replica {@code r}, {@code [P]}; null for
   * optimisers without one, and from an engine that does not tell.
   */
  float @Nullable [] secondMoment(int r);

  /** Sets the numbers of replica {@code r}; the optimiser's state stays. */
  void restore(int r, NetworkState state);

  /**
   * Drops all replicas but some: afterwards replica i is what was {@code replicas[i]}, optimiser's
   * state and data included.
   *
   * @param replicas ascending, 1 or more, fewer than R
   */
  void keep(int[] replicas);

  @Override
  void close();
}
