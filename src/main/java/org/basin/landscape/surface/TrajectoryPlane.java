package org.basin.landscape.surface;

import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.jspecify.annotations.Nullable;

/**
 * The plane through a network θ that leaves the least of the way that led there (Li et al. 2018,
 * section 7): with M the rows θ_t − θ, it is spanned by M's first two right singular vectors,
 *
 * <pre>
 * M Mᵀ = Y Λ Yᵀ,   d_k = Mᵀ y_k / √λ_k
 * </pre>
 *
 * <p>so that only the Gram matrix of the iterates is decomposed. Unlike the components of centred
 * iterates, these two are the best of all planes that hold the network itself.
 *
 * <p>A large explained variance is no finding by itself: a random walk in many dimensions, seen
 * from its end, has 8/π² = 0.81 and 8/(9π²) = 0.09 (the eigenvalues of min(s, t); compare Antognini
 * and Sohl-Dickstein 2018, whose centred walk has 0.61 and 0.15).
 *
 * @param first d_1, of norm 1, {@code [P]}; its sign is such that the coordinate of the largest
 *     magnitude is positive
 * @param second d_2, likewise, orthogonal to it
 * @param firstExplained λ_1 / Σ λ, the share of Σ_t ‖θ_t − θ‖² along the first
 * @param secondExplained λ_2 / Σ λ
 * @param alpha coordinates of the iterates along the first
 * @param beta coordinates along the second
 * @param outOfPlane ‖θ_t − θ − α_t d_1 − β_t d_2‖
 * @param distance ‖θ_t − θ‖
 */
record TrajectoryPlane(
    float[] first,
    float[] second,
    double firstExplained,
    double secondExplained,
    double[] alpha,
    double[] beta,
    double[] outOfPlane,
    double[] distance) {
  /**
   * Components of all iterates that are held as doubles at once, so that they stay in the cache.
   */
  private static final int CHUNK = 512;

  /** Thinner than this for its length, a path is a line: float32 could not tell. */
  private static final double THINNEST = 1e-6;

  /**
   * The plane of a way of training.
   *
   * @param theta the network that it led to, {@code [P]}
   * @return null where the iterates do not span a plane, or are not finite
   */
  static @Nullable TrajectoryPlane of(Iterates iterates, float[] theta) {
    double[][] gram = gram(iterates, theta);
    double trace = 0;
    for (int t = 0; t < gram.length; t++) {
      trace += gram[t][t];
    }
    if (!(trace > 0 && Double.isFinite(trace))) {
      return null;
    }
    EigenDecompositionSymmetric pairs =
        new EigenDecompositionSymmetric(new Array2DRowRealMatrix(gram, false));
    double largest = pairs.getEigenvalue(0);
    double next = gram.length < 2 ? 0 : pairs.getEigenvalue(1);
    if (!(next > THINNEST * THINNEST * largest)) {
      return null;
    }
    double[] d1 = combination(iterates, theta, pairs.getEigenvector(0).toArray());
    scale(d1, 1 / Math.sqrt(dot(d1, d1)));
    double[] d2 = combination(iterates, theta, pairs.getEigenvector(1).toArray());
    double overlap = dot(d1, d2);
    for (int i = 0; i < d2.length; i++) {
      d2[i] -= overlap * d1[i];
    }
    scale(d2, 1 / Math.sqrt(dot(d2, d2)));
    return measure(iterates, theta, d1, d2, largest / trace, next / trace);
  }

  private static TrajectoryPlane measure(
      Iterates iterates,
      float[] theta,
      double[] d1,
      double[] d2,
      double firstExplained,
      double secondExplained) {
    int count = iterates.count();
    double[] alpha = coordinates(iterates, theta, d1);
    double[] beta = coordinates(iterates, theta, d2);
    double[] outOfPlane = new double[count];
    double[] distance = new double[count];
    for (int t = 0; t < count; t++) {
      float[] at = iterates.parameters(t);
      double rest = 0;
      double whole = 0;
      for (int i = 0; i < theta.length; i++) {
        double difference = (double) at[i] - theta[i];
        double left = difference - alpha[t] * d1[i] - beta[t] * d2[i];
        rest += left * left;
        whole += difference * difference;
      }
      outOfPlane[t] = Math.sqrt(rest);
      distance[t] = Math.sqrt(whole);
    }
    return new TrajectoryPlane(
        narrow(d1), narrow(d2), firstExplained, secondExplained, alpha, beta, outOfPlane, distance);
  }

  /** M Mᵀ, summed in double precision. */
  private static double[][] gram(Iterates iterates, float[] theta) {
    int count = iterates.count();
    double[][] gram = new double[count][count];
    double[][] chunk = new double[count][CHUNK];
    for (int from = 0; from < theta.length; from += CHUNK) {
      int length = Math.min(CHUNK, theta.length - from);
      for (int t = 0; t < count; t++) {
        float[] at = iterates.parameters(t);
        for (int i = 0; i < CHUNK; i++) {
          chunk[t][i] = i < length ? (double) at[from + i] - theta[from + i] : 0;
        }
        for (int s = 0; s <= t; s++) {
          gram[t][s] += dot(chunk[t], chunk[s]);
        }
      }
    }
    for (int t = 0; t < count; t++) {
      for (int s = 0; s < t; s++) {
        gram[s][t] = gram[t][s];
      }
    }
    return gram;
  }

  /** Σ_t weights[t] (θ_t − θ). */
  private static double[] combination(Iterates iterates, float[] theta, double[] weights) {
    double[] sum = new double[theta.length];
    for (int t = 0; t < weights.length; t++) {
      float[] at = iterates.parameters(t);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += weights[t] * ((double) at[i] - theta[i]);
      }
    }
    return sum;
  }

  /** ⟨θ_t − θ, d⟩ for every t, after d was turned so that the largest is positive. */
  private static double[] coordinates(Iterates iterates, float[] theta, double[] direction) {
    double[] coordinates = new double[iterates.count()];
    double largest = 0;
    for (int t = 0; t < coordinates.length; t++) {
      float[] at = iterates.parameters(t);
      for (int i = 0; i < theta.length; i++) {
        coordinates[t] += ((double) at[i] - theta[i]) * direction[i];
      }
      largest = Math.abs(coordinates[t]) > Math.abs(largest) ? coordinates[t] : largest;
    }
    if (largest < 0) {
      scale(direction, -1);
      for (int t = 0; t < coordinates.length; t++) {
        coordinates[t] = 0 - coordinates[t]; // no -0
      }
    }
    return coordinates;
  }

  private static void scale(double[] vector, double factor) {
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= factor;
    }
  }

  private static float[] narrow(double[] vector) {
    float[] narrowed = new float[vector.length];
    for (int i = 0; i < vector.length; i++) {
      narrowed[i] = (float) vector[i];
    }
    return narrowed;
  }

  // Four sums, since the JVM keeps the order of one and waits for every addition.
  private static double dot(double[] left, double[] right) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i + 4 <= left.length; i += 4) {
      s0 += left[i] * right[i];
      s1 += left[i + 1] * right[i + 1];
      s2 += left[i + 2] * right[i + 2];
      s3 += left[i + 3] * right[i + 3];
    }
    for (; i < left.length; i++) {
      s0 += left[i] * right[i];
    }
    return s0 + s1 + (s2 + s3);
  }
}
