package org.basin.landscape.trajectory;

import java.util.SplittableRandom;
import org.basin.RandomPermutation;
import org.basin.data.Examples;
import org.basin.landscape.Subject;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Source;
import org.basin.model.NetworkState;
import org.basin.train.Objective;

/**
 * How much the gradients of single examples differ.
 *
 * <pre>
 * tr Σ = 1/(n−1) Σ_i ‖g_i − g‖²,   g = 1/n Σ_i g_i
 * </pre>
 *
 * <p>It is estimated from the mean gradients ḡ_k of K disjoint random parts of B = ⌊n/K⌋ examples
 * each, drawn without replacement, so that E ‖ḡ_k − g‖² = tr Σ (1/B − 1/n), and
 *
 * <pre>
 * tr Σ ≈ 1/K Σ_k ‖ḡ_k − g‖² / (1/B − 1/n)
 * </pre>
 *
 * <p>is unbiased over the draw of the parts. Over g's own ‖g‖² it is the simple noise scale
 * (McCandlish et al. 2018, "An empirical model of large-batch training", eq. 2.9) of the training
 * loss itself: the batch size at which noise and gradient are of one size.
 */
final class GradientNoise {
  private GradientNoise() {}

  /**
   * tr Σ with its standard error over the parts, K − 1 degrees of freedom. Parts that are drawn
   * with the examples in them differ by more than parts of given examples do: the error covers that
   * others might have been drawn.
   *
   * @param state the network
   * @param gradient g on all of the subject's examples, at least two
   * @param parts K; fewer where there are fewer examples
   */
  static Uncertain trace(
      Subject subject, NetworkState state, float[] gradient, int parts, SplittableRandom random) {
    Examples examples = subject.examples();
    int count = examples.count();
    int number = Math.min(parts, count);
    int batch = count / number;
    int[] order = RandomPermutation.of(count, random);
    double[] draws = new double[number];
    float[] mean = new float[gradient.length];
    for (int k = 0; k < number; k++) {
      int[] part = new int[batch];
      System.arraycopy(order, k * batch, part, 0, batch);
      try (Objective objective =
          subject
              .engine()
              .objective(subject.spec(), subject.options(), examples.select(part), state)) {
        objective.gradient(state.parameters(), mean);
      }
      double squares = 0;
      for (int i = 0; i < mean.length; i++) {
        double difference = (double) mean[i] - gradient[i];
        squares += difference * difference;
      }
      draws[k] = squares / (1.0 / batch - 1.0 / count);
    }
    return Uncertain.mean(draws, Source.SUBSAMPLE);
  }
}
