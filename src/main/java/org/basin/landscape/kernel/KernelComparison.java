package org.basin.landscape.kernel;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * A network against the one that its training began with, on the same examples.
 *
 * @param kernel Θ
 * @param initial Θ₀, of the same shape
 * @param labels {@code [n]}
 * @param movedSquares ‖f(x_i) − f₀(x_i)‖² of each example
 * @param missedSquares ‖f(x_i) − f_lin(x_i)‖² of each example
 */
record KernelComparison(
    TangentKernel kernel,
    TangentKernel initial,
    int[] labels,
    double[] movedSquares,
    double[] missedSquares) {

  /**
   * Compares {@code network} with {@code start}.
   *
   * @param initial Θ₀
   * @param theta θ, {@code [P]}
   * @throws InterruptedException when the thread was interrupted
   */
  static KernelComparison of(
      LinearizedNetwork network,
      LinearizedNetwork start,
      TangentKernel initial,
      float[] theta,
      int[] labels,
      KernelOutputs outputs)
      throws InterruptedException {
    double[] end = network.outputs();
    double[] begin = start.outputs();
    double[] linear = start.towards(theta);
    int classes = end.length / labels.length;
    double[] moved = new double[labels.length];
    double[] missed = new double[labels.length];
    for (int i = 0; i < end.length; i++) {
      double whole = end[i] - begin[i];
      double rest = whole - linear[i];
      moved[i / classes] += whole * whole;
      missed[i / classes] += rest * rest;
    }
    return new KernelComparison(network.kernel(outputs), initial, labels, moved, missed);
  }

  /** The same of some of the examples. */
  KernelComparison select(int[] chosen) {
    int[] chosenLabels = new int[chosen.length];
    double[] moved = new double[chosen.length];
    double[] missed = new double[chosen.length];
    for (int i = 0; i < chosen.length; i++) {
      chosenLabels[i] = labels[chosen[i]];
      moved[i] = movedSquares[chosen[i]];
      missed[i] = missedSquares[chosen[i]];
    }
    return new KernelComparison(
        kernel.select(chosen), initial.select(chosen), chosenLabels, moved, missed);
  }

  /** The figures that need no eigenvalues, by name; NaN where one is 0/0. */
  SequencedMap<String, Double> figures() {
    SequencedMap<String, Double> figures = new LinkedHashMap<>();
    figures.put("tracePerExample", kernel.trace() / kernel.order());
    figures.put("normPerExample", kernel.norm() / kernel.order());
    figures.put("drift", kernel.distance(initial) / initial.norm());
    double cosine = kernel.inner(initial) / (kernel.norm() * initial.norm());
    figures.put("kernelDistance", Math.max(0, 1 - cosine));
    TangentKernel ideal = labelKernel();
    TangentKernel traced = kernel.traced();
    figures.put("alignment", alignment(traced, ideal));
    figures.put("centredAlignment", alignment(traced.centred(), ideal.centred()));
    figures.put("initialAlignment", alignment(initial.traced(), ideal));
    figures.put("linearizationError", Math.sqrt(sum(missedSquares) / sum(movedSquares)));
    return figures;
  }

  /** Y Yᵀ of one-hot labels Y: 1 where two examples are of one class. */
  private TangentKernel labelKernel() {
    int n = labels.length;
    double[] values = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        values[i * n + j] = labels[i] == labels[j] ? 1 : 0;
      }
    }
    return new TangentKernel(n, 1, values);
  }

  private static double alignment(TangentKernel left, TangentKernel right) {
    return left.inner(right) / (left.norm() * right.norm());
  }

  private static double sum(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }
}
