package org.basin.engine.reference;

import org.basin.data.Examples;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;
import org.basin.train.BatchNormPolicy;
import org.basin.train.LossFunction;
import org.basin.train.Objective;
import org.basin.train.ObjectiveOptions;
import org.jspecify.annotations.Nullable;

/** An objective in double precision; slow, and right: the oracle of the engines' objectives. */
public final class ReferenceObjective implements Objective {
  private final MlpSpec spec;
  private final ParameterLayout layout;
  private final ObjectiveOptions options;
  private final double[][] inputs; // [n, features]
  private final double[][] targets; // [n, classes], smoothed
  private final double @Nullable [] mean;
  private final double @Nullable [] variance;
  private final ReferenceGradient network;
  private final ReferenceCurvature curvature;

  /** An objective as {@link org.basin.train.ObjectiveEngine#objective} describes it. */
  public ReferenceObjective(
      MlpSpec spec, ObjectiveOptions options, Examples data, NetworkState statistics) {
    this.spec = spec;
    this.layout = new ParameterLayout(spec);
    this.options = options;
    inputs = new double[data.count()][data.features()];
    targets = new double[data.count()][data.classes()];
    for (int i = 0; i < data.count(); i++) {
      for (int k = 0; k < data.features(); k++) {
        inputs[i][k] = data.inputs()[i * data.features() + k];
      }
      for (int k = 0; k < data.classes(); k++) {
        double hit = k == data.labels()[i] ? 1 - options.labelSmoothing() : 0;
        targets[i][k] = hit + options.labelSmoothing() / data.classes();
      }
    }
    boolean frozen = options.batchNorm() == BatchNormPolicy.FROZEN;
    mean = frozen ? widen(statistics.runningMean(), 0, layout.statisticsSize()) : null;
    variance = frozen ? widen(statistics.runningVariance(), 0, layout.statisticsSize()) : null;
    network = new ReferenceGradient(spec, options.loss());
    curvature = new ReferenceCurvature(spec, options.loss(), network);
  }

  /** L(θ). */
  public double loss(double[] theta) {
    network.forward(theta, mean, variance, inputs);
    double total = 0;
    for (int i = 0; i < inputs.length; i++) {
      double[] f = network.logits[i];
      total +=
          options.loss() == LossFunction.CROSS_ENTROPY
              ? crossEntropy(f, targets[i])
              : squaredError(f, targets[i]);
    }
    double squares = 0;
    for (int i = 0; i < theta.length; i++) {
      squares += isWeight(i) ? theta[i] * theta[i] : 0;
    }
    return total / inputs.length + 0.5 * options.l2() * squares;
  }

  /** log Σ exp f - Σ y f; the targets sum to 1. */
  private static double crossEntropy(double[] f, double[] y) {
    double largest = Double.NEGATIVE_INFINITY;
    for (double value : f) {
      largest = Math.max(largest, value);
    }
    double sum = 0;
    double hit = 0;
    for (int k = 0; k < f.length; k++) {
      sum += Math.exp(f[k] - largest);
      hit += y[k] * (f[k] - largest);
    }
    return Math.log(sum) - hit;
  }

  private static double squaredError(double[] f, double[] y) {
    double sum = 0;
    for (int k = 0; k < f.length; k++) {
      sum += (f[k] - y[k]) * (f[k] - y[k]);
    }
    return sum / f.length;
  }

  /** ∇L(θ), {@code [P]}. */
  public double[] gradient(double[] theta) {
    network.forward(theta, mean, variance, inputs);
    return penalized(network.backward(theta, targets), theta);
  }

  /** H(θ) v, {@code [P]}. */
  public double[] hessianVector(double[] theta, double[] v) {
    network.forward(theta, mean, variance, inputs);
    network.backward(theta, targets);
    return penalized(curvature.hessianVector(theta, v), v);
  }

  /** G(θ) v, {@code [P]}. */
  public double[] gaussNewtonVector(double[] theta, double[] v) {
    network.forward(theta, mean, variance, inputs);
    return penalized(curvature.gaussNewtonVector(theta, v), v);
  }

  /** Adds c x on the weights. */
  private double[] penalized(double[] result, double[] x) {
    for (int i = 0; i < result.length; i++) {
      result[i] += isWeight(i) ? options.l2() * x[i] : 0;
    }
    return result;
  }

  private boolean isWeight(int i) {
    for (int l = 0; l < spec.layers(); l++) {
      int offset = i - layout.weight(l);
      if (offset >= 0 && offset < spec.fanIn(l) * spec.fanOut(l)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public int size() {
    return layout.size();
  }

  @Override
  public int examples() {
    return inputs.length;
  }

  @Override
  public double loss(float[] theta) {
    return loss(widen(theta, 0, theta.length));
  }

  @Override
  public double gradient(float[] theta, float[] gradient) {
    double[] at = widen(theta, 0, theta.length);
    narrow(gradient(at), gradient, 0);
    return loss(at);
  }

  @Override
  public void hessianVectors(float[] theta, float[] vectors, int count, float[] products) {
    double[] at = widen(theta, 0, theta.length);
    for (int j = 0; j < count; j++) {
      int offset = j * size();
      narrow(hessianVector(at, widen(vectors, offset, size())), products, offset);
    }
  }

  @Override
  public void gaussNewtonVectors(float[] theta, float[] vectors, int count, float[] products) {
    double[] at = widen(theta, 0, theta.length);
    for (int j = 0; j < count; j++) {
      int offset = j * size();
      narrow(gaussNewtonVector(at, widen(vectors, offset, size())), products, offset);
    }
  }

  @Override
  public float[] outputs(float[] theta) {
    network.forward(widen(theta, 0, theta.length), mean, variance, inputs);
    float[] outputs = new float[inputs.length * spec.outputs()];
    for (int i = 0; i < inputs.length; i++) {
      narrow(network.logits[i], outputs, i * spec.outputs());
    }
    return outputs;
  }

  private static double[] widen(float[] values, int from, int count) {
    double[] widened = new double[count];
    for (int i = 0; i < count; i++) {
      widened[i] = values[from + i];
    }
    return widened;
  }

  private static void narrow(double[] values, float[] into, int from) {
    for (int i = 0; i < values.length; i++) {
      into[from + i] = (float) values[i];
    }
  }

  @Override
  public void close() {
    // Nothing to give back.
  }
}
