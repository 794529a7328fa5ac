package org.basin.landscape.connectivity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.basin.engine.ObjectiveCase;
import org.basin.model.Activation;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.train.BatchNormPolicy;
import org.basin.train.LossFunction;
import org.basin.train.Objective;
import org.basin.train.ObjectiveOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WeightMatchingTest {
  private static final ObjectiveOptions FROZEN =
      new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0, 0, BatchNormPolicy.FROZEN);

  private static double distance(NetworkState one, NetworkState other) {
    return NetworkPath.line(one, other).chord();
  }

  @Property(seed = "5", tries = 40)
  void anotherNumberingIsTheSameFunction(
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 3) int depth,
      @ForAll Activation activation,
      @ForAll boolean batchNorm) {
    MlpSpec spec = Networks.spec(4, List.of(7, 5, 6).subList(0, depth), 3, activation, batchNorm);
    ObjectiveCase c = Networks.random(spec, FROZEN, 20, seed);
    NetworkState state = Networks.state(c);
    NetworkState renumbered = Networks.permutation(spec, seed + 1).of(spec, state);
    float[] before = outputs(c, state);
    assertArrayEquals(before, outputs(c, renumbered), 2e-5f * largest(before));
    // Batch normalisation's statistics belong to units too.
    NetworkState forgotten =
        new NetworkState(renumbered.parameters(), state.runningMean(), state.runningVariance());
    if (batchNorm && depth > 0 && Networks.permutation(spec, seed + 1).moved() > 0) {
      assertNotEquals(0, distance(outputs(c, forgotten), before), 1e-3);
    }
  }

  private static double distance(float[] one, float[] other) {
    double largest = 0;
    for (int i = 0; i < one.length; i++) {
      largest = Math.max(largest, Math.abs(one[i] - other[i]));
    }
    return largest;
  }

  private static float largest(float[] values) {
    return (float) Math.max(1, distance(values, new float[values.length]));
  }

  private static float[] outputs(ObjectiveCase c, NetworkState state) {
    try (Objective objective = Networks.ENGINE.objective(c.spec(), FROZEN, c.data(), state)) {
      return objective.outputs(state.parameters());
    }
  }

  @ParameterizedTest
  @CsvSource({"1, false", "1, true", "2, false", "2, true", "3, false", "3, true"})
  void theNumberingOfACopyIsFound(int depth, boolean batchNorm) throws InterruptedException {
    MlpSpec spec =
        Networks.spec(10, List.of(40, 30, 20).subList(0, depth), 5, Activation.RELU, batchNorm);
    NetworkState state = Networks.state(Networks.random(spec, FROZEN, 4, 8));
    UnitPermutation planted = Networks.permutation(spec, 9);
    assertTrue(planted.moved() > 10);
    UnitPermutation found =
        WeightMatching.align(spec, state, planted.of(spec, state), 3, new SplittableRandom(1));
    NetworkState back = found.of(spec, planted.of(spec, state));
    assertArrayEquals(state.parameters(), back.parameters());
    assertArrayEquals(state.runningMean(), back.runningMean());
    assertArrayEquals(state.runningVariance(), back.runningVariance());
    assertEquals(planted.moved(), found.moved());
  }

  /** With one hidden layer, no numbering at all brings the networks nearer. */
  @ParameterizedTest
  @CsvSource({"1, true", "2, false", "3, true"})
  void oneHiddenLayerIsMatchedAtItsBest(long seed, boolean batchNorm) throws InterruptedException {
    MlpSpec spec = Networks.spec(3, List.of(6), 2, Activation.TANH, batchNorm);
    NetworkState one = Networks.state(Networks.random(spec, FROZEN, 4, seed));
    NetworkState other = Networks.state(Networks.random(spec, FROZEN, 4, seed + 50));
    UnitPermutation found = WeightMatching.align(spec, one, other, 1, new SplittableRandom(1));
    double nearest = nearest(spec, one, other, UnitPermutation.identity(spec), 0);
    assertEquals(nearest, distance(one, found.of(spec, other)), 1e-9);
    assertTrue(nearest < distance(one, other));
  }

  private static double nearest(
      MlpSpec spec, NetworkState one, NetworkState other, UnitPermutation numbering, int from) {
    int[] units = numbering.units()[0];
    if (from == units.length) {
      return distance(one, numbering.of(spec, other));
    }
    double nearest = Double.POSITIVE_INFINITY;
    for (int i = from; i < units.length; i++) {
      swap(units, from, i);
      nearest = Math.min(nearest, nearest(spec, one, other, numbering, from + 1));
      swap(units, from, i);
    }
    return nearest;
  }

  private static void swap(int[] units, int i, int j) {
    int held = units[i];
    units[i] = units[j];
    units[j] = held;
  }

  /** Of unrelated networks: no single layer's swap of two units brings them nearer. */
  @Property(seed = "6", tries = 20)
  void noLayerAloneCanBetterIt(@ForAll long seed, @ForAll boolean batchNorm)
      throws InterruptedException {
    MlpSpec spec = Networks.spec(4, List.of(6, 7, 5), 3, Activation.RELU, batchNorm);
    NetworkState one = Networks.state(Networks.random(spec, FROZEN, 4, seed));
    NetworkState other = Networks.state(Networks.random(spec, FROZEN, 4, seed + 50));
    UnitPermutation found = WeightMatching.align(spec, one, other, 2, new SplittableRandom(1));
    double reached = distance(one, found.of(spec, other));
    assertTrue(reached <= distance(one, other));
    for (int[] units : found.units()) {
      for (int i = 0; i < units.length; i++) {
        for (int j = 0; j < i; j++) {
          swap(units, i, j);
          assertTrue(distance(one, found.of(spec, other)) >= reached - 1e-9);
          swap(units, i, j);
        }
      }
    }
  }
}
