package org.basin.engine.reference;

import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;
import org.basin.train.LossFunction;

/**
 * Curvature-vector products in double precision, by the R-operator R{g}(θ) = d/dr g(θ + r v) at r =
 * 0 (Pearlmutter 1994): every line of the forward and backward passes of {@link ReferenceGradient}
 * differentiated in the direction v, whose blocks are V_l, v_l, v_γ, v_β.
 *
 * <pre>
 * forward      R{z_l} = R{a_{l-1}} W_l + a_{l-1} V_l + v_l
 *              R{a_l} = φ'(u_l) R{u_l}
 * outputs      R{df} = H_ℓ R{f}
 * backward     R{du_l} = R{da_l} φ'(u_l) + da_l φ''(u_l) R{u_l}
 *              R{dW_l} = R{a_{l-1}}ᵀ dz_l + a_{l-1}ᵀ R{dz_l}
 *              R{da_{l-1}} = R{dz_l} W_lᵀ + dz_l V_lᵀ
 * </pre>
 *
 * with dx the derivative of the loss with respect to x.
 */
final class ReferenceCurvature {
  private final MlpSpec spec;
  private final ParameterLayout layout;
  private final LossFunction loss;
  private final ReferenceGradient network;

  // R{.} of the pass at hand, [layer][batch][fanOut]; inputs [layer][batch][fanIn].
  private final double[][][] tangentInputs;
  private final double[][][] tangentPreActivations;
  private final double[][][] tangentNormalized;
  private final double[][] tangentInverseDeviation; // R{1/√(var + ε)}, [layer][fanOut]

  /** Products at the passes that {@code network} made last. */
  ReferenceCurvature(MlpSpec spec, LossFunction loss, ReferenceGradient network) {
    this.spec = spec;
    this.layout = new ParameterLayout(spec);
    this.loss = loss;
    this.network = network;
    tangentInputs = new double[spec.layers()][][];
    tangentPreActivations = new double[spec.layers()][][];
    tangentNormalized = new double[spec.layers()][][];
    tangentInverseDeviation = new double[spec.layers()][];
  }

  /**
   * H v of the mean loss, after a forward and a backward pass of the network at {@code theta}.
   *
   * @param v {@code [P]}
   * @return {@code [P]}
   */
  double[] hessianVector(double[] theta, double[] v) {
    double[][] delta = lossHessian(forward(theta, v));
    double[] product = new double[layout.size()];
    for (int l = spec.layers() - 1; l >= 0; l--) {
      if (l < spec.layers() - 1) {
        activateBackward(l, delta);
      }
      if (spec.normalized(l)) {
        delta = normalizeBackward(theta, v, l, delta, product);
      }
      delta = affineBackward(theta, v, l, delta, product);
    }
    return product;
  }

  /**
   * G v = Jᵀ H_ℓ J v of the mean loss, after a forward pass of the network at {@code theta}.
   *
   * @param v {@code [P]}
   * @return {@code [P]}
   */
  double[] gaussNewtonVector(double[] theta, double[] v) {
    return network.backpropagate(theta, lossHessian(forward(theta, v)));
  }

  /** R{f} = J v, {@code [batch, classes]}. */
  private double[][] forward(double[] theta, double[] v) {
    double[][] tangent = new double[network.logits.length][spec.inputs()];
    for (int l = 0; l < spec.layers(); l++) {
      tangentInputs[l] = tangent;
      tangent = affine(theta, v, l, tangent);
      if (spec.normalized(l)) {
        tangent = normalize(theta, v, l, tangent);
      }
      tangentPreActivations[l] = tangent;
      if (l < spec.layers() - 1) {
        double[][] activated = new double[tangent.length][spec.fanOut(l)];
        for (int i = 0; i < tangent.length; i++) {
          for (int j = 0; j < spec.fanOut(l); j++) {
            activated[i][j] = network.slope(network.preActivations[l][i][j]) * tangent[i][j];
          }
        }
        tangent = activated;
      }
    }
    return tangent;
  }

  private double[][] affine(double[] theta, double[] v, int l, double[][] tangent) {
    int out = spec.fanOut(l);
    double[][] z = new double[tangent.length][out];
    for (int i = 0; i < tangent.length; i++) {
      for (int j = 0; j < out; j++) {
        double sum = spec.bias() ? v[layout.bias(l) + j] : 0;
        for (int k = 0; k < spec.fanIn(l); k++) {
          int w = layout.weight(l) + k * out + j;
          sum += tangent[i][k] * theta[w] + network.inputs[l][i][k] * v[w];
        }
        z[i][j] = sum;
      }
    }
    return z;
  }

