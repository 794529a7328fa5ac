package org.basin.theory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The chain of saddles of Du et al. (2017, section 4), on which gradient descent takes exponential
 * time: f(x) = h(x_1) + Σ_{j>1} [h(x_j) + c(x_{j−1}) x_j²], with
 *
 * <pre>
 *   h(x) = −γ x²              |x| ≤ τ        c(x) = L + γ   |x| ≤ τ
 *          a quartic in |x|   between               falls between
 *          L (|x| − 4τ)² − ν  |x| ≥ 2τ              0       |x| ≥ 2τ
 * </pre>
 *
 * so that coordinate j is drawn to 0 at rate 2L until coordinate j − 1 has left, and only then
 * driven out at rate 2γ. Their pieces are put together so that f is twice continuously
 * differentiable on all of ℝ^d; on the chain's way, {0 ≤ x_1, …, x_i ≤ 6τ; the others at most τ},
 * it is theirs.
 *
 * @param dimension d, also the number of saddles
 * @param attraction L
 * @param repulsion γ
 */
public record SaddleChain(int dimension, double attraction, double repulsion) implements Function {
  /** τ, theirs. */
  public static final double TAU = Math.E;

  /** Checks ranges. */
  public SaddleChain {
    if (dimension < 1 || !(attraction > 0) || !(repulsion > 0)) {
      throw new IllegalArgumentException("a chain needs saddles, and both rates above 0");
    }
  }

  @Override
  public double value(double[] x) {
    double sum = well(x[0]);
    for (int j = 1; j < dimension; j++) {
      sum += well(x[j]) + hold(x[j - 1]) * x[j] * x[j];
    }
    return sum;
  }

  @Override
  public void gradient(double[] x, double[] gradient) {
    for (int j = 0; j < dimension; j++) {
      double slope = wellSlope(x[j]);
      if (j > 0) {
        slope += 2 * hold(x[j - 1]) * x[j];
      }
      if (j + 1 < dimension) {
        slope += holdSlope(x[j]) * x[j + 1] * x[j + 1];
      }
      gradient[j] = slope;
    }
  }

  /** h. */
  private double well(double x) {
    double size = Math.abs(x);
    if (size <= TAU) {
      return -repulsion * size * size;
    }
    if (size >= 2 * TAU) {
      double from = size - 4 * TAU;
      return attraction * from * from - depth();
    }
    return -repulsion * TAU * TAU + drop((size - TAU) / TAU);
  }

  private double wellSlope(double x) {
    double size = Math.abs(x);
    double slope;
    if (size <= TAU) {
      slope = -2 * repulsion * size;
    } else if (size >= 2 * TAU) {
      slope = 2 * attraction * (size - 4 * TAU);
    } else {
      // Hermite's cubic: slopes −2γτ, −4Lτ and second derivatives −2γ, 2L at the ends.
      double u = (size - TAU) / TAU;
      double v = 1 - u;
      slope =
          TAU
              * (-2 * repulsion * (1 + 2 * u) * v * v
                  - 4 * attraction * u * u * (3 - 2 * u)
                  - 2 * repulsion * u * v * v
                  - 2 * attraction * u * u * v);
    }
    return Math.copySign(1, x) * slope;
  }

  /** h((1 + u) τ) − h(τ): the integral of the cubic. */
  private double drop(double u) {
    double square = u * u;
    double cube = square * u;
    double fourth = square * square;
    return TAU
        * TAU
        * (-2 * repulsion * (u - cube + fourth / 2)
            - 4 * attraction * (cube - fourth / 2)
            - 2 * repulsion * (square / 2 - 2 * cube / 3 + fourth / 4)
            - 2 * attraction * (cube / 3 - fourth / 4));
  }

  /** ν: how far f falls at every saddle of the chain. */
  public double depth() {
    return 4 * attraction * TAU * TAU + repulsion * TAU * TAU - drop(1);
  }

  /** c. */
  private double hold(double x) {
    double u = Math.clamp((Math.abs(x) - TAU) / TAU, 0, 1);
    return (attraction + repulsion) * (1 - u * u * u * (10 - 15 * u + 6 * u * u));
  }

  private double holdSlope(double x) {
    double u = Math.clamp((Math.abs(x) - TAU) / TAU, 0, 1);
    double v = 1 - u;
    return -Math.copySign((attraction + repulsion) * 30 * u * u * v * v / TAU, x);
  }

  /** Saddle i, the first i coordinates at 4τ, with 2L d − 1 times and −2γ; last the minimum. */
  @Override
  public List<CriticalPoint> criticalPoints() {
    List<CriticalPoint> points = new ArrayList<>();
    for (int left = 0; left <= dimension; left++) {
      double[] point = new double[dimension];
      double[] eigenvalues = new double[dimension];
      Arrays.fill(point, 0, left, 4 * TAU);
      Arrays.fill(eigenvalues, 2 * attraction);
      if (left < dimension) {
        eigenvalues[left] = -2 * repulsion;
      }
      points.add(new CriticalPoint(point, eigenvalues));
    }
    return points;
  }

  /** −dν. */
  @Override
  public double infimum() {
    return -dimension * depth();
  }

  /** Infinite: c(x_{j−1}) x_j² bends without bound in x_{j−1} as x_j grows. */
  @Override
  public double smoothness() {
    return Double.POSITIVE_INFINITY;
  }

  /**
   * A bound ℓ on ‖∇²f‖ on the chain's way, by Gershgorin's discs: |h''| + max(c'' τ², 2c) + 2|c'|τ.
   */
  public double smoothnessOnTheWay() {
    double both = attraction + repulsion;
    // h'' is a parabola between its ends −2γ and 2L; −6.5 L + 3.5 γ half way.
    double half = -6.5 * attraction + 3.5 * repulsion;
    double start = -2 * repulsion;
    double end = 2 * attraction;
    double bend = 2 * (start + end - 2 * half);
    double rise = end - start - bend;
    double vertex = Math.clamp(bend == 0 ? 0 : -rise / (2 * bend), 0, 1);
    double extreme = start + rise * vertex + bend * vertex * vertex;
    double well = Math.max(Math.abs(extreme), Math.max(-start, end));
    // Of the quintic step, |s''| ≤ 10/√3 and |s'| ≤ 15/8.
    return well + both * (10 / Math.sqrt(3) + 15.0 / 4);
  }

  /**
   * A bound ρ on how fast ∇²f changes on the chain's way: the norm of the third derivative, entry
   * by entry, |h'''| + |c'''| τ² + 3 · 2|c''| τ + 3 · 2|c'|, with |s'''| ≤ 60.
   */
  public double hessianSmoothnessOnTheWay() {
    double both = attraction + repulsion;
    double half = -6.5 * attraction + 3.5 * repulsion;
    double start = -2 * repulsion;
    double end = 2 * attraction;
    double bend = 2 * (start + end - 2 * half);
    double rise = end - start - bend;
    double well = Math.max(Math.abs(rise), Math.abs(rise + 2 * bend));
    return (well + both * (60 + 6 * 10 / Math.sqrt(3) + 6 * 15.0 / 8)) / TAU;
  }
}
