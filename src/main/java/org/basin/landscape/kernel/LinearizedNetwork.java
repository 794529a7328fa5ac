package org.basin.landscape.kernel;

import java.util.Arrays;
import org.basin.data.Examples;
import org.basin.linalg.DenseProduct;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;
import org.basin.model.Parameterization;
import org.hipparchus.special.Erf;

/**
 * A network f(θ) on some examples with its first derivatives by θ, in double precision, so that
 * what a kernel cannot resolve is a matter of the kernel and not of float32.
 *
 * <pre>
 * z_l = a_{l-1} W_l + b_l                                [n, fanOut]
 * u_l = γ ẑ_l + β, ẑ_l = (z_l − mean_l) / √(var_l + ε)    where normalised; else u_l = z_l
 * a_l = φ(u_l)
 * </pre>
 *
 * <p>Mean and variance are constants. ReLU's derivative at 0 is 0.
 */
final class LinearizedNetwork {
  /** Batch normalisation's ε, as the engines have it. */
  private static final double NORM_EPSILON = 1e-5;

  private final MlpSpec spec;
  private final ParameterLayout layout;
  private final float[] theta;
  private final int examples;
  private final double[][] inputs; // a_{l-1}, [layer][n * fanIn]
  private final double[][] slopes; // φ'(u_l), [hidden layer][n * fanOut]
  private final double[][] normalized; // ẑ_l, [layer][n * fanOut], where normalised
  private final double[][] scales; // du/dz = γ / √(var + ε), [layer][fanOut], where normalised
  private final double[] outputs; // [n * K]

  /**
   * Runs the network.
   *
   * @param theta {@code [P]}, only read
   * @param statistics its running statistics are batch normalisation's; its parameters are not read
   */
  LinearizedNetwork(MlpSpec spec, float[] theta, NetworkState statistics, Examples data) {
    this.spec = spec;
    this.layout = new ParameterLayout(spec);
    this.theta = theta;
    examples = data.count();
    int layers = spec.layers();
    inputs = new double[layers][];
    slopes = new double[layers][];
    normalized = new double[layers][];
    scales = new double[layers][];
    double[] a = widened(data.inputs(), 0, data.inputs().length);
    for (int l = 0; l < layers; l++) {
      inputs[l] = a;
      double[] u = affine(l, a);
      if (spec.normalized(l)) {
        normalize(l, u, statistics);
      }
      if (l < layers - 1) {
        slopes[l] = new double[u.length];
        activate(u, slopes[l]);
      }
      a = u;
    }
    outputs = a;
  }

  /** f(θ), {@code [n, K]}, row-major. */
  double[] outputs() {
    return outputs;
  }

  private double[] weights(int l) {
    return widened(theta, layout.weight(l), spec.fanIn(l) * spec.fanOut(l));
  }

  private static double[] widened(float[] values, int from, int count) {
    double[] widened = new double[count];
    for (int i = 0; i < count; i++) {
      widened[i] = values[from + i];
    }
    return widened;
  }

  /** a W_l + b_l. */
  private double[] affine(int l, double[] a) {
    int width = spec.fanOut(l);
    double[] z = DenseProduct.of(a, weights(l), examples, spec.fanIn(l), width);
    for (int i = 0; spec.bias() && i < z.length; i++) {
      z[i] += theta[layout.bias(l) + i % width];
    }
    return z;
  }

  /** z → u, in place. */
  private void normalize(int l, double[] z, NetworkState statistics) {
    int width = spec.fanOut(l);
    scales[l] = new double[width];
    normalized[l] = new double[z.length];
    for (int j = 0; j < width; j++) {
      double mean = statistics.runningMean()[layout.statistics(l) + j];
      double variance = statistics.runningVariance()[layout.statistics(l) + j];
      double deviation = Math.sqrt(variance + NORM_EPSILON);
      double gamma = theta[layout.gamma(l) + j];
      scales[l][j] = gamma / deviation;
      for (int at = j; at < z.length; at += width) {
        normalized[l][at] = (z[at] - mean) / deviation;
        z[at] = gamma * normalized[l][at] + theta[layout.beta(l) + j];
      }
    }
  }

  /** u → φ(u), in place. */
  private void activate(double[] u, double[] slope) {
    for (int i = 0; i < u.length; i++) {
      double x = u[i];
      switch (spec.activation()) {
        case RELU -> {
          u[i] = Math.max(0, x);
          slope[i] = x > 0 ? 1 : 0;
        }
        case TANH -> {
          u[i] = Math.tanh(x);
          slope[i] = 1 - u[i] * u[i];
        }
        case GELU -> {
          double below = 0.5 * Erf.erfc(-x / Math.sqrt(2)); // Φ(x)
          u[i] = x * below;
          slope[i] = below + x * Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
        }
        case IDENTITY -> slope[i] = 1;
      }
    }
  }

  /**
   * J(θ)(θ' − θ), what the outputs of the network that is linear in its parameters move by on the
   * way to θ'.
   *
   * @param there θ', {@code [P]}
   * @return {@code [n, K]}, row-major
   */
  double[] towards(float[] there) {
    double[] direction = new double[there.length];
    for (int i = 0; i < direction.length; i++) {
      direction[i] = (double) there[i] - theta[i];
    }
    return along(direction);
  }

