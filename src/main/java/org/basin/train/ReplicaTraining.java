package org.basin.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;
import org.jspecify.annotations.Nullable;

/** One replica of a stack from its first evaluation to its outcome: what is its own of training. */
final class ReplicaTraining {
  private final TrainingTask task;
  private final LearningRateSchedule schedule;
  private final EpochOrder order;
  private final @Nullable EarlyStopping early;
  private final List<HistoryRow> history = new ArrayList<>();
  private @Nullable TrainingStatus status;
  private boolean interpolates;

  /** The replica before its first evaluation. */
  ReplicaTraining(TrainingTask task) {
    this.task = task;
    schedule = TrainingLoop.schedule(task);
    int examples = task.data().train().count();
    order = new EpochOrder(examples, task.options().batchSize().resolve(examples), task.seed());
    StoppingOptions stopping = task.options().stopping();
    early =
        stopping.patience() == null
            ? null
            : new EarlyStopping(stopping.patience(), stopping.minImprovement());
  }

  TrainingTask task() {
    return task;
  }

  /** Whether the replica has not ended yet. */
  boolean inTraining() {
    return status == null;
  }

  /** The learning rate of step {@code step}. */
  double rate(long step) {
    return schedule.at(step);
  }

  /** The order of the next epoch; overwritten by the next. */
  int[] nextOrder() {
    return order.next();
  }

  /**
   * Looks at an evaluation, after which the replica may have ended.
   *
   * @param last whether it comes after the last epoch
   * @param network what was evaluated; its state is read only when it is the best so far
   */
  void evaluated(HistoryRow row, boolean last, Supplier<NetworkState> network) {
    history.add(row);
    StoppingOptions stopping = task.options().stopping();
    if (row.step() == 0) {
      if (early != null) {
        early.shouldStop(row, network);
      }
    } else if (!Double.isFinite(row.gradientNorm())
        || !(row.trainLoss() <= stopping.divergenceLoss())) {
      status = TrainingStatus.DIVERGED;
    } else if (early != null && early.shouldStop(row, network)) {
      status = TrainingStatus.EARLY_STOPPED;
    } else if (stopping.trainLoss() != null && row.trainLoss() <= stopping.trainLoss()) {
      status = TrainingStatus.COMPLETED;
      interpolates = true;
    } else if (last) {
      status = TrainingStatus.COMPLETED;
    }
  }

  /** The network that a replica that has ended goes back to; null when it keeps its last one. */
  @Nullable NetworkState best() {
    boolean goesBack = status != TrainingStatus.DIVERGED && !interpolates;
    return early != null && goesBack ? early.bestState() : null;
  }

  /**
   * The outcome of a replica that has ended.
   *
   * @param state the network it ended with, {@link #best} where there is one
   * @param smoothedLoss of {@code state} on the training examples, smoothed as trained; null when
   *     that is the plain loss
   * @param seconds the replica's share of the stack's time
   */
  TrainingOutcome outcome(NetworkState state, @Nullable Double smoothedLoss, double seconds) {
    HistoryRow ended = history.getLast();
    HistoryRow row = early != null && best() != null ? early.bestRow() : ended;
    double loss = smoothedLoss == null ? row.trainLoss() : smoothedLoss;
    return new TrainingOutcome(
        status,
        state,
        List.copyOf(history),
        row,
        loss + penalty(state),
        ended.step(),
        ended.epoch(),
        seconds);
  }

  /** ½ c ‖w‖² over the weights. */
  private double penalty(NetworkState state) {
    double coefficient = task.options().optimizer().l2();
    if (coefficient == 0) {
      return 0;
    }
    ParameterLayout layout = new ParameterLayout(task.spec());
    double squares = 0;
    for (int l = 0; l < task.spec().layers(); l++) {
      int from = layout.weight(l);
      int to = from + task.spec().fanIn(l) * task.spec().fanOut(l);
      for (int i = from; i < to; i++) {
        squares += (double) state.parameters()[i] * state.parameters()[i];
      }
    }
    return 0.5 * coefficient * squares;
  }
}
