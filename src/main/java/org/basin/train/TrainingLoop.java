package org.basin.train;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.basin.model.NetworkState;
import org.jspecify.annotations.Nullable;

/**
 * A stack of replicas from the first to the last step: shuffles, schedules, evaluations, stopping.
 * The same for every engine; an engine brings the {@link TrainableStack}, or a {@link
 * TrainableNetwork}.
 *
 * <p>A replica that has ended is carried along, its numbers ignored, until at most half of the
 * stack is in training; then the ended ones are dropped.
 */
public final class TrainingLoop {
  /** Steps between two reports of progress, so that a long epoch shows. */
  private static final int STEPS_PER_CALL = 256;

  private final long start = System.nanoTime();
  private final TrainableStack stack;
  private final TrainingProgress progress;
  private final TrainingOptions common; // of which the loop reads what all replicas agree in
  private final int examples;
  private final TrainingOutcome[] outcomes; // in the order of the tasks
  private int[] place; // of what the stack holds: where in that order
  private ReplicaTraining[] held;
  private int[][] orders;
  private double[] norms;
  private double[][] wholeCall;
  private double[][] shorterCall;
  private long step;
  private int epoch;

  private TrainingLoop(List<TrainingTask> tasks, TrainableStack stack, TrainingProgress progress) {
    this.stack = stack;
    this.progress = progress;
    TrainingTask first = tasks.getFirst();
    common = first.options();
    examples = first.data().train().count();
    outcomes = new TrainingOutcome[tasks.size()];
    place = IntStream.range(0, tasks.size()).toArray();
    held = tasks.stream().map(ReplicaTraining::new).toArray(ReplicaTraining[]::new);
    orders = new int[held.length][];
    norms = new double[held.length];
    wholeCall = new double[held.length][STEPS_PER_CALL];
    shorterCall = new double[held.length][0];
  }

  /**
   * Trains {@code stack} as {@code tasks} say.
   *
   * @param tasks one a replica of the stack, in its order, all of one {@link StackShape}
   * @return one outcome a replica, in that order
   * @throws InterruptedException when the thread was interrupted
   */
  public static List<TrainingOutcome> run(
      List<TrainingTask> tasks, TrainableStack stack, TrainingProgress progress)
      throws InterruptedException {
    if (tasks.size() != stack.size()
        || tasks.stream().map(StackShape::of).distinct().count() != 1) {
      throw new IllegalArgumentException(
          "a stack of %d replicas cannot train %d tasks of %s"
              .formatted(
                  stack.size(),
                  tasks.size(),
                  tasks.stream().map(StackShape::of).distinct().toList()));
    }
    return new TrainingLoop(tasks, stack, progress).run();
  }

