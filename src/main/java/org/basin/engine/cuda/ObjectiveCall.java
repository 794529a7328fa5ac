package org.basin.engine.cuda;

/** What a network's objective is asked, with room for the answer. */
sealed interface ObjectiveCall {

  /** The network, among those of its {@link ObjectiveStack}. */
  int network();

  /** Calls of one kind are answered together. */
  Object kind();

  /**
   * L at several points.
   *
   * @param thetas θ_i, {@code [count, P]}
   * @param losses receives L(θ_i), {@code [count]}
   */
  record Losses(int network, float[] thetas, int count, double[] losses) implements ObjectiveCall {
    @Override
    public Object kind() {
      return Losses.class;
    }
  }

  /**
   * L and ∇L at θ.
   *
   * @param theta θ, {@code [P]}
   * @param gradient receives ∇L(θ), {@code [P]}
   * @param loss receives L(θ), {@code [1]}
   */
  record Gradient(int network, float[] theta, float[] gradient, double[] loss)
      implements ObjectiveCall {
    @Override
    public Object kind() {
      return Gradient.class;
    }
  }

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
  record Outputs(int network, float[] theta, float[] outputs) implements ObjectiveCall {
    @Override
    public Object kind() {
      return Outputs.class;
    }
  }
}
