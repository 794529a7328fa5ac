package org.basin.landscape.saddle;

import static org.basin.measurement.Verdict.AGREES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import org.basin.data.Examples;
import org.basin.data.Split;
import org.basin.engine.EngineRegistry;
import org.basin.landscape.Retraining;
import org.basin.landscape.Subject;
import org.basin.landscape.saddle.NewtonSearch.Verdict;
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
import org.basin.train.TrainingSnapshot;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.hipparchus.linear.LUDecomposition;
import org.hipparchus.linear.RealMatrix;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The probe on a two-layer linear network y = W₂W₁x with squared loss, whose critical points are
 * known (Baldi and Hornik 1989): each keeps a set I of at most as many eigenpairs of Σ_yx Σ_xx⁻¹
 * Σ_xy as there are hidden units, with loss (tr Σ_yy − Σ_I λ_i)/K and index (hidden − |I|)(K − |I|)
 * + #{i in I, j not: λ_j > λ_i}, which the symmetries W₂A⁻¹, AW₁ do not change.
 */
class LinearNetworkSaddlesTest {
  private static final int FEATURES = 3;
  private static final int CLASSES = 3;
  private static final int HIDDEN = 2;
  private static ObjectiveEngine objectives;

  @BeforeAll
  static void open() {
    objectives = EngineRegistry.standard().openObjectives("cpu", 1);
  }

  @AfterAll
  static void close() {
    objectives.close();
  }

  private static Examples data() {
    SplittableRandom random = new SplittableRandom(3);
    int[] labels = new int[60];
    float[] inputs = new float[labels.length * FEATURES];
    double[][] centres = {{1.5, 0.2, 0}, {-0.5, 1.2, 0.3}, {0.1, -0.4, 0.9}};
    for (int i = 0; i < labels.length; i++) {
      labels[i] = random.nextInt(CLASSES);
      for (int j = 0; j < FEATURES; j++) {
        inputs[i * FEATURES + j] = (float) (centres[labels[i]][j] + 0.5 * random.nextGaussian());
      }
    }
    return new Examples(inputs, labels, FEATURES, CLASSES);
  }

  private record Level(double loss, int index) {}

  /** Every critical point's loss and index. */
  private static List<Level> known(Examples data) {
    int n = data.count();
    RealMatrix xx = new Array2DRowRealMatrix(FEATURES, FEATURES);
    RealMatrix yx = new Array2DRowRealMatrix(CLASSES, FEATURES);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < FEATURES; j++) {
        double x = data.inputs()[i * FEATURES + j];
        yx.addToEntry(data.labels()[i], j, x / n);
        for (int k = 0; k < FEATURES; k++) {
          xx.addToEntry(j, k, x * data.inputs()[i * FEATURES + k] / n);
        }
      }
    }
    RealMatrix explained =
        yx.multiply(new LUDecomposition(xx).getSolver().getInverse()).multiply(yx.transpose());
    explained = explained.add(explained.transpose()).scalarMultiply(0.5);
    double[] values = new EigenDecompositionSymmetric(explained).getEigenvalues();
    List<Level> levels = new ArrayList<>();
    for (int kept = 0; kept < 1 << CLASSES; kept++) {
      int rank = Integer.bitCount(kept);
      if (rank > HIDDEN) {
        continue;
      }
      double loss = 1; // tr Σ_yy of one-hot labels
      int index = (HIDDEN - rank) * (CLASSES - rank);
      for (int i = 0; i < CLASSES; i++) {
        if ((kept >> i & 1) == 1) {
          loss -= values[i];
          for (int j = 0; j < CLASSES; j++) {
            index += (kept >> j & 1) == 0 && values[j] > values[i] ? 1 : 0;
          }
        }
      }
      levels.add(new Level(loss / CLASSES, index));
    }
    return levels;
  }

  private record NoTraining(NetworkState state) implements Retraining {
    @Override
    public long seed() {
      return 1;
    }

    @Override
    public long steps() {
      return 1;
    }

    @Override
    public void run(LongUnaryOperator next, Look look) throws InterruptedException {
      look.at(new TrainingSnapshot(1, 0.1, state, null));
    }
  }

  static Subject subject(
      MlpSpec spec, LossFunction loss, Examples data, NetworkState state, ObjectiveEngine engine) {
    TrainingOptions options =
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
    Examples none = data.select(new int[0]);
    return new Subject(
        spec,
        options,
        state,
        state.parameters(),
        data,
        new Split(data, none, none, "none"),
        ObjectiveOptions.trained(options, BatchNormPolicy.FROZEN),
        engine,
        null,
        new NoTraining(state),
        null);
  }

  private static Measurement measure(int starts) throws InterruptedException {
    MlpSpec spec =
        new MlpSpec(
            FEATURES,
            List.of(HIDDEN),
            CLASSES,
            Activation.IDENTITY,
            false,
            false,
            Initialization.LECUN,
            Parameterization.STANDARD,
            16);
    NetworkState state = Initialization.draw(spec, new SplittableRandom(5));
    SaddleOptions options =
        new SaddleOptions(0, starts, List.of(1.0, 0.3), List.of(0.5), 100, 50, 100, 200, 8, 0.999);
    return SaddleProbe.KIND
        .open(options)
        .measure(
            subject(spec, LossFunction.MSE, data(), state, objectives), new SplittableRandom(1));
  }

  @Test
  void everyCriticalPointIsAKnownOneAndSeveralAreFound() throws InterruptedException {
    Measurement measured = measure(40);
    Table points = measured.tables().getFirst();
    List<Level> known = known(data());
    double[] losses = points.column("loss");
    double[] indices = points.column("index");
    double[] verdicts = points.column("verdict");
    boolean[] found = new boolean[known.size()];
    int critical = 0;
    for (int row = 0; row < losses.length; row++) {
      if (verdicts[row] != Verdict.CRITICAL.code()) {
        continue;
      }
      critical++;
      boolean matched = false;
      for (int k = 0; k < found.length; k++) {
        Level level = known.get(k);
        if (Math.abs(level.loss() - losses[row]) < 1e-6 && level.index() == indices[row]) {
          found[k] = true;
          matched = true;
        }
      }
      assertTrue(matched, "loss " + losses[row] + " with index " + indices[row]);
    }
    assertTrue(critical >= 60, critical + " of " + losses.length + " searches ended well");
    int different = 0;
    for (boolean each : found) {
      different += each ? 1 : 0;
    }
    assertTrue(different >= 5, different + " of " + found.length + " known were found");
    assertEquals(different, measured.scalars().get("levels").value());
    assertEquals(critical, measured.scalars().get("criticalSearches").value());
  }

  /**
   * λ_min alone tells how fast gradient descent gets away; at the origin every example's gradient
   * is 0, so mini-batches never do.
   */
  @Test
  void theWayOutOfTheOriginIsAsPredicted() throws InterruptedException {
    Measurement measured = measure(4);
    SaddleProbe.Details details = (SaddleProbe.Details) measured.details();
    assertTrue(details != null && details.escapedFrom() >= 0);
    double loss = measured.tables().getFirst().column("loss")[details.escapedFrom()];
    assertEquals(1.0 / CLASSES, loss, 1e-6);
    assertEquals(3, details.comparisons().size());
    for (Comparison comparison : details.comparisons()) {
      assertEquals(AGREES, comparison.verdict(), comparison.toString());
    }
    assertEquals(0, measured.scalars().get("noiseAlong").value(), 1e-3);
    assertFalse(measured.scalars().get("noiseSteps").converged());
  }
}
