package org.basin.engine.cuda;

import java.util.ArrayList;
import java.util.List;
import org.basin.linalg.KrylovSequences;
import org.basin.linalg.NonFiniteProductException;
import org.jspecify.annotations.Nullable;

/** What a network's objective is asked, with room for the answer. */
sealed interface ObjectiveCall {

  /** The network, among those of its {@link ObjectiveStack}. */
  int network();

  /** Calls of one kind are answered together. */
  default Object kind() {
    return getClass();
  }

  /**
   * L at several points.
   *
   * @param thetas θ_i, {@code [count, P]}
   * @param losses receives L(θ_i), {@code [count]}
   */
  record Losses(int network, float[] thetas, int count, double[] losses) implements ObjectiveCall {}

  /**
   * L and ∇L at θ.
   *
   * @param theta θ, {@code [P]}
   * @param gradient receives ∇L(θ), {@code [P]}
   * @param loss receives L(θ), {@code [1]}
   */
  record Gradient(int network, float[] theta, float[] gradient, double[] loss)
      implements ObjectiveCall {}

  /**
   * Products at θ.
   *
   * @param theta θ, {@code [P]}
   * @param vectors v, {@code [count, P]}
   * @param products receives H v or G v, {@code [count, P]}
   * @param hessian whether H is meant, or G
   */
  record Products(
      int network, float[] theta, float[] vectors, int count, float[] products, boolean hessian)
      implements ObjectiveCall {
    @Override
    public Object kind() {
      return hessian;
    }
  }

  /**
   * f at θ.
   *
   * @param theta θ, {@code [P]}
   * @param outputs receives f_θ(x_i), {@code [n, classes]}
   */
  record Outputs(int network, float[] theta, float[] outputs) implements ObjectiveCall {}

  /**
   * Steps of recurrences at θ.
   *
   * <p>One that meets a product that is not finite is answered by its failure, which is not that of
   * the networks beside it.
   */
  final class Steps implements ObjectiveCall {
    private final int network;
    private final float[] theta;
    private final CudaSequences of;
    private final int[] sequences;
    private final List<KrylovSequences.Step> taken = new ArrayList<>();
    private @Nullable NonFiniteProductException failure;

    /**
     * A call.
     *
     * @param theta θ, {@code [P]}
     * @param sequences which of {@code of}, each once
     */
    Steps(int network, float[] theta, CudaSequences of, int[] sequences) {
      this.network = network;
      this.theta = theta;
      this.of = of;
      this.sequences = sequences;
    }

    @Override
    public int network() {
      return network;
    }

    float[] theta() {
      return theta;
    }

    CudaSequences of() {
      return of;
    }

    int[] sequences() {
      return sequences;
    }

    /** Takes the next sequence's answer. */
    void take(KrylovSequences.Step step) {
      taken.add(step);
    }

    /** Takes what there is instead of answers. */
    void fail(NonFiniteProductException instead) {
      failure = failure == null ? instead : failure;
    }

    /**
     * The answers, in the order of the sequences.
     *
     * @throws NonFiniteProductException when a product was not finite
     */
    List<KrylovSequences.Step> taken() {
      if (failure != null) {
        throw failure;
      }
      return taken;
    }

    @Override
    public Object kind() {
      return List.of(Steps.class, of.curvature());
    }
  }

  /**
   * Work on the stack's stream that networks do one after the other: each of a kind of its own, so
   * that none fails for another's.
   *
   * @param work enqueues it and waits for it
   */
  record Apart(int network, Runnable work) implements ObjectiveCall {
    @Override
    public Object kind() {
      return this;
    }
  }
}
