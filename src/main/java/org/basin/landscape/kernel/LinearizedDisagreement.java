package org.basin.landscape.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.basin.data.Examples;
import org.basin.landscape.Subject;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Table;
import org.basin.train.LossEvaluation;
import org.basin.train.TrainingLoop;

/**
 * How far the trained network is from the linearised one that was trained beside it ({@link
 * LinearizedTraining}), on training and on test examples:
 *
 * <pre>
 * linearizedDisagreement       ‖f(θ_T) − f_lin(ω_T)‖ / ‖f(θ_T) − f(θ₀)‖
 * linearizedTestDisagreement   the same on test examples (Lee et al. 2019, figure 2)
 * linearizedTestError          misclassified fraction of the linearised network
 * </pre>
 *
 * <p>T is the step at which the real training left the measured network: where it was stopped
 * early, the last one that it took, or, with patience, that of the best network. Norms are over
 * examples and outputs.
 */
final class LinearizedDisagreement {
  private final Subject subject;
  private final Side train;
  private final Side test;

  /** The real network's outputs at one look, {@code [n, K]} each. */
  private record Look(long step, double[] train, double[] test) {}

  /** Examples of one kind, with the linearised network on them. */
  private record Side(Examples examples, int drawnFrom, LinearizedNetwork start) {

    /** ‖left_i − right_i‖² of each example. */
    double[] squares(double[] left, double[] right) {
      double[] squares = new double[examples.count()];
      for (int i = 0; i < left.length; i++) {
        double difference = left[i] - right[i];
        squares[i / examples.classes()] += difference * difference;
      }
      return squares;
    }

    LossEvaluation evaluate(Subject subject, double[] outputs) {
      float[] narrow = new float[outputs.length];
      for (int i = 0; i < narrow.length; i++) {
        narrow[i] = (float) outputs[i];
      }
      return LossEvaluation.of(
          subject.training().loss(), narrow, examples.labels(), examples.classes(), 0);
    }
  }

  /**
   * Of the training of {@code subject}.
   *
   * @param trainExamples some of the training examples
   * @param testExamples some of the test examples
   */
  LinearizedDisagreement(Subject subject, Examples trainExamples, Examples testExamples) {
    this.subject = subject;
    train = side(trainExamples, subject.examples().count());
    test = side(testExamples, subject.data().test().count());
  }

  private Side side(Examples examples, int drawnFrom) {
    return new Side(examples, drawnFrom, network(subject.initial(), examples));
  }

  private LinearizedNetwork network(float[] theta, Examples examples) {
    return new LinearizedNetwork(subject.spec(), theta, subject.state(), examples);
  }

  /**
   * Trains both and compares.
   *
   * @param looks how many networks of the trainings are compared
   * @param scalars receives the figures at the end
   * @return the table {@code linearized} of all looks
   * @throws InterruptedException when the thread was interrupted
   */
  Table compare(int looks, SequencedMap<String, Uncertain> scalars) throws InterruptedException {
    List<Look> real = real(looks);
    LinearizedTraining training = new LinearizedTraining(subject);
    Table.Builder table =
        new Table.Builder(
            "linearized",
            "step",
            "disagreement",
            "testDisagreement",
            "trainLoss",
            "linearizedTrainLoss",
            "testError",
            "linearizedTestError");
    double[] linearTrain = train.start().outputs();
    double[] linearTest = test.start().outputs();
    for (Look look : real) {
      training.until(look.step());
      linearTrain = training.outputs(train.start());
      linearTest = training.outputs(test.start());
      table.row(
          (double) look.step(),
          disagreement(train, look.train(), linearTrain),
          disagreement(test, look.test(), linearTest),
          train.evaluate(subject, look.train()).loss(),
          train.evaluate(subject, linearTrain).loss(),
          test.evaluate(subject, look.test()).error(),
          test.evaluate(subject, linearTest).error());
    }
    Look last = real.getLast();
    scalars.putAll(figures(last, linearTrain, linearTest));
    return table.build();
  }

