package org.basin.landscape.surface;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleFunction;
import java.util.function.LongFunction;
import org.basin.InvalidInputException;
import org.basin.data.Examples;
import org.basin.data.Split;
import org.basin.engine.EngineRegistry;
import org.basin.engine.Replicas;
import org.basin.landscape.Subject;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.LossFunction;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.basin.train.TrainingSnapshot;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Paths that were planted: what is in a plane, and what is not. */
class TrajectoryPlaneTest {
  private static final int SIZE = 1000; // of the linear model 99-10

  /**
   * Orthonormal directions, which float32 holds exactly: ±1/32 on 1,024 components would be too.
   */
  private static double[] direction(int which) {
    double[] direction = new double[SIZE];
    for (int i = 0; i < 256; i++) {
      boolean minus = (Integer.bitCount(i & (2 * which + 1)) & 1) == 1;
      direction[i] = minus ? -1 / 16.0 : 1 / 16.0;
    }
    return direction;
  }

  private static float[] at(double first, double second, double third) {
    float[] theta = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      theta[i] =
          (float)
              (0.5 + first * direction(0)[i] + second * direction(1)[i] + third * direction(2)[i]);
    }
    return theta;
  }

  private static Iterates iterates(
      long steps, long end, Long snapshot, int most, LongFunction<float[]> path)
      throws InterruptedException {
    MlpSpec spec =
        new MlpSpec(
            99,
            List.of(),
            10,
            Activation.IDENTITY,
            true,
            false,
            Initialization.PYTORCH,
            Parameterization.STANDARD,
            4);
    NetworkState state = new NetworkState(path.apply(end), new float[0], new float[0]);
    try (ObjectiveEngine engine = EngineRegistry.standard().openObjectives("auto", 1)) {
      return Iterates.of(
          new Subject(
              spec,
              new Replicas().task().options(),
              state,
              path.apply(0),
              new Examples(new float[99], new int[1], 99, 10),
              new Split(
                  new Examples(new float[99], new int[1], 99, 10),
                  new Examples(new float[99], new int[1], 99, 10).select(new int[0]),
                  new Examples(new float[99], new int[1], 99, 10),
                  ""),
              new ObjectiveOptions(LossFunction.MSE, 0, 0, BatchNormPolicy.FROZEN),
              engine,
              snapshot == null ? null : new TrainingSnapshot(snapshot, 0.1, state, null),
              new PlantedTraining(steps, end, path),
              null),
          most);
    }
  }

  private static @Nullable TrajectoryPlane plane(DoubleFunction<float[]> path)
      throws InterruptedException {
    return TrajectoryPlane.of(iterates(8, 8, null, 20, t -> path.apply((double) t)), path.apply(8));
  }

  /** Short sums of powers of two: float32 rounds nothing. */
  @Test
  void aPathInAPlaneIsFoundWhole() throws InterruptedException {
    DoubleFunction<float[]> path = t -> at(8 - t, (8 - t) * (4 - t) / 16.0, 0);
    TrajectoryPlane plane = plane(path);
    assertNotNull(plane);
    assertEquals(1, plane.firstExplained() + plane.secondExplained(), 1e-12);
    for (int t = 0; t <= 8; t++) {
      assertEquals(0, plane.outOfPlane()[t], 1e-12);
      double squares = (8 - t) * (8 - t) * (1 + (4 - t) * (4 - t) / 256.0);
      assertEquals(Math.sqrt(squares), plane.distance()[t], 1e-12);
      assertEquals(Math.sqrt(squares), Math.hypot(plane.alpha()[t], plane.beta()[t]), 1e-12);
    }
  }

  /**
   * Three components, orthogonal to each other over the path, with Σ c² of 80, 8 and 2: the third
   * is left outside, with exactly its norm.
   */
  @Test
  void aThirdComponentIsExactlyWhatIsOutOfPlane() throws InterruptedException {
    double[] second = {1, -1, -1, 1, 1, -1, -1, 1};
    double[] first = {4, 4, 2, 2, -2, -2, -4, -4};
    double[] third = {0.5, -0.5, 0.5, -0.5, 0.5, -0.5, 0.5, -0.5};
    TrajectoryPlane plane =
        plane(t -> t == 8 ? at(0, 0, 0) : at(first[(int) t], second[(int) t], third[(int) t]));
    assertNotNull(plane);
    assertEquals(80 / 90.0, plane.firstExplained(), 1e-12);
    assertEquals(8 / 90.0, plane.secondExplained(), 1e-12);
    for (int t = 0; t < 8; t++) {
      assertEquals(0.5, plane.outOfPlane()[t], 1e-12);
      assertEquals(Math.abs(first[t]), Math.abs(plane.alpha()[t]), 1e-12);
      assertEquals(Math.abs(second[t]), Math.abs(plane.beta()[t]), 1e-12);
    }
    assertEquals(0, plane.distance()[8]);
    for (int i = 0; i < SIZE; i++) {
      assertEquals(direction(0)[i], Math.signum(plane.alpha()[0]) * plane.first()[i], 1e-7);
    }
  }

  @Test
  void theCoordinateOfTheLargestMagnitudeIsPositive() throws InterruptedException {
    TrajectoryPlane plane = plane(t -> at(t - 8, (8 - t) * (t - 4) / 16.0, 0));
    assertNotNull(plane);
    assertTrue(plane.alpha()[0] > 7, "the first network is the farthest");
    double largest = 0;
    for (double beta : plane.beta()) {
      largest = Math.abs(beta) > Math.abs(largest) ? beta : largest;
    }
    assertTrue(largest > 0);
  }

  @Test
  void whatSpansNoPlaneHasNone() throws InterruptedException {
    assertNull(plane(t -> at(8 - t, 0, 0)), "a line");
    assertNull(plane(t -> at(1, 2, 3)), "no way at all");
    assertNull(plane(t -> at(t == 3 ? Double.NaN : t, t * t, 0)), "not a number");
  }

  /** A random walk, seen from its end, tells nothing, and is explained by 0.90 all the same. */
  @Test
  void aRandomWalkIsExplainedAsTheoryHasIt() throws InterruptedException {
    SplittableRandom random = new SplittableRandom(5);
    float[][] walk = new float[200][SIZE];
    for (int t = 1; t < walk.length; t++) {
      for (int i = 0; i < SIZE; i++) {
        walk[t][i] = walk[t - 1][i] + (float) random.nextGaussian();
      }
    }
    Iterates iterates = iterates(199, 199, null, 200, t -> walk[(int) t].clone());
    assertEquals(200, iterates.count());
    TrajectoryPlane plane = TrajectoryPlane.of(iterates, walk[199]);
    assertNotNull(plane);
    assertEquals(8 / (Math.PI * Math.PI), plane.firstExplained(), 0.03);
    assertEquals(8 / (9 * Math.PI * Math.PI), plane.secondExplained(), 0.02);
  }

  /** A network that counts its steps. */
  private static float[] stepsDone(long step) {
    return new float[] {(float) step};
  }

  private static void assertEquallySpaced(Iterates iterates, long end) {
    long stride = iterates.step(1);
    for (int i = 0; i < iterates.count(); i++) {
      boolean last = i == iterates.count() - 1;
      assertEquals(last ? Math.min(i * stride, end) : i * stride, iterates.step(i));
      assertEquals((float) iterates.step(i), iterates.parameters(i)[0]);
    }
  }

  @Test
  void iteratesAreEquallySpacedAndAsManyAsAskedFor() throws InterruptedException {
    for (long steps : new long[] {1, 7, 50, 51, 1000, 12_345}) {
      Iterates iterates = iterates(steps, steps, null, 51, TrajectoryPlaneTest::stepsDone);
      // Of few steps every second is half of them; of many, the distance can be chosen.
      long least = steps > 400 ? 44 : Math.min(steps + 1, 26);
      assertTrue(iterates.count() >= least, () -> steps + " steps");
      assertTrue(iterates.count() <= 51, () -> steps + " steps");
      assertEquals(steps, iterates.step(iterates.count() - 1), "the last network is there");
      assertEquallySpaced(iterates, steps);
    }
  }

  @Test
  void aTrainingThatEndsEarlyHasItsIteratesTooAndOnlyThose() throws InterruptedException {
    for (long end : new long[] {5_000, 20_000, 99_999}) {
      Iterates iterates = iterates(100_000, end, null, 40, TrajectoryPlaneTest::stepsDone);
      assertTrue(iterates.count() >= 20 && iterates.count() <= 40, () -> end + " steps");
      assertEquallySpaced(iterates, end);
    }
  }

  @Test
  void aNetworkInTrainingIsTheEndOfItsPath() throws InterruptedException {
    Iterates iterates = iterates(1000, 1000, 100L, 21, TrajectoryPlaneTest::stepsDone);
    assertEquals(21, iterates.count());
    assertEquals(100, iterates.step(20));
    assertEquals(1, iterates(1000, 1000, 0L, 21, TrajectoryPlaneTest::stepsDone).count());
  }

  @Test
  void whatDoesNotFitIsRefused() {
    float[] large = new float[4_000_000];
    InvalidInputException refusal =
        assertThrows(
            InvalidInputException.class, () -> iterates(1000, 1000, null, 1000, t -> large));
    assertTrue(
        refusal.getMessage().startsWith("surface: 1000 iterates of 4,000,000 parameters need"),
        refusal.getMessage());
    assertTrue(refusal.getMessage().contains("allowed: fewer iterates"), refusal.getMessage());
  }
}
