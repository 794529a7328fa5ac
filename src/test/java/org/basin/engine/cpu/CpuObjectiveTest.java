package org.basin.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.basin.InvalidInputException;
import org.basin.data.Examples;
import org.basin.engine.ObjectiveCase;
import org.basin.engine.ObjectiveContract;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.LossFunction;
import org.basin.train.Objective;
import org.basin.train.ObjectiveOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CpuObjectiveTest extends ObjectiveContract {
  /** Small chunks, so that small cases have several and a shorter last one. */
  private static final int CHUNK_ROWS = 7;

  @Override
  protected Objective objective(ObjectiveCase c) {
    return objective(c, 2, CpuObjective.MOST_KEPT);
  }

  private static Objective objective(ObjectiveCase c, int workers, long mostKept) {
    int rows = c.data().count() > 1000 ? CpuObjective.CHUNK_ROWS : CHUNK_ROWS;
    return new CpuObjective(
        c.spec(), c.options(), c.data(), c.statistics(), workers, rows, mostKept);
  }

  static Stream<ObjectiveCase> few() {
    return LongStream.range(200, 220).mapToObj(ObjectiveCase::random);
  }

  /** Everything that a caller can ask for, one value behind the other. */
  private static float[] answers(ObjectiveCase c, int workers, long mostKept) {
    try (Objective objective = objective(c, workers, mostKept)) {
      return answers(c, objective);
    }
  }

  @ParameterizedTest
  @MethodSource("few")
  void anyNumberOfWorkersGivesTheSameBits(ObjectiveCase c) {
    float[] one = answers(c, 1, CpuObjective.MOST_KEPT);
    assertArrayEquals(one, answers(c, 2, CpuObjective.MOST_KEPT));
    assertArrayEquals(one, answers(c, 7, CpuObjective.MOST_KEPT));
  }

  @ParameterizedTest
  @MethodSource("few")
  void keptPassesGiveTheSameBits(ObjectiveCase c) {
    float[] kept = answers(c, 2, CpuObjective.MOST_KEPT);
    assertArrayEquals(kept, answers(c, 1, 0));
    assertArrayEquals(kept, answers(c, 2, 0));
  }

  /** Another θ, and back: what was kept of the first is not taken for the second. */
  @ParameterizedTest
  @MethodSource("few")
  void keptPassesAreThoseOfTheSameParameters(ObjectiveCase c) {
    float[] other = c.theta().clone();
    other[0] += 1;
    ObjectiveCase moved = new ObjectiveCase(c.spec(), c.options(), c.data(), c.statistics(), other);
    try (Objective objective = objective(c)) {
      assertArrayEquals(answers(c, 1, 0), answers(c, objective));
      assertArrayEquals(answers(moved, 1, 0), answers(moved, objective));
      float[] v = ObjectiveCase.gaussian(new SplittableRandom(1), objective.size());
      float[] once = new float[v.length];
      float[] again = new float[v.length];
      objective.hessianVectors(c.theta(), v, 1, once);
      objective.loss(c.theta());
      objective.gaussNewtonVectors(c.theta(), v, 1, again);
      objective.hessianVectors(c.theta(), v, 1, again);
      assertArrayEquals(once, again);
    }
  }

  private static MlpSpec wide(Integer... hidden) {
    return new MlpSpec(
        2,
        List.of(hidden),
        2,
        Activation.RELU,
        true,
        true,
        Initialization.HE,
        Parameterization.STANDARD,
        64);
  }

  private static String refusal(MlpSpec spec, BatchNormPolicy policy, Examples data) {
    ObjectiveOptions options = new ObjectiveOptions(LossFunction.MSE, 0, 0, policy);
    NetworkState none = new NetworkState(new float[0], new float[0], new float[0]);
    return assertThrows(
            InvalidInputException.class,
            () -> new CpuObjective(spec, options, data, none, 2, CpuObjective.CHUNK_ROWS, 0))
        .getMessage();
  }

  @Test
  void refusesWhatMemoryWouldNotHold() {
    Examples data = new Examples(new float[2], new int[1], 2, 2);
    String message = refusal(wide(40_000, 40_000), BatchNormPolicy.BATCH, data);
    assertTrue(
        message.matches("the objective needs [\\d,]+ bytes of memory, available: [\\d,]+; .*"),
        message);
    Examples many = new Examples(new float[20_000], new int[10_000], 2, 2);
    assertTrue(
        refusal(wide(250_000), BatchNormPolicy.BATCH, many)
            .contains("values in one array, allowed: up to 2,147,483,639"),
        "an array too long for Java");
  }

  @Test
  void refusesShapesThatDoNotAgree() {
    assertEquals(
        "the network takes 2 features to 2 classes, but the examples have 3 and 2",
        refusal(wide(2, 2), BatchNormPolicy.BATCH, new Examples(new float[3], new int[1], 3, 2)));
    assertEquals(
        "frozen batch normalisation needs 4 running means and variances, but has 0 and 0",
        refusal(wide(2, 2), BatchNormPolicy.FROZEN, new Examples(new float[2], new int[1], 2, 2)));
    assertEquals(
        "an objective needs at least one example",
        refusal(wide(2, 2), BatchNormPolicy.BATCH, new Examples(new float[0], new int[0], 2, 2)));
  }
}
