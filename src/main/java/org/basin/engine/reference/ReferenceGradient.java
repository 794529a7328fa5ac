package org.basin.engine.reference;

import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;
import org.basin.train.LossFunction;
import org.hipparchus.special.Erf;
import org.jspecify.annotations.Nullable;

/**
 * Loss and gradient of a multilayer perceptron on one batch, in double precision, by plain
 * backpropagation (Rumelhart, Hinton and Williams 1986).
 *
 * <pre>
 * z_l = a_{l-1} W_l + b_l                          [batch, fanOut]
 * u_l = γ (z_l - mean_l) / √(var_l + ε) + β        [batch, fanOut], where normalised; else u_l = z_l
 * a_l = φ(u_l)                                     [batch, fanOut]
 * </pre>
 *
 * Batch normalisation (Ioffe and Szegedy 2015) uses the batch's mean and biased variance when
 * training, the running ones when evaluating.
 */
final class ReferenceGradient {
  static final double NORM_EPSILON = 1e-5;

  private final MlpSpec spec;
  private final ParameterLayout layout;
  private final LossFunction loss;
  private boolean frozen; // whether the last forward pass used given statistics

  /** Outputs of the last forward pass, {@code [batch, classes]}. */
  double[][] logits = new double[0][];

  /** Batch means and biased variances of the last forward pass in training mode, by layer. */
  final double[][] batchMean;

  final double[][] batchVariance;

  final double[][][] inputs; // a_{l-1}, [layer][batch][fanIn]
  final double[][][] preActivations; // u_l, [layer][batch][fanOut]
  final double[][][] normalized; // (z - mean)/√(var + ε), [layer][batch][fanOut]

  // Derivatives of the loss in the last backward pass, [layer][batch][fanOut].
  final double[][][] byActivation; // dloss/da_l
  final double[][][] byPreActivation; // dloss/du_l
  final double[][][] byAffine; // dloss/dz_l

  ReferenceGradient(MlpSpec spec, LossFunction loss) {
    this.spec = spec;
    this.layout = new ParameterLayout(spec);
    this.loss = loss;
    inputs = new double[spec.layers()][][];
    preActivations = new double[spec.layers()][][];
    normalized = new double[spec.layers()][][];
    byActivation = new double[spec.layers()][][];
    byPreActivation = new double[spec.layers()][][];
    byAffine = new double[spec.layers()][][];
    batchMean = new double[spec.layers()][];
    batchVariance = new double[spec.layers()][];
  }

  /**
   * Runs the network.
   *
   * @param theta parameters, in the order of {@link ParameterLayout}
   * @param runningMean statistics for evaluation; null in training mode, which uses the batch's
   * @param runningVariance as {@code runningMean}
   * @param x {@code [batch, inputs]}
   */
  void forward(
      double[] theta,
      double @Nullable [] runningMean,
      double @Nullable [] runningVariance,
      double[][] x) {
    frozen = runningMean != null;
    double[][] a = x;
    for (int l = 0; l < spec.layers(); l++) {
      inputs[l] = a;
      double[][] u = affine(theta, l, a);
      if (spec.normalized(l)) {
        u = normalize(theta, l, u, runningMean, runningVariance);
      }
      preActivations[l] = u;
      if (l == spec.layers() - 1) {
        logits = u;
      } else {
        a = new double[u.length][spec.fanOut(l)];
        for (int i = 0; i < u.length; i++) {
          for (int j = 0; j < spec.fanOut(l); j++) {
            a[i][j] = activate(u[i][j]);
          }
        }
      }
    }
  }