  /**
   * The real network at its looks, the measured one last. A training ends at an evaluation, so all
   * of them are seen, but for what they are only as parameters.
   */
  private List<Look> real(int looks) throws InterruptedException {
    List<Look> real = new ArrayList<>();
    LookSteps steps = new LookSteps(looks, subject.retraining().steps());
    long[] end = {0};
    boolean[] found = {false};
    float[][] parameters = {subject.initial()};
    subject
        .retraining()
        .run(
            step -> Math.min(steps.next(step), nextEvaluation(step)),
            snapshot -> {
              float[] theta = snapshot.state().parameters();
              boolean same = Arrays.equals(theta, subject.theta());
              if (same || !found[0]) {
                found[0] = same;
                end[0] = snapshot.step();
                parameters[0] = theta;
              }
              if (steps.next(snapshot.step()) == snapshot.step()) {
                real.add(look(snapshot.step(), theta));
              }
            });
    real.removeIf(look -> look.step() >= end[0]);
    real.add(look(end[0], parameters[0]));
    return real;
  }

  private Look look(long step, float[] theta) {
    return new Look(
        step,
        network(theta, train.examples()).outputs(),
        network(theta, test.examples()).outputs());
  }

  private long nextEvaluation(long step) {
    long epoch =
        TrainingLoop.stepsPerEpoch(subject.data().train().count(), subject.training().batchSize());
    long interval = subject.training().evaluateEvery() * epoch;
    return Math.ceilDiv(step, interval) * interval;
  }

  private SequencedMap<String, Uncertain> figures(
      Look last, double[] linearTrain, double[] linearTest) {
    SequencedMap<String, Uncertain> figures = new LinkedHashMap<>();
    figures.put("linearizedDisagreement", uncertain(train, last.train(), linearTrain));
    figures.put("linearizedTestDisagreement", uncertain(test, last.test(), linearTest));
    double[] wrong = new double[test.examples().count()];
    double[] one = new double[wrong.length];
    for (int i = 0; i < wrong.length; i++) {
      wrong[i] = wrong(linearTest, i);
      one[i] = 1;
    }
    figures.put("linearizedTestError", ratio(test, wrong, one, false));
    return figures;
  }

  /** 1 for a misclassified example; NaN where the linearised network diverged. */
  private double wrong(double[] outputs, int example) {
    int classes = test.examples().classes();
    int best = 0;
    for (int k = 0; k < classes; k++) {
      double output = outputs[example * classes + k];
      if (!Double.isFinite(output)) {
        return Double.NaN;
      }
      best = output > outputs[example * classes + best] ? k : best;
    }
    return best == test.examples().labels()[example] ? 0 : 1;
  }

  private static double disagreement(Side side, double[] real, double[] linear) {
    return Math.sqrt(
        sum(side.squares(real, linear)) / sum(side.squares(real, side.start().outputs())));
  }

  private static double sum(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }

  private static Uncertain uncertain(Side side, double[] real, double[] linear) {
    return ratio(
        side, side.squares(real, linear), side.squares(real, side.start().outputs()), true);
  }

  /** Σ numerators / Σ denominators, or its root, with the error of having drawn the examples. */
  private static Uncertain ratio(
      Side side, double[] numerators, double[] denominators, boolean root) {
    double whole = sum(numerators) / sum(denominators);
    double value = root ? Math.sqrt(whole) : whole;
    if (!Double.isFinite(value)) {
      return Uncertain.of(value, List.of(), false);
    }
    int drawn = side.examples().count();
    if (drawn == side.drawnFrom()) {
      return Uncertain.exact(value);
    }
    GroupJackknife jackknife = new GroupJackknife(drawn, side.drawnFrom());
    int[][] remaining = jackknife.remaining();
    double[] without = new double[remaining.length];
    for (int part = 0; part < without.length; part++) {
      double above = 0;
      double below = 0;
      for (int i : remaining[part]) {
        above += numerators[i];
        below += denominators[i];
      }
      without[part] = root ? Math.sqrt(above / below) : above / below;
    }
    return Uncertain.exact(value).with(jackknife.error(without));
  }
}
