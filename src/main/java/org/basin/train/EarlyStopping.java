package org.basin.train;

import java.util.function.Supplier;
import org.basin.model.NetworkState;
import org.jspecify.annotations.Nullable;

/**
 * Early stopping on the validation loss (Prechelt 1998): stop after {@code patience} evaluations
 * without an improvement of more than {@code minImprovement}, and go back to the best parameters.
 */
public final class EarlyStopping {
  private final int patience;
  private final double minImprovement;
  private int evaluationsSinceBest;
  private @Nullable HistoryRow bestRow;
  private @Nullable NetworkState bestState;

  /**
   * A rule that has seen nothing yet.
   *
   * @param patience evaluations without improvement that end training, 1 or more
   * @param minImprovement least decrease of the loss that counts
   */
  public EarlyStopping(int patience, double minImprovement) {
    this.patience = patience;
    this.minImprovement = minImprovement;
  }

  /**
   * Looks at one evaluation.
   *
   * @param row the evaluation
   * @param network what was evaluated; its state is read only when it is the best so far
   * @return whether training should stop
   */
  public boolean shouldStop(HistoryRow row, Supplier<NetworkState> network) {
    if (bestRow == null || row.validationLoss() < bestRow.validationLoss() - minImprovement) {
      bestRow = row;
      bestState = network.get();
      evaluationsSinceBest = 0;
      return false;
    }
    evaluationsSinceBest++;
    return evaluationsSinceBest >= patience;
  }

  /** The best evaluation so far; null before the first. */
  public @Nullable HistoryRow bestRow() {
    return bestRow;
  }

  /** The network of the best evaluation so far; null before the first. */
  public @Nullable NetworkState bestState() {
    return bestState;
  }
}
