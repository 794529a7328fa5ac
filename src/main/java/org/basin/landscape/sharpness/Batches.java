package org.basin.landscape.sharpness;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.basin.RandomPermutation;
import org.basin.data.Examples;
import org.basin.landscape.Subject;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;
import org.basin.train.Objective;

/**
 * Batches of equal size from one random partition of the examples; what does not fill a batch is
 * left out.
 *
 * @param size m
 * @param inAll batches that the examples make, K
 * @param indices examples of the k batches that are looked at
 */
record Batches(int size, int inAll, List<int[]> indices) {

  /** Draws batches; one batch of all examples where there are fewer than one holds. */
  static Batches of(int examples, SharpnessOptions options, SplittableRandom random) {
    int size = Math.min(options.batchSize(), examples);
    int inAll = examples / size;
    int[] order = IntStream.range(0, examples).toArray();
    RandomPermutation.shuffle(order, random);
    List<int[]> indices = new ArrayList<>();
    for (int b = 0; b < Math.min(options.batches(), inAll); b++) {
      indices.add(IntStream.range(b * size, (b + 1) * size).map(i -> order[i]).sorted().toArray());
    }
    return new Batches(size, inAll, indices);
  }

  /** Mean over the batches of each batch's own worst case, at every radius. */
  WorstCase[] worst(
      Subject subject, Scaling scaling, double[] radii, int steps, SplittableRandom random)
      throws InterruptedException {
    WorstCase[][] each = new WorstCase[indices.size()][radii.length];
    for (int b = 0; b < each.length; b++) {
      Examples batch = subject.examples().select(indices.get(b));
      try (Objective objective = subject.objective(batch)) {
        PerturbedLoss loss =
            new PerturbedLoss(objective, subject.theta(), scaling.of(subject.theta()));
        each[b] = Ascent.at(radii, loss, steps, random);
      }
    }
    WorstCase[] means = new WorstCase[radii.length];
    for (int r = 0; r < radii.length; r++) {
      int radius = r;
      means[r] =
          new WorstCase(
              mean(each, cases -> cases[radius].oneStep()),
              mean(each, cases -> cases[radius].maximum()));
    }
    return means;
  }

  /**
   * The mean, an estimate of that over all batches of the partition: s √((1 − k/K) / k) is its
   * error. What the batches' own values may be off by is averaged, as bounds are.
   */
  private Uncertain mean(WorstCase[][] each, Function<WorstCase[], Uncertain> part) {
    List<Uncertain> values = Arrays.stream(each).map(part).toList();
    double[] rises = values.stream().mapToDouble(Uncertain::value).toArray();
    if (!Arrays.stream(rises).allMatch(Double::isFinite)) {
      return WorstCase.notFinite();
    }
    int count = rises.length;
    List<Contribution> sources = new ArrayList<>();
    if (count < inAll) {
      Uncertain drawn = Uncertain.mean(rises, Source.SUBSAMPLE);
      double left = Math.sqrt(1 - (double) count / inAll);
      sources.addAll(drawn.times(left).sources());
    }
    for (Source source : List.of(Source.RESIDUAL, Source.ROUNDING)) {
      double sum = 0;
      for (Uncertain value : values) {
        for (Contribution contribution : value.sources()) {
          sum += contribution.source() == source ? contribution.standardError() : 0;
        }
      }
      if (sum > 0) {
        sources.add(Contribution.known(source, sum / count));
      }
    }
    return Uncertain.of(
        Arrays.stream(rises).sum() / count,
        sources,
        values.stream().allMatch(Uncertain::converged));
  }
}