  /**
   * J(θ) v by one forward pass.
   *
   * @param direction v, {@code [P]}
   * @return {@code [n, K]}, row-major
   */
  double[] along(double[] direction) {
    double[] tangent = new double[0];
    for (int l = 0; l < spec.layers(); l++) {
      int width = spec.fanOut(l);
      int inner = spec.fanIn(l);
      int at = layout.weight(l);
      double[] weightPart = Arrays.copyOfRange(direction, at, at + inner * width);
      double[] moved = DenseProduct.of(inputs[l], weightPart, examples, inner, width);
      if (l > 0) {
        add(moved, DenseProduct.of(tangent, weights(l), examples, inner, width), 1);
      }
      if (spec.bias()) {
        for (int i = 0; i < moved.length; i++) {
          moved[i] += direction[layout.bias(l) + i % width];
        }
      }
      if (spec.normalized(l)) {
        for (int i = 0; i < moved.length; i++) {
          int j = i % width;
          moved[i] =
              scales[l][j] * moved[i]
                  + normalized[l][i] * direction[layout.gamma(l) + j]
                  + direction[layout.beta(l) + j];
        }
      }
      for (int i = 0; l < spec.layers() - 1 && i < moved.length; i++) {
        moved[i] *= slopes[l][i];
      }
      tangent = moved;
    }
    return tangent;
  }

  /**
   * J(θ)ᵀ c by one backward pass.
   *
   * @param cotangent c, {@code [n, K]}, row-major; overwritten
   * @return {@code [P]}
   */
  double[] back(double[] cotangent) {
    double[] gradient = new double[theta.length];
    double[] delta = cotangent;
    for (int l = spec.layers() - 1; l >= 0; l--) {
      int width = spec.fanOut(l);
      int inner = spec.fanIn(l);
      for (int i = 0; l < spec.layers() - 1 && i < delta.length; i++) {
        delta[i] *= slopes[l][i];
      }
      for (int i = 0; spec.normalized(l) && i < delta.length; i++) {
        int j = i % width;
        gradient[layout.gamma(l) + j] += delta[i] * normalized[l][i];
        gradient[layout.beta(l) + j] += delta[i];
        delta[i] *= scales[l][j];
      }
      for (int i = 0; spec.bias() && i < delta.length; i++) {
        gradient[layout.bias(l) + i % width] += delta[i];
      }
      double[] a = DenseProduct.transposed(inputs[l], examples, inner);
      double[] byWeight = DenseProduct.of(a, delta, inner, examples, width);
      System.arraycopy(byWeight, 0, gradient, layout.weight(l), byWeight.length);
      if (l > 0) {
        double[] w = DenseProduct.transposed(weights(l), inner, width);
        delta = DenseProduct.of(delta, w, examples, width, inner);
      }
    }
    return gradient;
  }

  /**
   * Θ(θ) = J diag(r) Jᵀ from products of Gram matrices, J itself being nowhere:
   *
   * <pre>
   * Θ = Σ_l (Δ_l Δ_lᵀ) ∘ (r_W A_{l-1} A_{l-1}ᵀ + r_b) + r_γ (Δ_u ∘ ẑ)(Δ_u ∘ ẑ)ᵀ + r_β Δ_u Δ_uᵀ
   * </pre>
   *
   * <p>with Δ_l {@code [n K, fanOut]} the derivatives of every output by z_l, Δ_u those by u_l.
   *
   * @throws InterruptedException when the thread was interrupted
   */
  TangentKernel kernel(KernelOutputs kept) throws InterruptedException {
    int classes = spec.outputs();
    boolean traced = kept == KernelOutputs.TRACED;
    // Side by side in one row, the outputs of an example add up in a Gram matrix of its own.
    int block = traced ? 1 : classes;
    double[] sum = new double[examples * block * examples * block];
    Parameterization parameterization = spec.parameterization();
    double[] delta = new double[examples * classes * classes];
    for (int row = 0; row < examples * classes; row++) {
      delta[row * classes + row % classes] = 1;
    }
    for (int l = spec.layers() - 1; l >= 0; l--) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      double vectorRate = parameterization.vectorRate(spec, l, false);
      if (l < spec.layers() - 1) {
        multiply(delta, slopes[l], spec.fanOut(l));
      }
      if (spec.normalized(l)) {
        add(sum, DenseProduct.gram(delta, examples * block), vectorRate);
        double[] byGamma = delta.clone();
        multiply(byGamma, normalized[l], spec.fanOut(l));
        add(sum, DenseProduct.gram(byGamma, examples * block), vectorRate);
        for (int i = 0; i < delta.length; i++) {
          delta[i] *= scales[l][i % spec.fanOut(l)];
        }
      }
      addLayer(
          sum,
          DenseProduct.gram(delta, examples * block),
          DenseProduct.gram(inputs[l], examples),
          block,
          parameterization.weightRate(spec, l, false),
          spec.bias() ? vectorRate : 0);
      if (l > 0) {
        double[] w = DenseProduct.transposed(weights(l), spec.fanIn(l), spec.fanOut(l));
        delta = DenseProduct.of(delta, w, examples * classes, spec.fanOut(l), spec.fanIn(l));
      }
    }
    if (traced) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] /= classes;
      }
    }
    return new TangentKernel(examples, block, sum);
  }

  /** Rows of {@code delta}, K an example, times the row of their example. */
  private void multiply(double[] delta, double[] factors, int width) {
    int classes = spec.outputs();
    for (int i = 0; i < examples; i++) {
      for (int k = 0; k < classes; k++) {
        int row = (i * classes + k) * width;
        for (int j = 0; j < width; j++) {
          delta[row + j] *= factors[i * width + j];
        }
      }
    }
  }

  private static void add(double[] sum, double[] part, double factor) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += factor * part[i];
    }
  }

  private void addLayer(
      double[] sum,
      double[] deltaGram,
      double[] inputGram,
      int block,
      double weightRate,
      double biasRate) {
    int order = examples * block;
    for (int i = 0; i < order; i++) {
      for (int j = 0; j < order; j++) {
        double factor = weightRate * inputGram[i / block * examples + j / block] + biasRate;
        sum[i * order + j] += deltaGram[i * order + j] * factor;
      }
    }
  }
}