  private double[][] affine(double[] theta, int l, double[][] a) {
    double[][] z = new double[a.length][spec.fanOut(l)];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < spec.fanOut(l); j++) {
        double sum = spec.bias() ? theta[layout.bias(l) + j] : 0;
        for (int k = 0; k < spec.fanIn(l); k++) {
          sum += a[i][k] * theta[layout.weight(l) + k * spec.fanOut(l) + j];
        }
        z[i][j] = sum;
      }
    }
    return z;
  }

  private double[][] normalize(
      double[] theta,
      int l,
      double[][] z,
      double @Nullable [] runningMean,
      double @Nullable [] runningVariance) {
    int batch = z.length;
    int width = spec.fanOut(l);
    double[] mean = new double[width];
    double[] variance = new double[width];
    for (int j = 0; j < width; j++) {
      if (runningMean != null && runningVariance != null) {
        mean[j] = runningMean[layout.statistics(l) + j];
        variance[j] = runningVariance[layout.statistics(l) + j];
        continue;
      }
      for (int i = 0; i < batch; i++) {
        mean[j] += z[i][j] / batch;
      }
      for (int i = 0; i < batch; i++) {
        variance[j] += (z[i][j] - mean[j]) * (z[i][j] - mean[j]) / batch;
      }
    }
    batchMean[l] = mean;
    batchVariance[l] = variance;
    normalized[l] = new double[batch][width];
    double[][] u = new double[batch][width];
    for (int i = 0; i < batch; i++) {
      for (int j = 0; j < width; j++) {
        normalized[l][i][j] = (z[i][j] - mean[j]) / Math.sqrt(variance[j] + NORM_EPSILON);
        u[i][j] = theta[layout.gamma(l) + j] * normalized[l][i][j] + theta[layout.beta(l) + j];
      }
    }
    return u;
  }

  /**
   * Gradient of the mean loss at the last forward pass, through the statistics where they were the
   * batch's.
   *
   * @param targets {@code [batch, classes]}, rows that sum to 1
   * @return {@code [P]}
   */
  double[] backward(double[] theta, double[][] targets) {
    return backpropagate(theta, outputDelta(targets));
  }

  /**
   * Takes a derivative with respect to the outputs back to the parameters: Jᵀ delta.
   *
   * @param outputDelta {@code [batch, classes]}
   * @return {@code [P]}
   */
  double[] backpropagate(double[] theta, double[][] outputDelta) {
    double[] gradient = new double[layout.size()];
    double[][] delta = outputDelta;
    for (int l = spec.layers() - 1; l >= 0; l--) {
      byActivation[l] = delta;
      if (l < spec.layers() - 1) {
        double[][] du = new double[delta.length][spec.fanOut(l)];
        for (int i = 0; i < delta.length; i++) {
          for (int j = 0; j < spec.fanOut(l); j++) {
            du[i][j] = delta[i][j] * slope(preActivations[l][i][j]);
          }
        }
        delta = du;
      }
      byPreActivation[l] = delta;
      if (spec.normalized(l)) {
        delta = normalizeBackward(theta, l, delta, gradient);
      }
      byAffine[l] = delta;
      delta = affineBackward(theta, l, delta, gradient);
    }
    return gradient;
  }

  /** dloss/dlogits, {@code [batch, classes]}: (softmax - y)/batch, or 2 (f - y)/(K batch). */
  private double[][] outputDelta(double[][] targets) {
    int batch = logits.length;
    int classes = spec.outputs();
    double[][] delta = new double[batch][classes];
    for (int i = 0; i < batch; i++) {
      double[] p = softmax(logits[i]);
      for (int k = 0; k < classes; k++) {
        delta[i][k] =
            switch (loss) {
              case CROSS_ENTROPY -> (p[k] - targets[i][k]) / batch;
              case MSE -> 2 * (logits[i][k] - targets[i][k]) / (classes * (double) batch);
            };
      }
    }
    return delta;
  }

  private double[][] normalizeBackward(double[] theta, int l, double[][] delta, double[] gradient) {
    int batch = delta.length;
    double[][] dz = new double[batch][spec.fanOut(l)];
    for (int j = 0; j < spec.fanOut(l); j++) {
      double sum = 0;
      double product = 0;
      for (int i = 0; i < batch; i++) {
        sum += delta[i][j];
        product += delta[i][j] * normalized[l][i][j];
      }
      gradient[layout.gamma(l) + j] = product;
      gradient[layout.beta(l) + j] = sum;
      double scale = theta[layout.gamma(l) + j] / Math.sqrt(batchVariance[l][j] + NORM_EPSILON);
      for (int i = 0; i < batch; i++) {
        double centered =
            frozen
                ? delta[i][j]
                : delta[i][j] - sum / batch - normalized[l][i][j] * product / batch;
        dz[i][j] = scale * centered;
      }
    }
    return dz;
  }

  private double[][] affineBackward(double[] theta, int l, double[][] delta, double[] gradient) {
    int batch = delta.length;
    int in = spec.fanIn(l);
    int out = spec.fanOut(l);
    double[][] before = new double[batch][in];
    for (int i = 0; i < batch; i++) {
      for (int j = 0; j < out; j++) {
        if (spec.bias()) {
          gradient[layout.bias(l) + j] += delta[i][j];
        }
        for (int k = 0; k < in; k++) {
          int w = layout.weight(l) + k * out + j;
          gradient[w] += inputs[l][i][k] * delta[i][j];
          before[i][k] += theta[w] * delta[i][j];
        }
      }
    }
    return before;
  }

  static double[] softmax(double[] f) {
    double largest = Double.NEGATIVE_INFINITY;
    for (double v : f) {
      largest = Math.max(largest, v);
    }
    double[] p = new double[f.length];
    double sum = 0;
    for (int k = 0; k < f.length; k++) {
      p[k] = Math.exp(f[k] - largest);
      sum += p[k];
    }
    for (int k = 0; k < f.length; k++) {
      p[k] /= sum;
    }
    return p;
  }

  private double activate(double u) {
    return switch (spec.activation()) {
      case RELU -> Math.max(0, u);
      case TANH -> Math.tanh(u);
      case GELU -> u * normalDistribution(u);
      case IDENTITY -> u;
    };
  }

  /** Derivative of the activation; ReLU's at 0 is 0. */
  double slope(double u) {
    return switch (spec.activation()) {
      case RELU -> u > 0 ? 1 : 0;
      case TANH -> 1 - Math.tanh(u) * Math.tanh(u);
      case GELU -> normalDistribution(u) + u * Math.exp(-0.5 * u * u) / Math.sqrt(2 * Math.PI);
      case IDENTITY -> 1;
    };
  }

  /** Second derivative of the activation; ReLU's is 0. */
  double curvature(double u) {
    return switch (spec.activation()) {
      case RELU, IDENTITY -> 0;
      case TANH -> -2 * Math.tanh(u) * (1 - Math.tanh(u) * Math.tanh(u));
      case GELU -> (2 - u * u) * Math.exp(-0.5 * u * u) / Math.sqrt(2 * Math.PI);
    };
  }

  /** Whether the last forward pass used given statistics and not the batch's. */
  boolean frozen() {
    return frozen;
  }

  /** Φ(u) = (1 + erf(u/√2)) / 2. */
  private static double normalDistribution(double u) {
    return 0.5 * Erf.erfc(-u / Math.sqrt(2));
  }
}
