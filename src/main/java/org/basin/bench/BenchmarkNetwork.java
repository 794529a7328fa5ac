package org.basin.bench;

import java.util.Collections;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.Parameterization;

/** The benchmark's network: two hidden ReLU layers of one width, on MNIST-1D's shape. */
final class BenchmarkNetwork {
  private static final int INPUTS = 40;
  private static final int CLASSES = 10;
  private static final int HIDDEN_LAYERS = 2;

  private BenchmarkNetwork() {}

  /** 40-w-w-10. */
  static MlpSpec ofWidth(int width) {
    return new MlpSpec(
        INPUTS,
        Collections.nCopies(HIDDEN_LAYERS, width),
        CLASSES,
        Activation.RELU,
        true,
        false,
        Initialization.HE,
        Parameterization.STANDARD,
        width);
  }

  /**
   * Floating-point operations of a training step: two a multiply-add, the matrix products alone.
   * Forward, weight gradients, and the derivatives handed back, which the first layer has no use
   * for: {@code 2 batch (3 Σ_l fanIn_l fanOut_l - fanIn_0 fanOut_0)}.
   */
  static double stepOperations(MlpSpec spec, int batch) {
    double first = (double) spec.fanIn(0) * spec.fanOut(0);
    return 2.0 * batch * (3 * weights(spec) - first);
  }

  /** Operations of a forward pass, counted alike: {@code 2 examples Σ_l fanIn_l fanOut_l}. */
  static double evaluationOperations(MlpSpec spec, int examples) {
    return 2.0 * examples * weights(spec);
  }

  /**
   * Operations of one Hessian-vector product by the R-operator, counted alike; the passes at θ,
   * which all vectors share, are left out. Every product of a step comes twice, but for those of
   * the first layer with R{x} = 0: {@code 2 examples (6 Σ_l fanIn_l fanOut_l - 4 fanIn_0
   * fanOut_0)}.
   */
  static double productOperations(MlpSpec spec, int examples) {
    double first = (double) spec.fanIn(0) * spec.fanOut(0);
    return 2.0 * examples * (6 * weights(spec) - 4 * first);
  }

  private static double weights(MlpSpec spec) {
    double weights = 0;
    for (int l = 0; l < spec.layers(); l++) {
      weights += (double) spec.fanIn(l) * spec.fanOut(l);
    }
    return weights;
  }
}
