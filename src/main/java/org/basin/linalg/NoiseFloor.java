package org.basin.linalg;

import org.basin.InvalidInputException;

/**
 * The magnitude ν below which an eigenvalue cannot be told from 0 by float32 products.
 *
 * <p>A computed product is Hv + δ(v) with a rounding error δ, so a Ritz value vᵀHv may be off by
 * ‖δ(v)‖, and by Weyl's inequality no eigenvalue moves by more than the perturbation's norm. How
 * large δ is depends on what cancels inside the product, which ‖H‖ does not tell: it is measured.
 * Rounding has no part in multiplying by a power of two, but every part in multiplying by 3, so
 *
 * <pre>
 * H(3v) / 3 − H(v) = δ(3v) / 3 − δ(v)
 * </pre>
 *
 * <p>is the difference of two errors alike, and its norm estimates √2 ‖δ(v)‖. What does not depend
 * on v, as rounded activations, perturbs H itself and is the same in both; it is bounded in the
 * manner of a backward error by ε₃₂ ‖H‖. So
 *
 * <pre>
 * ν = ε₃₂ ‖H‖₂ + max over v of ‖H(3v)/3 − H(v)‖ / ‖v‖,   ε₃₂ = 2⁻²³
 * </pre>
 */
public final class NoiseFloor {
  private static final double EPSILON = Math.ulp(1f);

  private NoiseFloor() {}

  /**
   * ν, from two products for each vector.
   *
   * @param norm ‖H‖₂, such as {@link Eigenpairs#norm()}
   * @param vectors not zero, {@code [count][n]}, at least one: best the eigenvectors that are to be
   *     judged, and those of the largest magnitude
   */
  public static double measure(SymmetricOperator operator, double norm, float[][] vectors) {
    if (vectors.length == 0) {
      throw new InvalidInputException("a noise floor from no vector: at least 1 is needed");
    }
    Products products = new Products(operator);
    int n = products.size();
    float[] pair = new float[2 * n];
    float[] results = new float[2 * n];
    double largest = 0;
    for (float[] vector : vectors) {
      double square = 0;
      for (int i = 0; i < n; i++) {
        // Without its last two bits, so that three times it is exact.
        pair[i] = Float.intBitsToFloat(Float.floatToRawIntBits(vector[i]) & ~3);
        pair[n + i] = 3 * pair[i];
        square += (double) pair[i] * pair[i];
      }
      if (square == 0) {
        throw new InvalidInputException("a noise floor from a zero vector");
      }
      products.apply(pair, 2, results);
      double squares = 0;
      for (int i = 0; i < n; i++) {
        double difference = results[n + i] / 3.0 - results[i];
        squares += difference * difference;
      }
      largest = Math.max(largest, Math.sqrt(squares / square));
    }
    return EPSILON * norm + largest;
  }
}
