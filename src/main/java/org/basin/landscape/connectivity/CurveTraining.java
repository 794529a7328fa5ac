package org.basin.landscape.connectivity;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.basin.RandomPermutation;
import org.basin.data.Examples;
import org.basin.landscape.Subject;
import org.basin.model.NetworkState;
import org.basin.train.Objective;

/**
 * Trains the bend w of a curve on the expected loss along it (Garipov et al. 2018, eq. 2 and 3):
 *
 * <pre>
 * min_w E_{t ~ U(0, 1)} L(φ_w(t)),   gradient bend(t) ∇L(φ_w(t)) on a mini-batch, one t a step
 * </pre>
 *
 * <p>by Adam (Kingma and Ba 2015, algorithm 1, with its β). The rate is constant for half of the
 * steps, then falls linearly to a hundredth at nine tenths (Garipov et al. 2018, their code). The
 * bend starts at the middle of the line. Batch normalisation has the statistics of the mini-batch,
 * as in training, or the constants of {@link NetworkPath#at}.
 */
final class CurveTraining {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  /** Parts of the training whose mean losses are kept. */
  private static final int PARTS = 20;

  private final Subject subject;
  private final ConnectivityOptions options;
  private final SplittableRandom random;
  private final int[] order;
  private int next;

  /**
   * A trained curve.
   *
   * @param path the curve
   * @param steps at the end of each part of the training
   * @param losses mean over the steps of each part of the mini-batch loss
   */
  record Trained(NetworkPath path, int[] steps, double[] losses) {}

  private CurveTraining(Subject subject, ConnectivityOptions options, SplittableRandom random) {
    this.subject = subject;
    this.options = options;
    this.random = random;
    order = IntStream.range(0, subject.examples().count()).toArray();
    next = order.length;
  }

  /**
   * Trains a curve.
   *
   * @param start where it starts
   * @param end where it ends
   * @throws InterruptedException when the thread was interrupted
   */
  static Trained train(
      PathShape shape,
      NetworkState start,
      NetworkState end,
      Subject subject,
      ConnectivityOptions options,
      SplittableRandom random)
      throws InterruptedException {
    NetworkPath path = NetworkPath.straight(shape, start, end);
    return new CurveTraining(subject, options, random).train(path);
  }

  private Trained train(NetworkPath path) throws InterruptedException {
    int steps = options.curveSteps();
    int parts = Math.min(PARTS, steps);
    int[] ends = new int[parts];
    double[] losses = new double[parts];
    float[] bend = path.bend();
    float[] gradient = new float[bend.length];
    float[] first = new float[bend.length];
    float[] second = new float[bend.length];
    int done = 0;
    for (int part = 0; part < parts; part++) {
      ends[part] = (int) ((part + 1L) * steps / parts);
      int count = ends[part] - done;
      for (; done < ends[part]; done++) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        double t = random.nextDouble();
        NetworkState at = path.at(t);
        try (Objective objective = objective(batch(), at)) {
          losses[part] += objective.gradient(at.parameters(), gradient) / count;
        }
        double rate = options.curveLearningRate() * decay((double) done / steps);
        move(bend, gradient, path.shape().bend(t), first, second, rate, done + 1);
      }
    }
    return new Trained(path, ends, losses);
  }

  private Objective objective(Examples batch, NetworkState statistics) {
    return subject.engine().objective(subject.spec(), subject.options(), batch, statistics);
  }

  /** The next examples of a random order, which is drawn anew when it has no whole batch left. */
  private Examples batch() {
    int size = Math.min(options.curveBatchSize(), order.length);
    if (next + size > order.length) {
      RandomPermutation.shuffle(order, random);
      next = 0;
    }
    int[] chosen = IntStream.range(next, next + size).map(i -> order[i]).toArray();
    next += size;
    return subject.examples().select(chosen);
  }

  /** Factor of the rate when a fraction of the steps is done. */
  private static double decay(double done) {
    return done <= 0.5 ? 1 : done <= 0.9 ? 1 - (done - 0.5) / 0.4 * 0.99 : 0.01;
  }

  /** One step of Adam on {@code factor} times the gradient. */
  private static void move(
      float[] bend,
      float[] gradient,
      double factor,
      float[] first,
      float[] second,
      double rate,
      int step) {
    double unbiasedFirst = 1 - Math.pow(BETA1, step);
    double unbiasedSecond = 1 - Math.pow(BETA2, step);
    for (int i = 0; i < bend.length; i++) {
      double g = factor * gradient[i];
      double mean = BETA1 * first[i] + (1 - BETA1) * g;
      double square = BETA2 * second[i] + (1 - BETA2) * g * g;
      first[i] = (float) mean;
      second[i] = (float) square;
      bend[i] -=
          (float) (rate * mean / unbiasedFirst / (Math.sqrt(square / unbiasedSecond) + EPSILON));
    }
  }
}
