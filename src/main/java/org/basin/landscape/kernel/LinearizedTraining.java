package org.basin.landscape.kernel;

import org.basin.data.Examples;
import org.basin.landscape.Subject;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.train.EpochOrder;
import org.basin.train.GradientClipping;
import org.basin.train.LearningRateSchedule;
import org.basin.train.LossFunction;
import org.basin.train.PlainOptimizer;
import org.basin.train.Targets;
import org.basin.train.TrainingLoop;
import org.basin.train.TrainingOptions;
import org.basin.train.TrainingTask;

/**
 * The training of the network that is linear in its parameters, f_lin(ω) = f(θ₀) + J(θ₀)(ω − θ₀),
 * from ω = θ₀, beside that of the real one: the same batches, loss, smoothing, clipping, optimiser,
 * schedule and penalties, in double precision (Lee et al. 2019, section 2.2, without their limit of
 * small steps).
 *
 * <pre>
 * g = J_Bᵀ ∂L/∂f (f_lin(ω) on the batch B)
 * </pre>
 *
 * <p>The cost of a step is about two and a half of the real network's, in plain loops.
 */
final class LinearizedTraining {
  private final MlpSpec spec;
  private final TrainingOptions options;
  private final float[] start;
  private final NetworkState statistics;
  private final Examples train;
  private final float[] targets;
  private final int batch;
  private final LearningRateSchedule schedule;
  private final EpochOrder epochs;
  private final PlainOptimizer optimizer;
  private final GradientClipping clipping;
  private final double[] omega; // ω
  private int[] order = new int[0];
  private int taken; // of the epoch's examples
  private long step;

  /** The training of {@code subject}, before its first step. */
  LinearizedTraining(Subject subject) {
    spec = subject.spec();
    options = subject.training();
    start = subject.initial();
    statistics = subject.state();
    train = subject.data().train();
    targets = Targets.smoothed(train.labels(), train.classes(), options.labelSmoothing());
    batch = options.batchSize().resolve(train.count());
    long seed = subject.retraining().seed();
    schedule = TrainingLoop.schedule(new TrainingTask(spec, options, subject.data(), seed));
    epochs = new EpochOrder(train.count(), batch, seed);
    optimizer = new PlainOptimizer(spec, options.optimizer());
    clipping = new GradientClipping(options.clipping());
    omega = new double[start.length];
    for (int i = 0; i < omega.length; i++) {
      omega[i] = start[i];
    }
  }

  /**
   * Goes on until {@code steps} are done in all.
   *
   * @throws InterruptedException when the thread was interrupted
   */
  void until(long steps) throws InterruptedException {
    while (step < steps) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (taken == order.length) {
        order = epochs.next();
        taken = 0;
      }
      int rows = Math.min(batch, order.length - taken);
      int[] chosen = new int[rows];
      System.arraycopy(order, taken, chosen, 0, rows);
      double[] gradient = gradient(chosen);
      clipping.clip(gradient);
      optimizer.update(omega, gradient, schedule.at(step));
      taken += rows;
      step++;
    }
  }

  private double[] gradient(int[] chosen) {
    LinearizedNetwork network =
        new LinearizedNetwork(spec, start, statistics, train.select(chosen));
    double[] f = outputs(network);
    int classes = spec.outputs();
    for (int i = 0; i < chosen.length; i++) {
      int row = i * classes;
      if (options.loss() == LossFunction.CROSS_ENTROPY) {
        softmax(f, row, classes);
      }
      for (int k = 0; k < classes; k++) {
        double residual = f[row + k] - targets[chosen[i] * classes + k];
        f[row + k] =
            switch (options.loss()) {
              case CROSS_ENTROPY -> residual / chosen.length;
              case MSE -> 2 * residual / (classes * chosen.length);
            };
      }
    }
    return network.back(f);
  }

  /**
   * f_lin(ω) now.
   *
   * @param at the network at θ₀ on some examples
   * @return {@code [n, K]}, row-major
   */
  double[] outputs(LinearizedNetwork at) {
    double[] direction = new double[omega.length];
    for (int i = 0; i < direction.length; i++) {
      direction[i] = omega[i] - start[i];
    }
    double[] f = at.along(direction);
    for (int i = 0; i < f.length; i++) {
      f[i] += at.outputs()[i];
    }
    return f;
  }

  private static void softmax(double[] f, int row, int classes) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < classes; k++) {
      largest = Math.max(largest, f[row + k]);
    }
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      f[row + k] = Math.exp(f[row + k] - largest);
      sum += f[row + k];
    }
    for (int k = 0; k < classes; k++) {
      f[row + k] /= sum;
    }
  }
}