  /**
   * With s = 1/√(var + ε) and x̂ = (z - mean) s; means over the batch, 0 where the statistics are
   * constants:
   *
   * <pre>
   * R{x̂} = s (R{z} - mean(R{z}) - x̂ mean(x̂ R{z}))
   * R{s} = -s² mean(x̂ R{z})
   * R{u} = v_γ x̂ + γ R{x̂} + v_β
   * </pre>
   */
  private double[][] normalize(double[] theta, double[] v, int l, double[][] tangent) {
    int batch = tangent.length;
    int width = spec.fanOut(l);
    double[][] unit = network.normalized[l];
    tangentNormalized[l] = new double[batch][width];
    tangentInverseDeviation[l] = new double[width];
    double[][] u = new double[batch][width];
    for (int j = 0; j < width; j++) {
      double mean = 0;
      double product = 0;
      for (int i = 0; i < batch && !network.frozen(); i++) {
        mean += tangent[i][j] / batch;
        product += unit[i][j] * tangent[i][j] / batch;
      }
      double s = inverseDeviation(l, j);
      tangentInverseDeviation[l][j] = -s * s * product;
      for (int i = 0; i < batch; i++) {
        double r = s * (tangent[i][j] - mean - unit[i][j] * product);
        tangentNormalized[l][i][j] = r;
        u[i][j] =
            v[layout.gamma(l) + j] * unit[i][j]
                + theta[layout.gamma(l) + j] * r
                + v[layout.beta(l) + j];
      }
    }
    return u;
  }

  private double inverseDeviation(int l, int j) {
    return 1 / Math.sqrt(network.batchVariance[l][j] + ReferenceGradient.NORM_EPSILON);
  }

  /**
   * H_ℓ R{f} of the mean loss: p ⊙ (R{f} - pᵀR{f})/batch for cross-entropy, 2 R{f}/(K batch) for
   * MSE.
   */
  private double[][] lossHessian(double[][] tangent) {
    int batch = tangent.length;
    int classes = spec.outputs();
    double[][] delta = new double[batch][classes];
    for (int i = 0; i < batch; i++) {
      double[] p = ReferenceGradient.softmax(network.logits[i]);
      double mean = 0;
      for (int k = 0; k < classes; k++) {
        mean += p[k] * tangent[i][k];
      }
      for (int k = 0; k < classes; k++) {
        delta[i][k] =
            switch (loss) {
              case CROSS_ENTROPY -> p[k] * (tangent[i][k] - mean) / batch;
              case MSE -> 2 * tangent[i][k] / (classes * (double) batch);
            };
      }
    }
    return delta;
  }

  private void activateBackward(int l, double[][] delta) {
    for (int i = 0; i < delta.length; i++) {
      for (int j = 0; j < spec.fanOut(l); j++) {
        double u = network.preActivations[l][i][j];
        delta[i][j] =
            delta[i][j] * network.slope(u)
                + network.byActivation[l][i][j]
                    * network.curvature(u)
                    * tangentPreActivations[l][i][j];
      }
    }
  }

  /**
   * The gradient's pass is dγ = Σ du x̂, dβ = Σ du, dz = γ s c with c = du - mean(du) - x̂ mean(du
   * x̂). Its R-operator:
   *
   * <pre>
   * R{dγ} = Σ (R{du} x̂ + du R{x̂})
   * R{dβ} = Σ R{du}
   * R{c} = R{du} - mean(R{du}) - R{x̂} mean(du x̂) - x̂ mean(R{du} x̂ + du R{x̂})
   * R{dz} = (v_γ s + γ R{s}) c + γ s R{c}
   * </pre>
   */
  private double[][] normalizeBackward(
      double[] theta, double[] v, int l, double[][] delta, double[] product) {
    int batch = delta.length;
    double[][] dz = new double[batch][spec.fanOut(l)];
    for (int j = 0; j < spec.fanOut(l); j++) {
      double sum = 0;
      double dot = 0;
      double tangentSum = 0;
      double tangentDot = 0;
      for (int i = 0; i < batch; i++) {
        double du = network.byPreActivation[l][i][j];
        double unit = network.normalized[l][i][j];
        sum += du;
        dot += du * unit;
        tangentSum += delta[i][j];
        tangentDot += delta[i][j] * unit + du * tangentNormalized[l][i][j];
      }
      product[layout.gamma(l) + j] = tangentDot;
      product[layout.beta(l) + j] = tangentSum;
      double share = network.frozen() ? 0 : 1.0 / batch;
      double s = inverseDeviation(l, j);
      double gamma = theta[layout.gamma(l) + j];
      double scaleTangent = v[layout.gamma(l) + j] * s + gamma * tangentInverseDeviation[l][j];
      for (int i = 0; i < batch; i++) {
        double unit = network.normalized[l][i][j];
        double centered = network.byPreActivation[l][i][j] - share * sum - unit * share * dot;
        double centeredTangent =
            delta[i][j]
                - share * tangentSum
                - tangentNormalized[l][i][j] * share * dot
                - unit * share * tangentDot;
        dz[i][j] = scaleTangent * centered + gamma * s * centeredTangent;
      }
    }
    return dz;
  }

  private double[][] affineBackward(
      double[] theta, double[] v, int l, double[][] delta, double[] product) {
    int batch = delta.length;
    int in = spec.fanIn(l);
    int out = spec.fanOut(l);
    double[][] before = new double[batch][in];
    for (int i = 0; i < batch; i++) {
      for (int j = 0; j < out; j++) {
        if (spec.bias()) {
          product[layout.bias(l) + j] += delta[i][j];
        }
        double dz = network.byAffine[l][i][j];
        for (int k = 0; k < in; k++) {
          int w = layout.weight(l) + k * out + j;
          product[w] += tangentInputs[l][i][k] * dz + network.inputs[l][i][k] * delta[i][j];
          before[i][k] += delta[i][j] * theta[w] + dz * v[w];
        }
      }
    }
    return before;
  }
}
