package org.basin.engine.cuda;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.basin.linalg.KrylovSequences;
import org.basin.train.Curvature;
import org.basin.train.Objective;
import org.jspecify.annotations.Nullable;

/** One network's objective in an {@link ObjectiveStack}. */
final class CudaObjective implements Objective {
  private final ObjectiveStack stack;
  private final int network;
  private final Answers answers;
  private final Runnable closed;
  private final int size;

  /** Who answers calls of a stack's networks. */
  @FunctionalInterface
  interface Answers {
    /** Returns when {@code call} is answered. */
    void answer(ObjectiveCall call);
  }

  /**
   * The objective of a network.
   *
   * @param network its number in {@code stack}
   * @param answers answers its calls, of which each is checked
   * @param closed is run when the objective is closed
   */
  CudaObjective(ObjectiveStack stack, int network, Answers answers, Runnable closed) {
    this.stack = stack;
    this.network = network;
    this.answers = answers;
    this.closed = closed;
    size = stack.size();
  }

  /**
   * The objective of the only network of a stack, which goes with it.
   *
   * @param closed is run when all is closed
   */
  static CudaObjective alone(ObjectiveStack stack, Runnable closed) {
    return new CudaObjective(
        stack,
        0,
        call -> stack.answer(List.of(call)),
        () -> {
          try {
            stack.close();
          } finally {
            closed.run();
          }
        });
  }

  /** Where it stands. */
  ObjectiveStack stack() {
    return stack;
  }

  private void requireLength(String name, float[] values, int count) {
    if (count < 1 || values.length < (long) count * size) {
      throw new IllegalArgumentException(
          "%s holds %d values, needed: %d vectors of %d"
              .formatted(name, values.length, count, size));
    }
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public int examples() {
    return stack.data().examples();
  }

  @Override
  public double loss(float[] theta) {
    return losses(theta, 1)[0];
  }

  @Override
  public double[] losses(float[] thetas, int count) {
    requireLength("thetas", thetas, count);
    double[] losses = new double[count];
    answers.answer(new ObjectiveCall.Losses(network, thetas, count, losses));
    return losses;
  }

  @Override
  public double gradient(float[] theta, float[] gradient) {
    requireLength("theta", theta, 1);
    requireLength("gradient", gradient, 1);
    double[] loss = new double[1];
    answers.answer(new ObjectiveCall.Gradient(network, theta, gradient, loss));
    return loss[0];
  }

  @Override
  public void hessianVectors(float[] theta, float[] vectors, int count, float[] products) {
    products(theta, vectors, count, products, true);
  }

  @Override
  public void gaussNewtonVectors(float[] theta, float[] vectors, int count, float[] products) {
    products(theta, vectors, count, products, false);
  }

  private void products(
      float[] theta, float[] vectors, int count, float[] products, boolean hessian) {
    requireLength("theta", theta, 1);
    requireLength("vectors", vectors, count);
    requireLength("products", products, count);
    answers.answer(new ObjectiveCall.Products(network, theta, vectors, count, products, hessian));
  }

  @Override
  public @Nullable KrylovSequences sequences(
      Curvature of, float[] theta, float[][] known, int count, int steps) {
    requireLength("theta", theta, 1);
    CudaSequences.Place place = new CudaSequences.Place(stack, network, answers);
    AtomicReference<@Nullable CudaSequences> opened = new AtomicReference<>();
    answers.answer(
        new ObjectiveCall.Apart(
            network, () -> opened.set(CudaSequences.open(place, of, theta, known, count, steps))));
    return opened.get();
  }

  @Override
  public float[] outputs(float[] theta) {
    requireLength("theta", theta, 1);
    float[] outputs = new float[Math.multiplyExact(examples(), stack.data().spec().outputs())];
    answers.answer(new ObjectiveCall.Outputs(network, theta, outputs));
    return outputs;
  }

  @Override
  public void close() {
    closed.run();
  }
}
