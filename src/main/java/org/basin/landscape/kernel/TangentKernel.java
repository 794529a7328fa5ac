package org.basin.landscape.kernel;

import org.basin.linalg.DenseMatrix;

/**
 * An empirical neural tangent kernel (Jacot et al. 2018) of some examples.
 *
 * <pre>
 * Θ_(i,k),(j,m) = Σ_p r_p ∂f_k(x_i)/∂θ_p ∂f_m(x_j)/∂θ_p
 * </pre>
 *
 * <p>with r_p the factor that the parameterisation has for the rate of parameter p in gradient
 * descent: Θ is what moves the outputs in training, ḟ = −η Θ ∂L/∂f, and for {@code ntk} the kernel
 * of the paper's own weights w = √fanIn W. Adam's steps follow no such kernel; what is measured of
 * a network that it trained is the kernel of gradient descent all the same.
 *
 * @param examples n
 * @param block rows an example: 1 of a traced kernel, K of a whole one
 * @param values {@code [n block, n block]}, row-major, symmetric, example after example
 */
record TangentKernel(int examples, int block, double[] values) {

  int order() {
    return examples * block;
  }

  /** (1/K) Σ_k Θ_kk, of order n. */
  TangentKernel traced() {
    if (block == 1) {
      return this;
    }
    double[] traced = new double[examples * examples];
    for (int i = 0; i < examples; i++) {
      for (int j = 0; j < examples; j++) {
        double sum = 0;
        for (int k = 0; k < block; k++) {
          sum += values[(i * block + k) * order() + j * block + k];
        }
        traced[i * examples + j] = sum / block;
      }
    }
    return new TangentKernel(examples, 1, traced);
  }

  /** The kernel of these of its examples. */
  TangentKernel select(int[] chosen) {
    int order = chosen.length * block;
    double[] selected = new double[order * order];
    for (int i = 0; i < order; i++) {
      int row = (chosen[i / block] * block + i % block) * order();
      for (int j = 0; j < chosen.length; j++) {
        System.arraycopy(values, row + chosen[j] * block, selected, i * order + j * block, block);
      }
    }
    return new TangentKernel(chosen.length, block, selected);
  }

  /** tr Θ. */
  double trace() {
    double sum = 0;
    for (int i = 0; i < order(); i++) {
      sum += values[i * order() + i];
    }
    return sum;
  }

  /** ⟨Θ, Θ'⟩_F. */
  double inner(TangentKernel other) {
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += values[i] * other.values[i];
    }
    return sum;
  }

  /** ‖Θ‖_F. */
  double norm() {
    return Math.sqrt(inner(this));
  }

  /** ‖Θ − Θ'‖_F. */
  double distance(TangentKernel other) {
    double squares = 0;
    for (int i = 0; i < values.length; i++) {
      double difference = values[i] - other.values[i];
      squares += difference * difference;
    }
    return Math.sqrt(squares);
  }

  /** C Θ C with C = I − 11ᵀ/n, the kernel of centred features; of a traced kernel. */
  TangentKernel centred() {
    int n = examples;
    double[] means = new double[n];
    double all = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        means[i] += values[i * n + j] / n;
      }
      all += means[i] / n;
    }
    double[] centred = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        centred[i * n + j] = values[i * n + j] - means[i] - means[j] + all;
      }
    }
    return new TangentKernel(n, 1, centred);
  }

  /** All eigenvalues, descending. */
  double[] eigenvalues() {
    double[] eigenvalues = DenseMatrix.of(values, order()).eigenvalues();
    for (int i = 0, j = eigenvalues.length - 1; i < j; i++, j--) {
      double least = eigenvalues[i];
      eigenvalues[i] = eigenvalues[j];
      eigenvalues[j] = least;
    }
    return eigenvalues;
  }
}
