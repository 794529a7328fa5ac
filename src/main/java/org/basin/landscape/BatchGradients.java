package org.basin.landscape;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.basin.InvalidInputException;
import org.basin.data.Examples;
import org.basin.train.BatchNormPolicy;
import org.basin.train.Objective;

/**
 * Gradients of a subject's objective on some of its examples: their mean over all examples is the
 * objective's own.
 */
public final class BatchGradients {
  private final Subject subject;

  /**
   * The gradients of one subject.
   *
   * @throws InvalidInputException when batch normalisation makes an example's gradient depend on
   *     the examples beside it
   */
  public BatchGradients(Subject subject) {
    if (subject.spec().normalized(0) && subject.options().batchNorm() == BatchNormPolicy.BATCH) {
      throw new InvalidInputException(
          "batchNorm is batch, which makes an example's gradient depend on the examples beside it;"
              + " allowed: frozen, recalibrated");
    }
    this.subject = subject;
  }

  /** Number of examples n. */
  public int examples() {
    return subject.examples().count();
  }

  /**
   * The mean gradient of a batch.
   *
   * @param theta {@code [P]}, only read
   * @param batch examples from 0, the same one any number of times
   * @param gradient {@code [P]}, overwritten
   */
  public void of(float[] theta, int[] batch, float[] gradient) {
    Examples some = subject.examples().select(batch);
    try (Objective objective = subject.objective(some)) {
      objective.gradient(theta, gradient);
    }
  }

  /**
   * Draws {@code size} examples with replacement, so that a batch's variance is 1/size of one's.
   */
  public int[] draw(int size, SplittableRandom random) {
    int[] batch = new int[size];
    for (int i = 0; i < size; i++) {
      batch[i] = random.nextInt(examples());
    }
    return batch;
  }

  /** Sees the gradient of one example. */
  @FunctionalInterface
  public interface Look {
    /**
     * Sees it.
     *
     * @param gradient {@code [P]}, overwritten by the next
     */
    void at(float[] gradient);
  }

  /** Each of these examples' own gradient, one after the other. */
  public void forEach(float[] theta, int[] some, Look look) {
    float[] gradient = new float[theta.length];
    int[] one = new int[1];
    for (int example : some) {
      one[0] = example;
      of(theta, one, gradient);
      look.at(gradient);
    }
  }

  /** All examples where there are no more than {@code most}, else as many drawn at random. */
  public int[] sample(int most, SplittableRandom random) {
    return examples() > most ? draw(most, random) : IntStream.range(0, examples()).toArray();
  }
}
