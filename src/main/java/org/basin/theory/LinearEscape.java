package org.basin.theory;

import java.util.Arrays;
import org.hipparchus.special.Erf;

/**
 * The law of u_{k+1} = g u_k + s N(0, 1), stochastic gradient descent along the way out of a
 * quadratic saddle: g = 1 + ηa, s = ησ.
 *
 * @param growth g, above 1
 * @param noise s, at least 0
 * @param start u_0
 */
public record LinearEscape(double growth, double noise, double start) {
  /** The finest kernel that {@link #firstPassage} takes, as s over the radius. */
  public static final double LEAST_RELATIVE_NOISE = 0.002;

  /** Nodes a standard deviation of the kernel; the sums are then right to 1e-9. */
  private static final double NODES_PER_NOISE = 8;

  /** E ln|N(0, 1)| = −(γ + ln 2)/2, with Euler's γ. */
  private static final double MEAN_LOG_NORMAL = -(0.5772156649015329 + Math.log(2)) / 2;

  /** Share of runs still inside at which the rest is not worth following. */
  private static final double NOBODY = 1e-13;

  /** Standard deviations beyond which the kernel is 0 to double precision. */
  private static final double REACH = 8.5;

  /** Checks ranges. */
  public LinearEscape {
    if (!(growth > 1 && noise >= 0)) {
      throw new IllegalArgumentException("growth " + growth + " with noise " + noise);
    }
  }

  /** Var(u_k) = s² (g^{2k} − 1) / (g² − 1). */
  public double variance(int step) {
    double square = growth * growth;
    return noise * noise * (Math.pow(square, step) - 1) / (square - 1);
  }

  /** E[u_k²] = g^{2k} u_0² + Var(u_k), the solution of m ← g² m + s². */
  public double secondMoment(int step) {
    double mean = Math.pow(growth, step) * start;
    return mean * mean + variance(step);
  }

  /**
   * P(|u_k| > r), u_k being Gaussian. The first time that |u| exceeds r is another thing: it comes
   * no later than k with at least this probability.
   */
  public double outside(int step, double radius) {
    double mean = Math.pow(growth, step) * start;
    double deviation = Math.sqrt(2 * variance(step));
    if (deviation == 0) {
      return Math.abs(mean) > radius ? 1 : 0;
    }
    return (Erf.erfc((radius - mean) / deviation) + Erf.erfc((radius + mean) / deviation)) / 2;
  }

  /** ⌈ln(r/|u_0|) / ln g⌉, when a run without noise is out; {@link EscapeTimes#NEVER} from 0. */
  public static int deterministicSteps(double growth, double start, double radius) {
    double size = Math.abs(start);
    if (size == 0) {
      return EscapeTimes.NEVER;
    }
    if (size > radius) {
      return 0;
    }
    // Out means beyond r: at a whole ratio one more step is needed.
    return (int) Math.floor(Math.log(radius / size) / Math.log(growth)) + 1;
  }

  /**
   * The mean first time beyond r for s ≪ r from 0. Then |u_k| ≈ g^k |M| with M ~ N(0, s²/(g² − 1)),
   * the limit of the martingale u_k g^{−k}, so that E[T] ≈ (ln(r √(g² − 1) / s) − E ln|N(0, 1)|) /
   * ln g + ½, with E ln|N(0, 1)| = −(γ + ln 2)/2 and ½ for the rounding up to whole steps. Its
   * error vanishes with s/r.
   */
  public double asymptoticMean(double radius) {
    return (Math.log(radius * Math.sqrt(growth * growth - 1) / noise) - MEAN_LOG_NORMAL)
            / Math.log(growth)
        + 0.5;
  }

  /**
   * P(T ≤ k) for k = 0 … last, T the first time that |u| > r: the density of the runs still inside,
   * carried from step to step by Gauss and Legendre's quadrature on (−r, r).
   *
   * @param radius r, at least |u_0| and at most s / {@link #LEAST_RELATIVE_NOISE}
   * @return {@code [last + 1]}
   */
  public double[] firstPassage(double radius, int last) {
    if (!(noise >= LEAST_RELATIVE_NOISE * radius) || Math.abs(start) > radius) {
      throw new IllegalArgumentException("noise " + noise + " within radius " + radius);
    }
    int count = (int) Math.ceil(Math.max(64, NODES_PER_NOISE * radius / noise));
    LegendreNodes legendre = LegendreNodes.of(count);
    double[] nodes = legendre.nodes();
    double[] weights = legendre.weights();
    double[] inside = new double[count];
    for (int i = 0; i < count; i++) {
      inside[i] = density(radius * nodes[i] - growth * start);
    }
    int[] first = new int[count];
    double[][] kernel = new double[count][];
    int from = 0;
    for (int j = 0; j < count; j++) {
      double centre = growth * radius * nodes[j];
      while (from < count && radius * nodes[from] < centre - REACH * noise) {
        from++;
      }
      int to = from;
      while (to < count && radius * nodes[to] <= centre + REACH * noise) {
        to++;
      }
      first[j] = from;
      kernel[j] = new double[to - from];
      for (int i = from; i < to; i++) {
        kernel[j][i - from] = radius * weights[j] * density(radius * nodes[i] - centre);
      }
    }
    double[] escaped = new double[last + 1];
    double[] next = new double[count];
    for (int step = 1; step <= last; step++) {
      double left = 0;
      Arrays.fill(next, 0);
      for (int j = 0; j < count; j++) {
        left += radius * weights[j] * inside[j];
        for (int i = 0; i < kernel[j].length; i++) {
          next[first[j] + i] += inside[j] * kernel[j][i];
        }
      }
      escaped[step] = 1 - left;
      if (left < NOBODY) {
        Arrays.fill(escaped, step, last + 1, 1);
        break;
      }
      double[] swap = inside;
      inside = next;
      next = swap;
    }
    return escaped;
  }

  private double density(double distance) {
    double z = distance / noise;
    return Math.exp(-z * z / 2) / (noise * Math.sqrt(2 * Math.PI));
  }
}
