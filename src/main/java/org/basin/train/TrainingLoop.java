package org.basin.train;

import java.util.ArrayList;
import java.util.List;
import org.basin.data.Examples;
import org.basin.data.Split;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;

/**
 * One replica from its first to its last step: shuffles, schedule, evaluations, stopping. The same
 * for every engine; an engine brings the {@link TrainableNetwork}.
 */
public final class TrainingLoop {
  /** Steps between two reports of progress, so that a long epoch shows. */
  private static final int STEPS_PER_CALL = 256;

  private final TrainingTask task;
  private final TrainableNetwork network;
  private final TrainingProgress progress;
  private final LearningRateSchedule schedule;
  private final List<HistoryRow> history = new ArrayList<>();
  private final float[] logits;
  private final double[] wholeCall = new double[STEPS_PER_CALL];
  private double[] shorterCall = new double[0];
  private long step;
  private int epoch;
  private double gradientNorm = Double.NaN;

  private TrainingLoop(TrainingTask task, TrainableNetwork network, TrainingProgress progress) {
    this.task = task;
    this.network = network;
    this.progress = progress;
    this.schedule = schedule(task);
    Split data = task.data();
    int most =
        Math.max(data.train().count(), Math.max(data.validation().count(), data.test().count()));
    this.logits = new float[Math.multiplyExact(most, task.spec().outputs())];
  }

  /**
   * Trains {@code network} as {@code task} says.
   *
   * @throws InterruptedException when the thread was interrupted
   */
  public static TrainingOutcome run(
      TrainingTask task, TrainableNetwork network, TrainingProgress progress)
      throws InterruptedException {
    return new TrainingLoop(task, network, progress).run();
  }

  /** Steps an epoch: the last, shorter batch counts. */
  public static long stepsPerEpoch(int trainingExamples, BatchSize batchSize) {
    return Math.ceilDiv(trainingExamples, batchSize.resolve(trainingExamples));
  }

  /** The learning-rate schedule of a replica. */
  public static LearningRateSchedule schedule(TrainingTask task) {
    TrainingOptions options = task.options();
    long totalSteps =
        options.epochs() * stepsPerEpoch(task.data().train().count(), options.batchSize());
    return new LearningRateSchedule(
        options.schedule(), options.optimizer().learningRate(), totalSteps);
  }

  private TrainingOutcome run() throws InterruptedException {
    final long start = System.nanoTime();
    TrainingOptions options = task.options();
    StoppingOptions stopping = options.stopping();
    EarlyStopping early =
        stopping.patience() == null
            ? null
            : new EarlyStopping(stopping.patience(), stopping.minImprovement());
    TrainingStatus status = null;
    boolean interpolates = false;
    HistoryRow row = evaluate();
    if (early != null) {
      early.shouldStop(row, network);
    }
    int examples = task.data().train().count();
    EpochOrder order = new EpochOrder(examples, options.batchSize().resolve(examples), task.seed());
    while (status == null) {
      trainEpoch(order.next());
      boolean last = epoch == options.epochs();
      boolean finite = Double.isFinite(gradientNorm);
      if (finite && !last && epoch % options.evaluateEvery() != 0) {
        continue;
      }
      row = evaluate();
      if (!finite || !(row.trainLoss() <= stopping.divergenceLoss())) {
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
    showIfAsked(step - 1);
    NetworkState state = network.state();
    boolean goBack = status != TrainingStatus.DIVERGED && !interpolates;
    if (early != null && early.bestState() != null && goBack) {
      state = early.bestState();
      row = early.bestRow();
      network.restore(state);
    }
    double objective = objective(state);
    double seconds = (System.nanoTime() - start) * 1e-9;
    return new TrainingOutcome(
        status, state, List.copyOf(history), row, objective, step, epoch, seconds);
  }

  private void trainEpoch(int[] order) throws InterruptedException {
    BatchSize batchSize = task.options().batchSize();
    int batch = batchSize.resolve(order.length);
    int steps = (int) stepsPerEpoch(order.length, batchSize);
    for (int done = 0; done < steps; ) {
      showIfAsked(step);
      long untilSnapshot = progress.nextSnapshot(step + 1) - step;
      int now = (int) Math.min(Math.min(STEPS_PER_CALL, steps - done), untilSnapshot);
      double[] rates = rates(now);
      for (int i = 0; i < now; i++) {
        rates[i] = schedule.at(step + i);
      }
      gradientNorm = network.step(order, done * batch, batch, rates);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      done += now;
      step += now;
      progress.stepsDone(now);
    }
    epoch++;
  }

  /** Room for the rates of one call, of which an epoch needs no more than two lengths. */
  private double[] rates(int steps) {
    if (steps == STEPS_PER_CALL) {
      return wholeCall;
    }
    if (steps != shorterCall.length) {
      shorterCall = new double[steps];
    }
    return shorterCall;
  }

  /** Shows the network under the rate of step {@code rateOf}. */
  private void showIfAsked(long rateOf) {
    if (progress.nextSnapshot(step) == step) {
      progress.snapshot(
          task,
          new TrainingSnapshot(step, schedule.at(rateOf), network.state(), network.secondMoment()));
    }
  }

  private HistoryRow evaluate() {
    LossEvaluation train = evaluate(task.data().train(), 0);
    LossEvaluation validation = evaluate(task.data().validation(), 0);
    LossEvaluation test = evaluate(task.data().test(), 0);
    HistoryRow row =
        new HistoryRow(
            step,
            epoch,
            schedule.at(Math.max(0, step - 1)),
            train.loss(),
            train.error(),
            validation.loss(),
            validation.error(),
            test.loss(),
            test.error(),
            gradientNorm);
    history.add(row);
    return row;
  }

  private LossEvaluation evaluate(Examples examples, double smoothing) {
    if (examples.count() > 0) {
      network.logits(examples, logits);
    }
    return LossEvaluation.of(
        task.options().loss(), logits, examples.labels(), examples.classes(), smoothing);
  }

  /** Smoothed training loss plus ½ c ‖w‖² over the weights. */
  private double objective(NetworkState state) {
    double loss = evaluate(task.data().train(), task.options().labelSmoothing()).loss();
    double coefficient = task.options().optimizer().l2();
    if (coefficient == 0) {
      return loss;
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
    return loss + 0.5 * coefficient * squares;
  }
}
