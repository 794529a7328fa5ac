package org.basin.theory;

/**
 * Gauss and Legendre's rule on [−1, 1], ∫ f ≈ Σ w_i f(x_i), exact for polynomials up to degree 2n −
 * 1.
 *
 * @param nodes x, ascending
 * @param weights w
 */
record LegendreNodes(double[] nodes, double[] weights) {

  /** The rule of n nodes: the zeros of P_n by Newton's iteration from cos(π (i + ¾) / (n + ½)). */
  static LegendreNodes of(int n) {
    double[] nodes = new double[n];
    double[] weights = new double[n];
    for (int i = 0; i < n; i++) {
      double x = -Math.cos(Math.PI * (i + 0.75) / (n + 0.5));
      double slope = 0;
      for (int iteration = 0; iteration < 4; iteration++) {
        double previous = 1;
        double value = x;
        for (int degree = 2; degree <= n; degree++) {
          double next = ((2 * degree - 1) * x * value - (degree - 1) * previous) / degree;
          previous = value;
          value = next;
        }
        slope = n * (x * value - previous) / (x * x - 1);
        x -= value / slope;
      }
      nodes[i] = x;
      weights[i] = 2 / ((1 - x * x) * slope * slope);
    }
    return new LegendreNodes(nodes, weights);
  }
}
