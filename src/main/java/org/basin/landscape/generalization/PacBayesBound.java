package org.basin.landscape.generalization;

/**
 * The PAC-Bayes-kl bound (Seeger 2002; Maurer 2004, theorem 5) of the mean error of networks with
 * Gaussian noise on their parameters, Q = N(θ, σ²I), on fresh examples of the training's
 * distribution, its label noise included: with probability 1 − δ over n independent examples,
 *
 * <pre>
 * kl(err_train(Q) ‖ err(Q)) ≤ c = (KL(Q ‖ P) + ln(2√n / δ)) / n
 * </pre>
 *
 * <p>The prior P = N(θ⁰, λI) is centred at the initialisation, which knows no example. λ = 2^j is
 * chosen after seeing them, so that the integer j costs ln 3 + |j| ln 2 by a union bound over
 * priors of weight 2^(−|j|)/3 (as Langford and Caruana 2001; Dziugaite and Roy 2017, section 3.1).
 *
 * @param divergence KL(Q ‖ P) with the best j, in nats
 * @param complexity c, the price of j included
 */
record PacBayesBound(double divergence, double complexity) {
  private static final int BISECTIONS = 100;

  /**
   * The bound's complexity.
   *
   * @param squaredDistance ‖θ − θ⁰‖²
   * @param parameters P
   * @param sigma of the noise, above 0
   * @param examples n, at least 8
   * @param confidence 1 − δ
   */
  static PacBayesBound of(
      double squaredDistance, int parameters, double sigma, int examples, double confidence) {
    double variance = sigma * sigma;
    // KL alone is smallest at λ = σ² + ‖θ − θ⁰‖² / P; the price of j moves the best one little.
    int near = (int) Math.rint(Math.log(variance + squaredDistance / parameters) / Math.log(2));
    double best = Double.POSITIVE_INFINITY;
    double divergence = Double.NaN;
    for (int j = near - 2; j <= near + 2; j++) {
      double prior = Math.pow(2, j);
      double kl =
          0.5
              * (parameters * (variance / prior - 1 + Math.log(prior / variance))
                  + squaredDistance / prior);
      double whole = kl + Math.log(3) + Math.abs(j) * Math.log(2);
      if (whole < best) {
        best = whole;
        divergence = kl;
      }
    }
    double price = Math.log(2 * Math.sqrt(examples) / (1 - confidence));
    return new PacBayesBound(divergence, (best + price) / examples);
  }

  /** The largest error q with kl(trainError ‖ q) ≤ c; below 1, however large c is. */
  double error(double trainError) {
    double low = trainError;
    double high = 1;
    for (int i = 0; i < BISECTIONS; i++) {
      double middle = (low + high) / 2;
      if (divergence(trainError, middle) <= complexity) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** kl(p ‖ q) = p ln(p/q) + (1 − p) ln((1 − p)/(1 − q)). */
  static double divergence(double p, double q) {
    return term(p, q) + term(1 - p, 1 - q);
  }

  private static double term(double p, double q) {
    return p == 0 ? 0 : p * Math.log(p / q);
  }
}
