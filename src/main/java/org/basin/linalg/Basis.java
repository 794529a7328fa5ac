package org.basin.linalg;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Orthonormal vectors q_0, q_1, ..., stored in float32.
 *
 * <p>Stored vectors are what the operator sees, so rounding them loses nothing that its float32
 * products would have kept, and halves the memory and the time of every pass. Their mutual products
 * are of the order of 1e-8, below the √ε at which a projected matrix is still right to the order of
 * the products' own rounding (Simon 1984).
 */
final class Basis {
  // Of a double vector, what stays in the first-level cache while all basis vectors pass by.
  private static final int CHUNK = 2048;
  // Below this many multiply-adds a pass is over before other threads have woken up.
  private static final long WORTH_THREADS = 1 << 20;
  // Daniel, Gragg, Kaufman, Stewart 1976: a pass that takes more than this of a vector's norm has
  // cancelled, and is done again; "twice is enough" (Parlett 1998, section 6.9).
  private static final double CANCELLED = Math.sqrt(0.5);

  // A hundred float32 roundings: what is left of a vector that is dependent.
  private static final double NOTHING_NEW = 1e-5;

  private final int length;
  private final float[][] vectors;
  private int size;

  Basis(int length, int capacity) {
    this.length = length;
    vectors = new float[capacity][];
  }

  int size() {
    return size;
  }

  float[] vector(int index) {
    return vectors[index];
  }

  /** All of them. */
  float[][] vectors() {
    return Arrays.copyOf(vectors, size);
  }

  /** Appends {@code vector / norm}, which must be orthogonal to all that is here. */
  void append(double[] vector, double norm) {
    float[] stored = vectors[size];
    if (stored == null) {
      stored = new float[length];
      vectors[size] = stored;
    }
    for (int i = 0; i < length; i++) {
      stored[i] = (float) (vector[i] / norm);
    }
    size++;
  }

  /**
   * Appends what is new in a vector {@code from[offset ..]}, of any length, if there is more than
   * float32 rounding of it.
   *
   * @return whether there was
   */
  boolean extend(float[] from, int offset) {
    double[] vector = new double[length];
    for (int i = 0; i < length; i++) {
      vector[i] = from[offset + i];
    }
    double before = Euclidean.norm(vector);
    orthogonalize(vector, 0);
    double norm = Euclidean.norm(vector);
    if (norm <= NOTHING_NEW * before) {
      return false;
    }
    append(vector, norm);
    return true;
  }

  /** Keeps these orthonormal vectors, without a copy, instead of all that is here. */
  void replace(float[][] kept) {
    System.arraycopy(kept, 0, vectors, 0, kept.length);
    size = kept.length;
  }

  /**
   * Takes from {@code vector} its part in the span, w ← w − Q Qᵀ w.
   *
   * @param recent the last so many basis vectors are taken first, alone: in a three-term recurrence
   *     nearly all of the part is theirs, and one pass over all vectors then suffices
   * @return Qᵀ w, one coefficient for each basis vector
   */
  double[] orthogonalize(double[] vector, int recent) {
    double[] coefficients = new double[size];
    if (recent > 0 && recent < size) {
      project(vector, size - recent, coefficients);
    }
    double before = Euclidean.norm(vector);
    project(vector, 0, coefficients);
    if (Euclidean.norm(vector) < CANCELLED * before) {
      project(vector, 0, coefficients);
    }
    return coefficients;
  }

  // Sums are over one vector or into one component, so threads do not change a bit of them.
  private void project(double[] vector, int from, double[] coefficients) {
    int number = size - from;
    if (number == 0) {
      return;
    }
    boolean threads = (long) number * length > WORTH_THREADS;
    double[] parts = new double[number];
    IntStream each = IntStream.range(0, number);
    (threads ? each.parallel() : each).forEach(j -> parts[j] = dot(vectors[from + j], 0, vector));
    IntStream chunks = IntStream.range(0, (length + CHUNK - 1) / CHUNK);
    (threads ? chunks.parallel() : chunks)
        .forEach(
            chunk -> {
              int end = Math.min(length, (chunk + 1) * CHUNK);
              for (int j = 0; j < number; j++) {
                subtract(parts[j], vectors[from + j], vector, chunk * CHUNK, end);
              }
            });
    for (int j = 0; j < number; j++) {
      coefficients[from + j] += parts[j];
    }
  }

  /** Σ_j weights[j] q_j, normalised. */
  float[] combination(double[] weights) {
    double[] sum = new double[length];
    for (int j = 0; j < weights.length; j++) {
      subtract(-weights[j], vectors[j], sum, 0, length);
    }
    double norm = Euclidean.norm(sum);
    float[] result = new float[length];
    for (int i = 0; i < length; i++) {
      result[i] = (float) (sum[i] / norm);
    }
    return result;
  }

  private static void subtract(double part, float[] from, double[] vector, int start, int end) {
    for (int i = start; i < end; i++) {
      vector[i] -= part * from[i];
    }
  }

  /** Σ_i left[offset + i] right[i]. */
  // Four sums, since the JVM keeps the order of one and waits for every addition.
  static double dot(float[] left, int offset, double[] right) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i + 4 <= right.length; i += 4) {
      s0 += left[offset + i] * right[i];
      s1 += left[offset + i + 1] * right[i + 1];
      s2 += left[offset + i + 2] * right[i + 2];
      s3 += left[offset + i + 3] * right[i + 3];
    }
    for (; i < right.length; i++) {
      s0 += left[offset + i] * right[i];
    }
    return s0 + s1 + (s2 + s3);
  }
}
