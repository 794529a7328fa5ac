package org.basin.linalg;

import java.util.List;

/**
 * Lanczos' recurrences (1950) of one operator H from several starts, side by side, where its
 * products are computed: on the heap, or in an engine's own memory.
 *
 * <pre>
 * w = H q_m − Q_m c,   c = Q_mᵀ H q_m,   q_{m+1} = w / ‖w‖
 * </pre>
 *
 * <p>Each sequence has an orthonormal basis q_1, q_2, ... of its own, float32, which begins with
 * vectors that are known to all of them, and a direction w that it expands next. Bases are kept
 * orthogonal to the rounding of float32 by orthogonalising against all of them (Simon 1984). For
 * one thread at a time.
 */
public interface KrylovSequences extends AutoCloseable {

  /**
   * What a step tells of the product H q of the vector that it took into the basis.
   *
   * @param coefficients Qᵀ H q, {@code [m]}, of that vector the last
   * @param productNorm ‖H q‖
   * @param restNorm ‖w‖, of what is left of the product: the direction that is expanded next
   */
  record Step(double[] coefficients, double productNorm, double restNorm) {}

  /** Vectors in a sequence's basis. */
  int dimension(int sequence);

  /** Most vectors in a basis. */
  int capacity();

  /**
   * Expands a sequence from here next.
   *
   * @param direction {@code [n]}, only read
   * @return the norm of what is new in it, which is the direction
   */
  double turn(int sequence, double[] direction);

  /**
   * One step of some sequences, with one product each.
   *
   * @param sequences each once
   * @return for each of them, in their order
   * @throws NonFiniteProductException when a product is not finite
   */
  List<Step> expand(int... sequences);

  /**
   * Linear combinations of a basis.
   *
   * @param weights {@code [count][m]}
   * @return Σ_j weights[i][j] q_j, normalised, {@code [count][n]}
   */
  float[][] combinations(int sequence, double[][] weights);

  /**
   * Keeps combinations instead of the basis (Wu and Simon 2000); the direction stays.
   *
   * @param weights of orthonormal rows, {@code [kept][m]}, no fewer than the vectors that are known
   */
  void restart(int sequence, double[][] weights);

  /**
   * Takes from each vector its part in the span of a basis, v ← v − Q Qᵀ v.
   *
   * @param vectors {@code [count][n]}
   */
  void project(int sequence, double[][] vectors);

  /** Gives the memory back. */
  @Override
  void close();
}
