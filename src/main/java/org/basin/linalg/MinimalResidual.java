package org.basin.linalg;

import org.basin.InvalidInputException;

/**
 * The x of a Krylov space that makes ‖b − Hx‖ least, for a symmetric H that may be indefinite or
 * singular: MINRES (Paige and Saunders 1975, section 6), in the recurrences of Choi, Paige and
 * Saunders (2011, "MINRES-QLP", table 3.1), without preconditioner.
 *
 * <pre>
 * x_k = argmin ‖b − Hx‖ over x in span{b, Hb, …, H^{k−1}b},   H V_k = V_{k+1} T_k
 * </pre>
 *
 * <p>Where b is not in the range of H, the residual ends at b's part in the null space, and {@code
 * ‖Hr‖} tells that it cannot become less: that ends the iteration too, before x grows in directions
 * that only rounding tells from the null space. Memory is a few vectors, whatever the number of
 * iterations.
 */
public final class MinimalResidual {
  // Norms below this share of ‖H‖ are the rounding of float32 products.
  private static final double ROUNDING = Math.ulp(1f);

  private MinimalResidual() {}

  /**
   * What an iteration came to.
   *
   * @param x {@code [n]}
   * @param residual ‖b − Hx‖ over ‖b‖, by the recurrence; 0 where b is 0
   * @param stationarity ‖Hr‖ / (‖H‖ ‖r‖) of the last residual r that it is known of: near 0, r is
   *     what no x takes away; 0 where r is 0
   * @param norm ‖H‖, from below
   * @param iterations products spent
   * @param converged whether a tolerance was met, of the residual or of its stationarity
   */
  public record Solution(
      double[] x,
      double residual,
      double stationarity,
      double norm,
      int iterations,
      boolean converged) {}

  /**
   * Solves.
   *
   * @param b {@code [n]}, only read
   * @param tolerance of the residual over ‖b‖; above 0 and below 1
   * @param stationary tolerance of the residual's stationarity; above 0 and below 1. Eigenvalues
   *     below this share of ‖H‖ may be taken for 0
   * @param most iterations at most, at least 1
   * @throws NonFiniteProductException when a product is not finite
   */
  public static Solution solve(
      SymmetricOperator operator, float[] b, double tolerance, double stationary, int most) {
    if (!(tolerance > 0 && tolerance < 1 && stationary > 0 && stationary < 1) || most < 1) {
      throw new InvalidInputException(
          "MINRES with tolerances %s and %s and %d iterations: above 0 and below 1, at least 1"
              .formatted(tolerance, stationary, most));
    }
    Products products = new Products(operator);
    int n = products.size();
    double[] x = new double[n];
    double[] v = new double[n]; // v_k
    double[] before = new double[n]; // v_{k−1}
    double[] next = new double[n];
    double[] d = new double[n]; // d_{k−1}, of D_k R_k = V_k
    double[] dBefore = new double[n];
    float[] rounded = new float[n];
    float[] product = new float[n];
    for (int i = 0; i < n; i++) {
      v[i] = b[i];
    }
    double first = Euclidean.norm(v);
    if (first == 0) {
      return new Solution(x, 0, 0, 0, 0, true);
    }
    scale(v, 1 / first);
    double beta = 0; // β_k
    double cosine = -1;
    double sine = 0;
    double delta = 0; // δ_k, the entry above the diagonal that the last reflection left
    double epsilon = 0; // ε_k, the entry two above
    double phi = first; // ‖r_{k−1}‖
    double norm = 0;
    double stationarity = 1;
    for (int k = 1; k <= most; k++) {
      for (int i = 0; i < n; i++) {
        rounded[i] = (float) v[i];
      }
      products.apply(rounded, 1, product);
      double alpha = 0;
      for (int i = 0; i < n; i++) {
        alpha += v[i] * product[i];
      }
      for (int i = 0; i < n; i++) {
        next[i] = product[i] - alpha * v[i] - beta * before[i];
      }
      double betaNext = Euclidean.norm(next);
      norm = Math.max(norm, Math.sqrt(beta * beta + alpha * alpha + betaNext * betaNext));
      double deltaTurned = cosine * delta + sine * alpha;
      double gamma = sine * delta - cosine * alpha;
      double epsilonNext = sine * betaNext;
      double deltaNext = -cosine * betaNext;
      stationarity = norm == 0 ? 0 : Math.hypot(gamma, deltaNext) / norm;
      if (stationarity <= Math.max(stationary, ROUNDING)) {
        return new Solution(x, phi / first, stationarity, norm, k, true);
      }
      double diagonal = Math.hypot(gamma, betaNext);
      cosine = gamma / diagonal;
      sine = betaNext / diagonal;
      double step = cosine * phi;
      phi *= sine;
      double[] direction = dBefore;
      for (int i = 0; i < n; i++) {
        direction[i] = (v[i] - deltaTurned * d[i] - epsilon * dBefore[i]) / diagonal;
        x[i] += step * direction[i];
      }
      dBefore = d;
      d = direction;
      if (phi <= tolerance * first) {
        return new Solution(x, phi / first, stationarity, norm, k, true);
      }
      if (betaNext <= ROUNDING * norm) { // The space is invariant: nothing is left to be gained.
        return new Solution(x, phi / first, 0, norm, k, true);
      }
      double[] swap = before;
      before = v;
      v = next;
      next = swap;
      scale(v, 1 / betaNext);
      beta = betaNext;
      delta = deltaNext;
      epsilon = epsilonNext;
    }
    return new Solution(x, phi / first, stationarity, norm, most, false);
  }

  private static void scale(double[] vector, double factor) {
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= factor;
    }
  }
}
