package org.basin.landscape.sharpness;

import java.util.Arrays;

/** The norm that a perturbation δ of the parameters is measured in: ‖δ / s‖₂. */
enum Scaling {
  /** s = 1: the parameters' own Euclidean norm. */
  PLAIN {
    @Override
    double[] of(float[] theta) {
      double[] ones = new double[theta.length];
      Arrays.fill(ones, 1);
      return ones;
    }
  },
  /**
   * s = |θ| for weights, biases, γ and β alike (Kwon et al. 2021, with η = 0; Andriushchenko et al.
   * 2023): what multiplies a ReLU neuron's incoming weights and bias by a and divides the outgoing
   * ones by it changes neither the network nor any adaptive sharpness. A parameter that is 0 stays.
   */
  ADAPTIVE {
    @Override
    double[] of(float[] theta) {
      double[] magnitudes = new double[theta.length];
      Arrays.setAll(magnitudes, i -> Math.abs(theta[i]));
      return magnitudes;
    }
  };

  /** s, {@code [P]}. */
  abstract double[] of(float[] theta);

  /** Name of what is called {@code plain} without a scaling. */
  String named(String plain) {
    return this == ADAPTIVE
        ? "adaptive" + Character.toUpperCase(plain.charAt(0)) + plain.substring(1)
        : plain;
  }
}
