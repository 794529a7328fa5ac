package org.basin.landscape.surface;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.basin.data.Examples;
import org.basin.engine.EngineRegistry;
import org.basin.engine.ObjectiveCase;
import org.basin.measurement.Table;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.LossFunction;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.junit.jupiter.api.Test;

/** Slices whose every point is known. */
class LossSliceTest {
  private static final int FEATURES = 6;
  private static final int CLASSES = 3;

  private interface Use {
    void with(LossSlice slice, Objective objective) throws InterruptedException;
  }

  private static ObjectiveCase network(List<Integer> hidden, LossFunction loss) {
    MlpSpec spec =
        new MlpSpec(
            FEATURES,
            hidden,
            CLASSES,
            Activation.IDENTITY,
            true,
            false,
            Initialization.PYTORCH,
            Parameterization.STANDARD,
            4);
    return ObjectiveCase.of(
        spec,
        new ObjectiveOptions(loss, 0, 0, BatchNormPolicy.FROZEN),
        50,
        new SplittableRandom(4));
  }

  private static void open(ObjectiveCase c, boolean error, Use use) throws InterruptedException {
    try (ObjectiveEngine engine = EngineRegistry.standard().openObjectives("auto", 1);
        Objective objective = engine.objective(c.spec(), c.options(), c.data(), c.statistics())) {
      use.with(new LossSlice(objective, c.theta(), error ? c.data() : null), objective);
    }
  }

  /** Outputs of the linear model with parameters {@code theta}, one example after another. */
  private static double[] outputs(Examples data, double[] theta) {
    double[] outputs = new double[data.count() * CLASSES];
    for (int i = 0; i < data.count(); i++) {
      for (int k = 0; k < CLASSES; k++) {
        double sum = theta[FEATURES * CLASSES + k];
        for (int j = 0; j < FEATURES; j++) {
          sum += data.inputs()[i * FEATURES + j] * theta[j * CLASSES + k];
        }
        outputs[i * CLASSES + k] = sum;
      }
    }
    return outputs;
  }

  private static double[] widen(float[] values) {
    double[] widened = new double[values.length];
    Arrays.setAll(widened, i -> values[i]);
    return widened;
  }

  /**
   * The linear model with MSE: L(θ + α d + β e) = (1/nK) ‖(Xθ − Y) + α Xd + β Xe‖², six numbers
   * that are written down here tell every point.
   */
  @Test
  void aLinearModelsPlaneIsTheQuadraticThatItShouldBe() throws InterruptedException {
    ObjectiveCase c = network(List.of(), LossFunction.MSE);
    SplittableRandom random = new SplittableRandom(8);
    float[] d = ObjectiveCase.gaussian(random, c.theta().length);
    float[] e = ObjectiveCase.gaussian(random, c.theta().length);
    double[] rest = outputs(c.data(), widen(c.theta()));
    for (int i = 0; i < c.data().count(); i++) {
      rest[i * CLASSES + c.data().labels()[i]] -= 1;
    }
    double[] alongD = outputs(c.data(), widen(d));
    double[] alongE = outputs(c.data(), widen(e));
    open(
        c,
        false,
        (slice, objective) -> {
          Axis alphas = Axis.symmetric(2, 11);
          Axis betas = Axis.covering(new double[] {-1, 3}, 7);
          Table plane = slice.plane("plane", d, e, alphas, betas);
          assertEquals(List.of("alpha", "beta", "loss"), plane.columns());
          assertEquals(77, plane.rows().size());
          int row = 0;
          for (int i = 0; i < 11; i++) {
            for (int j = 0; j < 7; j++) {
              double alpha = alphas.at(i);
              double beta = betas.at(j);
              double loss = 0;
              for (int k = 0; k < rest.length; k++) {
                double difference = rest[k] + alpha * alongD[k] + beta * alongE[k];
                loss += difference * difference / rest.length;
              }
              double[] measured = plane.rows().get(row++);
              assertArrayEquals(
                  new double[] {alpha, beta, loss}, measured, 1e-6 * loss, plane.name());
            }
          }
          assertEquals(
              objective.loss(c.theta()), plane.rows().get(5 * 7 + betas.centre())[2], "L(θ)");
        });
  }

  @Test
  void aLineIsTheMiddleOfThePlaneAndItsErrorCountsExamples() throws InterruptedException {
    ObjectiveCase c = network(List.of(), LossFunction.CROSS_ENTROPY);
    float[] d = ObjectiveCase.gaussian(new SplittableRandom(8), c.theta().length);
    open(
        c,
        true,
        (slice, objective) -> {
          Axis axis = Axis.symmetric(1, 5);
          Table line = slice.line("line", d, axis);
          Table plane = slice.plane("plane", d, d, axis, axis);
          assertEquals(List.of("alpha", "loss", "error"), line.columns());
          for (int i = 0; i < 5; i++) {
            double[] middle = plane.rows().get(i * 5 + 2);
            assertArrayEquals(new double[] {middle[0], middle[2], middle[3]}, line.rows().get(i));
            assertEquals(error(c, d, axis.at(i)), line.rows().get(i)[2]);
          }
        });
  }

  private static double error(ObjectiveCase c, float[] direction, double alpha) {
    double[] theta = new double[direction.length];
    Arrays.setAll(theta, i -> c.theta()[i] + alpha * direction[i]);
    double[] f = outputs(c.data(), theta);
    int wrong = 0;
    for (int i = 0; i < c.data().count(); i++) {
      int label = i * CLASSES + c.data().labels()[i];
      for (int k = i * CLASSES; k < (i + 1) * CLASSES; k++) {
        if (f[k] > f[label]) {
          wrong++;
          break;
        }
      }
    }
    return (double) wrong / c.data().count();
  }

  /** The bias of class 0 from -∞, where examples of it cost infinitely much, to +∞. */
  @Test
  void whatOverflowsStaysInfiniteOrNotANumber() throws InterruptedException {
    ObjectiveCase c = network(List.of(), LossFunction.CROSS_ENTROPY);
    float[] d = new float[c.theta().length];
    d[FEATURES * CLASSES] = 3e38f;
    long others = Arrays.stream(c.data().labels()).filter(label -> label != 0).count();
    open(
        c,
        true,
        (slice, objective) -> {
          Table line = slice.line("line", d, Axis.symmetric(2, 5));
          double[] losses = line.column("loss");
          assertEquals(Double.POSITIVE_INFINITY, losses[0]);
          assertTrue(losses[1] > 1e37 && losses[1] < 1e39, "large, and a number");
          assertEquals(objective.loss(c.theta()), losses[2]);
          assertTrue(losses[3] > 1e37 && losses[3] < 1e39, "large, and a number");
          assertTrue(Double.isNaN(losses[4]), "∞ − ∞");
          assertEquals((double) others / c.data().count(), line.column("error")[4]);
        });
  }

  @Test
  void anInterruptedThreadStops() throws InterruptedException {
    ObjectiveCase c = network(List.of(), LossFunction.MSE);
    open(
        c,
        false,
        (slice, objective) -> {
          Thread.currentThread().interrupt();
          assertThrows(
              InterruptedException.class,
              () -> slice.line("line", c.theta(), Axis.symmetric(1, 5)));
        });
  }
}
