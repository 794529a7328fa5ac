package org.basin.landscape.kernel;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * The eigenvalues of a kernel.
 *
 * @param eigenvalues λ, descending
 * @param noiseFloor what double precision may have moved an eigenvalue by: entries of Gram matrices
 *     are rounded by multiples of ε₆₄ √(Θ_ii Θ_jj), which is a matrix of norm ε₆₄ tr Θ, and the
 *     solver adds multiples of ε₆₄ ‖Θ‖ (Golub and Van Loan 2013, sections 2.7 and 8.3); both
 *     multiples are taken as the order
 */
record KernelSpectrum(double[] eigenvalues, double noiseFloor) {
  private static final double EPSILON = Math.ulp(1.0);

  static KernelSpectrum of(TangentKernel kernel) {
    return new KernelSpectrum(kernel.eigenvalues(), EPSILON * kernel.order() * kernel.trace());
  }

  double largest() {
    return eigenvalues[0];
  }

  double smallest() {
    return eigenvalues[eigenvalues.length - 1];
  }

  /** λ_max / λ_min; NaN for what is singular to all that we know. */
  double conditionNumber() {
    return smallest() > noiseFloor ? largest() / smallest() : Double.NaN;
  }

  /** The figures that a jackknife tells the error of, by name. */
  SequencedMap<String, Double> figures() {
    double sum = 0;
    double squares = 0;
    for (double value : eigenvalues) {
      sum += value;
      squares += value * value;
    }
    SequencedMap<String, Double> figures = new LinkedHashMap<>();
    figures.put("largestEigenvaluePerExample", largest() / eigenvalues.length);
    figures.put("participationRatio", sum * sum / squares);
    figures.put("entropyRank", entropyRank(sum));
    return figures;
  }

  private double entropyRank(double sum) {
    double entropy = 0;
    for (double value : eigenvalues) {
      if (value > 0) {
        entropy -= value / sum * Math.log(value / sum);
      }
    }
    return Math.exp(entropy);
  }
}
