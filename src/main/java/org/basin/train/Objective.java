package org.basin.train;

import java.util.Arrays;
import org.basin.linalg.KrylovSequences;
import org.basin.linalg.SymmetricOperator;
import org.jspecify.annotations.Nullable;

/**
 * The training loss as a function of the flat parameter vector θ, in the order of {@link
 * org.basin.model.ParameterLayout}.
 *
 * <pre>
 * L(θ) = (1/n) Σ_i ℓ(f_θ(x_i), y_i) + ½ c ‖w‖²
 * </pre>
 *
 * <p>Derivatives are exact: no finite differences. Vectors that are passed in are only read. Where
 * ReLU has none, its first derivative is 0, and its second is 0 everywhere. For one thread at a
 * time.
 */
public interface Objective extends AutoCloseable {

  /** Number of parameters P. */
  int size();

  /** Number of examples n. */
  int examples();

  /**
   * L(θ), accumulated in double precision.
   *
   * @param theta {@code [P]}
   */
  double loss(float[] theta);

  /**
   * L at many points: what {@link #loss} gives for each.
   *
   * @param thetas θ_i, {@code [count, P]}, row-major
   * @param count number of points
   * @return L(θ_i), {@code [count]}
   */
  default double[] losses(float[] thetas, int count) {
    double[] losses = new double[count];
    for (int i = 0; i < count; i++) {
      losses[i] = loss(Arrays.copyOfRange(thetas, i * size(), (i + 1) * size()));
    }
    return losses;
  }

  /**
   * L(θ) and its gradient.
   *
   * @param theta {@code [P]}
   * @param gradient receives ∇L(θ), {@code [P]}
   * @return L(θ)
   */
  double gradient(float[] theta, float[] gradient);

  /**
   * Hessian-vector products H(θ) v by forward and backward passes of the R-operator (Pearlmutter
   * 1994).
   *
   * @param theta {@code [P]}
   * @param vectors v, {@code [count, P]}, row-major
   * @param count number of vectors, at least 1
   * @param products receives H v, {@code [count, P]}; not {@code vectors} itself
   */
  void hessianVectors(float[] theta, float[] vectors, int count, float[] products);

  /**
   * Generalised Gauss–Newton products G(θ) v = (1/n) Σ_i J_iᵀ H_i J_i v + c v_w, with J the
   * Jacobian of the outputs and H_i the loss's Hessian by an example's outputs (Schraudolph 2002).
   *
   * @param theta {@code [P]}
   * @param vectors v, {@code [count, P]}, row-major
   * @param count number of vectors, at least 1
   * @param products receives G v, {@code [count, P]}; not {@code vectors} itself
   */
  void gaussNewtonVectors(float[] theta, float[] vectors, int count, float[] products);

  /**
   * Lanczos' recurrences of a matrix of second derivatives at θ, where the engine can have them
   * beside its products.
   *
   * @param theta {@code [P]}; stays as it is while they are used
   * @param known see {@link SymmetricOperator#sequences}
   * @param count number of sequences, at least 1
   * @param steps most vectors in a basis beside the known ones
   * @return to be closed before the objective; null where it has none of its own, or no room for
   *     them
   */
  default @Nullable KrylovSequences sequences(
      Curvature of, float[] theta, float[][] known, int count, int steps) {
    return null;
  }

  /**
   * Every example's outputs f_θ(x_i).
   *
   * @param theta {@code [P]}
   * @return logits {@code [n, classes]}, row-major
   */
  float[] outputs(float[] theta);

  @Override
  void close();
}
