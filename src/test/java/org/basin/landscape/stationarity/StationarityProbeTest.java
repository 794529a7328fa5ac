package org.basin.landscape.stationarity;

import static org.basin.measurement.Verdict.AGREES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import org.basin.InvalidInputException;
import org.basin.InvalidSettingException;
import org.basin.data.Examples;
import org.basin.data.Split;
import org.basin.engine.EngineRegistry;
import org.basin.landscape.LowerBound;
import org.basin.landscape.Retraining;
import org.basin.landscape.Subject;
import org.basin.measurement.Comparison;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.BatchSize;
import org.basin.train.ClippingOptions;
import org.basin.train.LossFunction;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.basin.train.OptimizerKind;
import org.basin.train.OptimizerOptions;
import org.basin.train.ScheduleOptions;
import org.basin.train.StoppingOptions;
import org.basin.train.TrainingOptions;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class StationarityProbeTest {
  private static final int FEATURES = 3;
  private static final int CLASSES = 2;
  private static ObjectiveEngine objectives;

  @BeforeAll
  static void open() {
    objectives = EngineRegistry.standard().openObjectives("cpu", 1);
  }

  @AfterAll
  static void close() {
    objectives.close();
  }

  private static Examples clouds() {
    SplittableRandom random = new SplittableRandom(2);
    int[] labels = new int[40];
    float[] inputs = new float[labels.length * FEATURES];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % CLASSES;
      for (int j = 0; j < FEATURES; j++) {
        inputs[i * FEATURES + j] =
            (float) ((j + 1) * 0.5 * random.nextGaussian() + (j == labels[i] ? 0.6 : 0));
      }
    }
    return new Examples(inputs, labels, FEATURES, CLASSES);
  }

  private static Subject subject(
      List<Integer> hidden, boolean batchNorm, LossFunction loss, BatchNormPolicy policy) {
    MlpSpec spec =
        new MlpSpec(
            FEATURES,
            hidden,
            CLASSES,
            Activation.TANH,
            batchNorm,
            batchNorm,
            Initialization.LECUN,
            Parameterization.STANDARD,
            16);
    TrainingOptions training =
        new TrainingOptions(
            loss,
            1,
            BatchSize.FULL,
            1,
            0,
            new OptimizerOptions(OptimizerKind.SGD, 0.1, 0.9, 0.9, 0.999, 1e-8, null, 0),
            ScheduleOptions.DEFAULTS,
            ClippingOptions.DEFAULTS,
            StoppingOptions.DEFAULTS);
    NetworkState state = Initialization.draw(spec, new SplittableRandom(4));
    Examples data = clouds();
    Examples none = data.select(new int[0]);
    Retraining never =
        new Retraining() {
          @Override
          public long seed() {
            return 1;
          }

          @Override
          public long steps() {
            return 1;
          }

          @Override
          public void run(LongUnaryOperator next, Look look) {
            throw new IllegalStateException("nobody trains here");
          }
        };
    return new Subject(
        spec,
        training,
        state,
        state.parameters(),
        data,
        new Split(data, none, none, "none"),
        ObjectiveOptions.trained(training, policy),
        objectives,
        null,
        never,
        null);
  }

  private static Measurement measure(Subject subject, StationarityOptions options)
      throws InterruptedException {
    return StationarityProbe.KIND.open(options).measure(subject, new SplittableRandom(1));
  }

  private static void assertAllAgree(Measurement measured) {
    StationarityProbe.Details details = (StationarityProbe.Details) measured.details();
    assertTrue(details != null);
    for (Comparison comparison : details.comparisons()) {
      assertEquals(AGREES, comparison.verdict(), comparison.toString());
    }
  }

  /** f of a linear model without biases, (1/(nK)) Σ_i ‖W x_i − y_i‖², in double precision. */
  private record Quadratic(Examples data) {
    double[] gradient(double[] w, int from, int to) {
      double[] gradient = new double[w.length];
      for (int i = from; i < to; i++) {
        for (int k = 0; k < CLASSES; k++) {
          double error = data.labels()[i] == k ? -1 : 0;
          for (int j = 0; j < FEATURES; j++) {
            error += w[j * CLASSES + k] * data.inputs()[i * FEATURES + j];
          }
          for (int j = 0; j < FEATURES; j++) {
            gradient[j * CLASSES + k] +=
                2 * error * data.inputs()[i * FEATURES + j] / CLASSES / (to - from);
          }
        }
      }
      return gradient;
    }

    double curvature() {
      Array2DRowRealMatrix moments = new Array2DRowRealMatrix(FEATURES, FEATURES);
      for (int i = 0; i < data.count(); i++) {
        for (int j = 0; j < FEATURES; j++) {
          for (int k = 0; k < FEATURES; k++) {
            double product =
                (double) data.inputs()[i * FEATURES + j] * data.inputs()[i * FEATURES + k];
            moments.addToEntry(j, k, product / data.count());
          }
        }
      }
      return 2.0 / CLASSES * new EigenDecompositionSymmetric(moments).getEigenvalue(0);
    }
  }

  private static double square(double[] vector) {
    double sum = 0;
    for (double value : vector) {
      sum += value * value;
    }
    return sum;
  }

  /** A linear model is a quadratic: L, the path and the noise are known. */
  @Test
  void aLinearModel() throws InterruptedException {
    Subject subject = subject(List.of(), false, LossFunction.MSE, BatchNormPolicy.FROZEN);
    StationarityOptions options =
        new StationarityOptions(List.of(1, 8, 64, 512), List.of(64, 256, 1024), 20, 0.999);
    Measurement measured = measure(subject, options);
    Quadratic quadratic = new Quadratic(subject.examples());
    double smoothness = StationarityProbe.MARGIN * quadratic.curvature();
    assertEquals(smoothness, measured.scalars().get("smoothness").value(), 1e-4 * smoothness);

    double[] w = new double[FEATURES * CLASSES];
    for (int i = 0; i < w.length; i++) {
      w[i] = subject.initial()[i];
    }
    int n = subject.examples().count();
    double[] first = quadratic.gradient(w, 0, n);
    double variance = 0;
    for (int i = 0; i < n; i++) {
      variance += square(quadratic.gradient(w, i, i + 1)) / n;
    }
    variance -= square(first);
    assertTrue(measured.scalars().get("gradientVariance").value() >= variance * (1 - 1e-5));

    Table noiseless = measured.tables().getFirst();
    double sum = 0;
    double least = Double.POSITIVE_INFINITY;
    int row = 0;
    for (int step = 0; row < options.steps().size(); step++) {
      double[] gradient = quadratic.gradient(w, 0, n);
      sum += square(gradient);
      least = Math.min(least, square(gradient));
      if (step + 1 == options.steps().get(row)) {
        double average = sum / (step + 1);
        assertEquals(average, noiseless.column("average")[row], 1e-4 * average);
        assertEquals(least, noiseless.column("smallest")[row], 1e-3 * least + 1e-12);
        row++;
      }
      for (int i = 0; i < w.length; i++) {
        w[i] -= gradient[i] / smoothness;
      }
    }
    assertAllAgree(measured);
    assertEquals(-1, measured.scalars().get("averageSlope").value(), 0.01);
  }

  @Test
  void aNetworkIsWithinTheBound() throws InterruptedException {
    Measurement measured =
        measure(
            subject(List.of(6), false, LossFunction.CROSS_ENTROPY, BatchNormPolicy.FROZEN),
            new StationarityOptions(List.of(1, 10, 100), List.of(1, 8), 4, 0.99));
    StationarityProbe.Details details = (StationarityProbe.Details) measured.details();
    assertTrue(details != null);
    for (Comparison comparison : details.comparisons().subList(0, 3)) {
      assertEquals(AGREES, comparison.verdict(), comparison.toString());
    }
    double smoothness = measured.scalars().get("smoothness").value();
    assertTrue(details.largestCurvature() <= smoothness);
    assertEquals(1 / smoothness, details.stepSize(), 1e-12);
    for (double looseness : measured.tables().get(1).column("looseness")) {
      assertTrue(looseness >= 1);
    }
  }

  @Test
  void lossesAreBoundedByTheEntropyOfTheirTargets() {
    assertEquals(
        0,
        LowerBound.of(
            new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0, 0, BatchNormPolicy.FROZEN), 10));
    assertEquals(
        0,
        LowerBound.of(new ObjectiveOptions(LossFunction.MSE, 0.1, 0, BatchNormPolicy.FROZEN), 10));
    double bound =
        LowerBound.of(
            new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0.2, 0, BatchNormPolicy.FROZEN), 2);
    assertEquals(-0.9 * Math.log(0.9) - 0.1 * Math.log(0.1), bound, 1e-12);
  }

  @Test
  void examplesThatDependOnOthersAreRefused() {
    Subject subject = subject(List.of(4), true, LossFunction.MSE, BatchNormPolicy.BATCH);
    assertThrows(InvalidInputException.class, () -> measure(subject, StationarityOptions.DEFAULTS));
  }

  @Test
  void listsThatDoNotAscendAreRefused() {
    assertThrows(
        InvalidSettingException.class,
        () -> new StationarityOptions(List.of(4, 4), List.of(1, 2), 4, 0.9));
    assertThrows(
        InvalidSettingException.class,
        () -> new StationarityOptions(List.of(1, 4), List.of(1), 4, 0.9));
  }
}
