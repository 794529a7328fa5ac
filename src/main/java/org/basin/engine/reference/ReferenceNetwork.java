package org.basin.engine.reference;

import org.basin.RandomStreams;
import org.basin.data.Examples;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;
import org.basin.train.ClippingOptions;
import org.basin.train.PlainOptimizer;
import org.basin.train.Targets;
import org.basin.train.TrainableNetwork;
import org.basin.train.TrainingTask;
import org.jspecify.annotations.Nullable;

/** One replica trained in double precision; slow, and right. */
public final class ReferenceNetwork implements TrainableNetwork {
  private static final double NORM_DECAY = 0.9;

  private final MlpSpec spec;
  private final ParameterLayout layout;
  private final Examples train;
  private final float[] targets;
  private final ClippingOptions clipping;
  private final ReferenceGradient network;
  private final PlainOptimizer optimizer;
  private double[] theta = new double[0];
  private double[] runningMean = new double[0];
  private double[] runningVariance = new double[0];

  /** The replica before its first step. */
  public ReferenceNetwork(TrainingTask task) {
    spec = task.spec();
    layout = new ParameterLayout(spec);
    train = task.data().train();
    targets = Targets.smoothed(train.labels(), train.classes(), task.options().labelSmoothing());
    clipping = task.options().clipping();
    network = new ReferenceGradient(spec, task.options().loss());
    optimizer = new PlainOptimizer(spec, task.options().optimizer());
    restore(Initialization.draw(spec, RandomStreams.of(task.seed()).initialization()));
  }

  @Override
  public double step(int[] order, int from, int batch, double[] learningRates) {
    double norm = Double.NaN;
    for (int s = 0; s < learningRates.length; s++) {
      int first = from + s * batch;
      int rows = Math.min(batch, order.length - first);
      network.forward(
          theta, null, null, gather(train.inputs(), train.features(), order, first, rows));
      double[] gradient =
          network.backward(theta, gather(targets, train.classes(), order, first, rows));
      norm = norm(gradient);
      clip(gradient);
      optimizer.update(theta, gradient, learningRates[s]);
      updateRunningStatistics();
    }
    return norm;
  }

  private void clip(double[] gradient) {
    if (clipping.elementwise() != null) {
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] =
            Math.max(-clipping.elementwise(), Math.min(clipping.elementwise(), gradient[i]));
      }
    }
    if (clipping.globalNorm() != null) {
      double scale = Math.min(1, clipping.globalNorm() / norm(gradient));
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] *= scale;
      }
    }
  }

  private static double norm(double[] gradient) {
    double sum = 0;
    for (double g : gradient) {
      sum += g * g;
    }
    return Math.sqrt(sum);
  }

  /** running ← 0.9 running + 0.1 batch, with the biased batch variance. */
  private void updateRunningStatistics() {
    for (int l = 0; l < spec.layers(); l++) {
      for (int j = 0; spec.normalized(l) && j < spec.fanOut(l); j++) {
        int i = layout.statistics(l) + j;
        runningMean[i] = NORM_DECAY * runningMean[i] + (1 - NORM_DECAY) * network.batchMean[l][j];
        runningVariance[i] =
            NORM_DECAY * runningVariance[i] + (1 - NORM_DECAY) * network.batchVariance[l][j];
      }
    }
  }

  private static double[][] gather(float[] source, int columns, int[] order, int first, int rows) {
    double[][] gathered = new double[rows][columns];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        gathered[i][j] = source[order[first + i] * columns + j];
      }
    }
    return gathered;
  }

  @Override
  public void logits(Examples examples, float[] logits) {
    int[] order = new int[examples.count()];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    network.forward(
        theta,
        runningMean,
        runningVariance,
        gather(examples.inputs(), examples.features(), order, 0, order.length));
    for (int i = 0; i < order.length; i++) {
      for (int k = 0; k < spec.outputs(); k++) {
        logits[i * spec.outputs() + k] = (float) network.logits[i][k];
      }
    }
  }

  @Override
  public NetworkState state() {
    return new NetworkState(narrow(theta), narrow(runningMean), narrow(runningVariance));
  }

  @Override
  public float @Nullable [] secondMoment() {
    double[] moment = optimizer.secondMoment();
    return moment == null ? null : narrow(moment);
  }

  @Override
  public void restore(NetworkState state) {
    theta = widen(state.parameters());
    runningMean = widen(state.runningMean());
    runningVariance = widen(state.runningVariance());
  }

  private static float[] narrow(double[] values) {
    float[] narrowed = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      narrowed[i] = (float) values[i];
    }
    return narrowed;
  }

  private static double[] widen(float[] values) {
    double[] widened = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      widened[i] = values[i];
    }
    return widened;
  }

  @Override
  public void close() {
    // Nothing to give back.
  }
}