  /**
   * Trains {@code network}, alone, as {@code task} says.
   *
   * @throws InterruptedException when the thread was interrupted
   */
  public static TrainingOutcome run(
      TrainingTask task, TrainableNetwork network, TrainingProgress progress)
      throws InterruptedException {
    return run(List.of(task), new StackOfOne(task, network), progress).getFirst();
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

  private List<TrainingOutcome> run() throws InterruptedException {
    Arrays.fill(norms, Double.NaN);
    evaluate(inTraining(), false);
    for (int[] working = inTraining(); working.length > 0; working = inTraining()) {
      if (2 * working.length <= held.length) {
        keep(working);
        working = inTraining();
      }
      trainEpoch(working);
      boolean last = epoch == common.epochs();
      int[] due = working;
      if (!last && epoch % common.evaluateEvery() != 0) {
        due = where(working, r -> !Double.isFinite(norms[r]));
      }
      if (due.length > 0) {
        evaluate(due, last);
        end(where(due, r -> !held[r].inTraining()));
      }
    }
    return List.of(outcomes);
  }

  /** The replicas of the stack that have not ended. */
  private int[] inTraining() {
    return IntStream.range(0, held.length).filter(r -> held[r].inTraining()).toArray();
  }

  private static int[] where(int[] replicas, IntPredicate condition) {
    return Arrays.stream(replicas).filter(condition).toArray();
  }

  private void keep(int[] replicas) {
    stack.keep(replicas);
    place = Arrays.stream(replicas).map(r -> place[r]).toArray();
    held = Arrays.stream(replicas).mapToObj(r -> held[r]).toArray(ReplicaTraining[]::new);
    orders = new int[held.length][];
    norms = new double[held.length];
    wholeCall = Arrays.copyOf(wholeCall, held.length);
    shorterCall = Arrays.copyOf(shorterCall, held.length);
  }

  private void trainEpoch(int[] working) throws InterruptedException {
    IntStream shuffling = Arrays.stream(working);
    if (working.length > 1) {
      shuffling = shuffling.parallel(); // for hundreds of small networks longer than an epoch
    }
    shuffling.forEach(r -> orders[r] = held[r].nextOrder());
    int batch = common.batchSize().resolve(examples);
    int steps = (int) stepsPerEpoch(examples, common.batchSize());
    for (int done = 0; done < steps; ) {
      for (int r : working) {
        showIfAsked(r, step);
      }
      long untilSnapshot = progress.nextSnapshot(step + 1) - step;
      int now = (int) Math.min(Math.min(STEPS_PER_CALL, steps - done), untilSnapshot);
      stack.step(orders, done * batch, batch, rates(working, now), norms);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      done += now;
      step += now;
      progress.stepsDone((long) now * working.length);
    }
    epoch++;
  }

  /** The rates of the next {@code steps} steps, in arrays of which an epoch needs two lengths. */
  private double[][] rates(int[] working, int steps) {
    double[][] rates = wholeCall;
    if (steps != STEPS_PER_CALL) {
      if (steps != shorterCall[0].length) {
        shorterCall = new double[held.length][steps];
      }
      rates = shorterCall;
    }
    for (int r : working) {
      for (int i = 0; i < steps; i++) {
        rates[r][i] = held[r].rate(step + i);
      }
    }
    return rates;
  }

  /** Shows a network under the rate of step {@code rateOf}. */
  private void showIfAsked(int r, long rateOf) {
    if (progress.nextSnapshot(step) == step) {
      progress.snapshot(
          held[r].task(),
          new TrainingSnapshot(step, held[r].rate(rateOf), stack.state(r), stack.secondMoment(r)));
    }
  }

  private void evaluate(int[] replicas, boolean last) {
    LossEvaluation[] train = stack.evaluate(Subset.TRAIN, false);
    LossEvaluation[] validation = stack.evaluate(Subset.VALIDATION, false);
    LossEvaluation[] test = stack.evaluate(Subset.TEST, false);
    for (int r : replicas) {
      HistoryRow row =
          new HistoryRow(
              step,
              epoch,
              held[r].rate(Math.max(0, step - 1)),
              train[r].loss(),
              train[r].error(),
              validation[r].loss(),
              validation[r].error(),
              test[r].loss(),
              test[r].error(),
              norms[r]);
      held[r].evaluated(row, last, () -> stack.state(r));
    }
  }

  /** Takes the outcomes of replicas that have just ended. */
  private void end(int[] replicas) {
    NetworkState[] states = new NetworkState[held.length];
    boolean smooths = false;
    for (int r : replicas) {
      showIfAsked(r, step - 1);
      NetworkState best = held[r].best();
      if (best != null) {
        stack.restore(r, best);
      }
      states[r] = best != null ? best : stack.state(r);
      smooths |= held[r].task().options().labelSmoothing() > 0;
    }
    // Without smoothing that loss is the final row's.
    LossEvaluation @Nullable [] smoothed = smooths ? stack.evaluate(Subset.TRAIN, true) : null;
    double seconds = (System.nanoTime() - start) * 1e-9 / outcomes.length;
    for (int r : replicas) {
      boolean own = smoothed != null && held[r].task().options().labelSmoothing() > 0;
      outcomes[place[r]] = held[r].outcome(states[r], own ? smoothed[r].loss() : null, seconds);
    }
  }
}
