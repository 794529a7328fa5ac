package org.basin.engine.cuda;

import org.basin.model.Activation;
import org.basin.train.LossFunction;
import org.basin.train.OptimizerKind;

/** The numbers that kernels know the choices by; the same as in the {@code .cuh} files. */
final class KernelCodes {
  private KernelCodes() {}

  /** As in {@code activation.cuh}. */
  static int of(Activation activation) {
    return switch (activation) {
      case RELU -> 0;
      case TANH -> 1;
      case GELU -> 2;
      case IDENTITY -> 3;
    };
  }

  /** As in {@code loss.cuh}. */
  static int of(LossFunction loss) {
    return switch (loss) {
      case CROSS_ENTROPY -> 0;
      case MSE -> 1;
    };
  }

  /** As in {@code optimizer.cuh}. */
  static int of(OptimizerKind optimizer) {
    return switch (optimizer) {
      case SGD -> 0;
      case HEAVY_BALL -> 1;
      case NESTEROV -> 2;
      case ADAM, ADAMW -> 3;
    };
  }
}
