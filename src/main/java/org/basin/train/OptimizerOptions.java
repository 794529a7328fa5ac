package org.basin.train;

import org.basin.Require;
import org.jspecify.annotations.Nullable;

/**
 * The optimiser and its constants.
 *
 * @param name which one
 * @param learningRate peak learning rate η, above 0
 * @param momentum μ of heavy-ball and Nesterov; 0.9 (Sutskever et al. 2013)
 * @param beta1 Adam's decay of the first moment; 0.9 (Kingma and Ba 2015)
 * @param beta2 Adam's decay of the second moment; 0.999 (Kingma and Ba 2015)
 * @param epsilon Adam's ε; 1e-8 (Kingma and Ba 2015)
 * @param weightDecay decoupled: weights (not biases, γ, β) shrink by the factor 1 - η_t λ a step
 *     (Loshchilov and Hutter 2019); null means 0, and 0.01 (PyTorch's default) for AdamW
 * @param l2 coefficient c of ½ c ‖w‖², added to the objective; weights only
 */
public record OptimizerOptions(
    OptimizerKind name,
    double learningRate,
    double momentum,
    double beta1,
    double beta2,
    double epsilon,
    @Nullable Double weightDecay,
    double l2) {
  /** Plain SGD at 0.1. */
  public static final OptimizerOptions DEFAULTS =
      new OptimizerOptions(OptimizerKind.SGD, 0.1, 0.9, 0.9, 0.999, 1e-8, null, 0.0);

  /** Checks ranges. */
  public OptimizerOptions {
    Require.positive("learningRate", learningRate, 1e6);
    Require.inHalfOpenRange("momentum", momentum, 0.0, 1.0);
    Require.inHalfOpenRange("beta1", beta1, 0.0, 1.0);
    Require.inHalfOpenRange("beta2", beta2, 0.0, 1.0);
    Require.positive("epsilon", epsilon, 1.0);
    if (weightDecay != null) {
      Require.inRange("weightDecay", weightDecay, 0.0, 1e6);
    }
    Require.inRange("l2", l2, 0.0, 1e6);
  }

  /** Decoupled weight decay λ in effect. */
  public double decay() {
    if (weightDecay != null) {
      return weightDecay;
    }
    return name == OptimizerKind.ADAMW ? 0.01 : 0.0;
  }
}
