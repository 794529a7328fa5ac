package org.basin.landscape.generalization;

import static org.basin.landscape.generalization.LayerNorms.square;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;
import org.basin.model.Activation;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;

/**
 * Norms of a whole network, made of those of its layers; the errors of the layers' spectral norms
 * go on into them, to first order.
 *
 * @param layers input layer first
 * @param lipschitz ρ, the largest slope of the activation
 */
record NetworkNorms(List<LayerNorms> layers, double lipschitz) {

  /** Copies the list. */
  NetworkNorms {
    layers = List.copyOf(layers);
  }

  /** Largest |φ'|: 1, but for GELU, whose slope Φ(x) + x φ(x) has its maximum at √2. */
  static double lipschitz(Activation activation) {
    return switch (activation) {
      case RELU, TANH, IDENTITY -> 1;
      case GELU -> 1.12891;
    };
  }

  /** √Σ_l ‖W_l‖_F². */
  double frobenius() {
    return Math.sqrt(sum(layer -> square(layer.frobenius())));
  }

  /** Π_l ‖W_l‖_F. */
  double frobeniusProduct() {
    double product = 1;
    for (LayerNorms layer : layers) {
      product *= layer.frobenius();
    }
    return product;
  }

  /** Π_l ‖W_l‖₂; with ρ^(L−1) a bound of the function's Lipschitz constant. */
  Uncertain spectralProduct() {
    double product = 1;
    for (LayerNorms layer : layers) {
      product *= layer.spectral().value();
    }
    return uncertain(product, layer -> 1);
  }

  /** Σ_l ‖W_l‖_F² / ‖W_l‖₂² (Jiang et al. 2020, "fro-over-spec"). */
  Uncertain stableRankSum() {
    double sum = sum(LayerNorms::stableRank);
    return uncertain(sum, layer -> 2 * layer.stableRank() / sum);
  }

  /** √Σ_l ‖W_l − W_l⁰‖_F². */
  double distance() {
    return Math.sqrt(sum(layer -> square(layer.frobeniusDistance())));
  }

  /** √Σ_l ‖W_l − W_l⁰‖₂²; its square is "dist-spec-init" of Jiang et al. 2020. */
  Uncertain spectralDistance() {
    double value = Math.sqrt(sum(layer -> square(layer.spectralDistance().value())));
    double squares = 0;
    boolean converged = true;
    for (LayerNorms layer : layers) {
      Uncertain distance = layer.spectralDistance();
      squares += square(distance.value() * distance.standardError());
      converged &= distance.converged();
    }
    double error = value == 0 ? 0 : Math.sqrt(squares) / value;
    return of(value, error, converged);
  }

  /** Σ_l ‖W_l − W_l⁰‖_F² / ‖W_l‖₂² (Neyshabur et al. 2018, in Jiang et al. 2020). */
  Uncertain relativeDistance() {
    double sum = sum(NetworkNorms::relativeDistance);
    return uncertain(sum, layer -> sum == 0 ? 0 : 2 * relativeDistance(layer) / sum);
  }

  private static double relativeDistance(LayerNorms layer) {
    return square(layer.frobeniusDistance() / layer.spectral().value());
  }

  /**
   * The spectral complexity (Bartlett et al. 2017, eq. 1.2) with the initial weights for reference
   * matrices, of weights alone:
   *
   * <pre>
   * R = ρ^(L−1) (Π_l ‖W_l‖₂) (Σ_l (‖W_l − W_l⁰‖_{2,1} / ‖W_l‖₂)^{2/3})^{3/2}
   * </pre>
   */
  Uncertain spectralComplexity() {
    double sum = sum(NetworkNorms::complexityTerm);
    double value = lipschitzProduct().value() * Math.pow(sum, 1.5);
    return uncertain(value, layer -> sum == 0 ? 0 : 1 - complexityTerm(layer) / sum);
  }

  private static double complexityTerm(LayerNorms layer) {
    return Math.pow(layer.groupDistance() / layer.spectral().value(), 2.0 / 3);
  }

  /** ρ^(L−1) Π_l ‖W_l‖₂, a bound of the outputs' Lipschitz constant. */
  Uncertain lipschitzProduct() {
    return spectralProduct().times(Math.pow(lipschitz, layers.size() - 1));
  }

  /**
   * The path norm (Neyshabur et al. 2015, section 4, with p = 2): the root of the sum over all
   * paths from an input, or from the constant that feeds a bias, to an output, of the product of
   * the squared weights on it, which is what a linear network of the squared weights answers to an
   * input of ones.
   */
  static double pathNorm(FoldedNetwork network) {
    MlpSpec spec = network.spec();
    ParameterLayout layout = new ParameterLayout(spec);
    float[] theta = network.theta();
    double[] sums = new double[spec.inputs()];
    Arrays.fill(sums, 1);
    for (int l = 0; l < spec.layers(); l++) {
      int width = spec.fanOut(l);
      double[] next = new double[width];
      for (int j = 0; j < width; j++) {
        next[j] = spec.bias() ? square(theta[layout.bias(l) + j]) : 0;
      }
      for (int i = 0; i < sums.length; i++) {
        for (int j = 0; j < width; j++) {
          next[j] += sums[i] * square(theta[layout.weight(l) + i * width + j]);
        }
      }
      sums = next;
    }
    double total = 0;
    for (double sum : sums) {
      total += sum;
    }
    return Math.sqrt(total);
  }

  private double sum(ToDoubleFunction<LayerNorms> term) {
    double sum = 0;
    for (LayerNorms layer : layers) {
      sum += term.applyAsDouble(layer);
    }
    return sum;
  }

  /**
   * A value with the error that the spectral norms leave.
   *
   * @param elasticity |d ln value / d ln ‖W_l‖₂|
   */
  private Uncertain uncertain(double value, ToDoubleFunction<LayerNorms> elasticity) {
    double squares = 0;
    boolean converged = true;
    for (LayerNorms layer : layers) {
      squares += square(elasticity.applyAsDouble(layer) * layer.relativeError());
      converged &= layer.spectral().converged();
    }
    return of(value, Math.abs(value) * Math.sqrt(squares), converged);
  }

  private static Uncertain of(double value, double error, boolean converged) {
    return Double.isFinite(value) && Double.isFinite(error)
        ? Uncertain.of(value, List.of(Contribution.known(Source.RESIDUAL, error)), converged)
        : Uncertain.of(value, List.of(), false);
  }
}
