package org.basin.landscape.surface;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;
import org.basin.InvalidSettingException;
import org.basin.engine.EngineRegistry;
import org.basin.engine.Replicas;
import org.basin.landscape.Onlooker;
import org.basin.landscape.ProbeCatalog;
import org.basin.landscape.Retraining;
import org.basin.landscape.Subject;
import org.basin.landscape.surface.SurfaceMeasurement.Line;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.model.Activation;
import org.basin.model.NetworkState;
import org.basin.train.BatchNormPolicy;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.basin.train.TrainingEngine;
import org.basin.train.TrainingLoop;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingSnapshot;
import org.basin.train.TrainingTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A small network of tanh, trained, from all sides. */
class SurfaceProbeTest {
  private static final SurfaceOptions DEFAULTS = SurfaceOptions.DEFAULTS;
  private static final SurfaceOptions ALL =
      new SurfaceOptions(SurfaceDirections.ALL, 2, 9, 0.02, 3, 12, true);

  private record Trainer(TrainingEngine engine, TrainingTask task) implements Retraining {
    @Override
    public long seed() {
      return task.seed();
    }

    @Override
    public long steps() {
      return task.options().epochs()
          * TrainingLoop.stepsPerEpoch(task.data().train().count(), task.options().batchSize());
    }

    @Override
    public void run(LongUnaryOperator next, Look look) throws InterruptedException {
      engine.train(List.of(task), new Onlooker(next, look));
    }
  }

  private interface Use {
    void with(Subject subject) throws InterruptedException;
  }

  private static void trained(Replicas replicas, Use use) throws InterruptedException {
    TrainingTask task = replicas.task();
    EngineRegistry engines = EngineRegistry.standard();
    try (TrainingEngine trainer = engines.open("cpu");
        ObjectiveEngine engine = engines.openObjectives("cpu", 1)) {
      NetworkState state = trainer.train(List.of(task), TrainingProgress.NONE).getFirst().state();
      use.with(
          new Subject(
              task.spec(),
              task.options(),
              state,
              new float[state.parameters().length],
              task.data().train(),
              task.data(),
              ObjectiveOptions.trained(task.options(), BatchNormPolicy.FROZEN),
              engine,
              null,
              new Trainer(trainer, task),
              null));
    }
  }

  private static Measurement measure(Subject subject, SurfaceOptions options)
      throws InterruptedException {
    return SurfaceProbe.measure(subject, options, new SplittableRandom(1));
  }

  private static Map<String, Table> tables(Measurement measured) {
    return measured.tables().stream().collect(Collectors.toMap(Table::name, Function.identity()));
  }

  private static SurfaceMeasurement details(Measurement measured) {
    return (SurfaceMeasurement) measured.details();
  }

  private static double[] rowAtZero(Table table) {
    int coordinates = table.columns().indexOf("loss");
    return table.rows().stream()
        .filter(row -> row[0] == 0 && row[coordinates - 1] == 0)
        .reduce(
            (one, other) -> {
              throw new AssertionError("one row only is the network");
            })
        .orElseThrow();
  }

  @Test
  void everySliceHasTheNetworkInIt() throws InterruptedException {
    trained(
        new Replicas(),
        subject -> {
          Measurement measured = measure(subject, ALL);
          Map<String, Table> tables = tables(measured);
          assertEquals(
              List.of(
                  "line-random-1",
                  "line-random-2",
                  "line-random-3",
                  "plane-random",
                  "line-largest-eigenvector",
                  "line-smallest-eigenvector",
                  "plane-eigenvectors",
                  "path",
                  "plane-trajectory"),
              measured.tables().stream().map(Table::name).toList());
          double loss;
          try (Objective objective = subject.objective()) {
            loss = objective.loss(subject.theta());
          }
          assertEquals(loss, details(measured).loss());
          assertEquals(30, details(measured).examples());
          for (Table table : measured.tables()) {
            if (!table.name().equals("path")) {
              assertEquals(table.name().startsWith("line") ? 9 : 81, table.rows().size());
              assertEquals(loss, rowAtZero(table)[table.columns().indexOf("loss")]);
            }
          }
          Table path = tables.get("path");
          assertArrayEquals(new double[] {30, 0, 0, 0, loss, loss}, path.rows().getLast());
          double[] corner = tables.get("plane-trajectory").rows().getFirst();
          for (double[] iterate : path.rows()) {
            assertTrue(iterate[1] > corner[0] && iterate[2] > corner[1], "covered");
          }
        });
  }

  /** The picture's curvature in its middle is the exact product's, up to h² L⁗ / 12. */
  @Test
  void secondDifferencesAreTheCurvature() throws InterruptedException {
    trained(
        new Replicas(),
        subject -> {
          Measurement measured = measure(subject, ALL);
          List<Line> lines = details(measured).lines();
          assertEquals(5, lines.size());
          double largest = measured.scalars().get("largestEigenvalue").value();
          for (Line line : lines) {
            assertEquals(line.curvature(), line.secondDifference(), 3e-3 * largest, line.name());
          }
          assertEquals(largest, lines.get(3).curvature());
          assertEquals(1, lines.get(3).norm(), 1e-6);
          assertTrue(largest > lines.get(4).curvature());
          double mean =
              lines.subList(0, 3).stream().mapToDouble(Line::curvature).average().orElseThrow();
          Uncertain curvature = measured.scalars().get("randomCurvature");
          assertEquals(mean, curvature.value(), 1e-12);
          assertTrue(curvature.standardError() > 0);
        });
  }

  /** What the plane shows at a projection is what the path says of it. */
  @Test
  void thePathStandsBesideItsPlane() throws InterruptedException {
    trained(
        new Replicas(),
        subject -> {
          Measurement measured = measure(subject, ALL);
          Table path = tables(measured).get("path");
          double[] first = path.rows().getFirst();
          assertEquals(0, first[0], "training begins at step 0");
          double gap = 0;
          double farthest = 0;
          for (double[] row : path.rows()) {
            gap = Math.max(gap, Math.abs(row[4] - row[5]));
            farthest = Math.max(farthest, row[3]);
          }
          assertEquals(gap, measured.scalars().get("trajectoryLargestLossGap").value());
          assertEquals(farthest, measured.scalars().get("trajectoryLargestOutOfPlane").value());
          assertTrue(farthest > 0);
          assertNotNull(details(measured).path());
          assertEquals(
              details(measured).path().firstExplained()
                  + details(measured).path().secondExplained(),
              measured.scalars().get("trajectoryExplainedVariance").value());
          double untrained;
          try (Objective objective = subject.objective()) {
            untrained = objective.loss(initial(subject));
          }
          assertEquals(untrained, first[4], "the loss of the network itself");
        });
  }

  private static float[] initial(Subject subject) throws InterruptedException {
    float[][] seen = new float[1][];
    subject
        .retraining()
        .run(
            step -> step == 0 ? 0 : Long.MAX_VALUE,
            snapshot -> seen[0] = snapshot.state().parameters());
    return seen[0];
  }

  @Test
  void linesAloneAndWithoutErrors() throws InterruptedException {
    SurfaceOptions few = new SurfaceOptions(SurfaceDirections.ALL, 1, 5, 1, 2, 12, false);
    trained(
        new Replicas(),
        subject -> {
          Measurement measured = measure(subject, few);
          assertEquals(
              List.of(
                  "line-random-1",
                  "line-random-2",
                  "line-largest-eigenvector",
                  "line-smallest-eigenvector",
                  "path"),
              measured.tables().stream().map(Table::name).toList());
          assertEquals(List.of("alpha", "loss"), measured.tables().getFirst().columns());
          assertFalse(measured.scalars().containsKey("randomPlaneNonConvexShare"));
        });
  }

  @Test
  void aSeedDecidesTheDirectionsWhateverElseIsMeasured() throws InterruptedException {
    SurfaceOptions random = new SurfaceOptions(SurfaceDirections.RANDOM, 1, 9, 0.02, 3, 12, true);
    trained(
        new Replicas(),
        subject -> {
          Uncertain among = measure(subject, ALL).scalars().get("randomCurvature");
          assertEquals(among, measure(subject, random).scalars().get("randomCurvature"));
          assertNotEquals(
              among,
              SurfaceProbe.measure(subject, random, new SplittableRandom(2))
                  .scalars()
                  .get("randomCurvature"));
        });
  }

  /** Before the first step there is no path, and that is said. */
  @Test
  void aNetworkWithoutAPathHasNoPlane() throws InterruptedException {
    SurfaceOptions path = new SurfaceOptions(SurfaceDirections.TRAJECTORY, 2, 9, 1, 2, 12, true);
    trained(
        new Replicas(),
        subject -> {
          Subject untrained =
              new Subject(
                  subject.spec(),
                  subject.training(),
                  subject.state(),
                  subject.initial(),
                  subject.examples(),
                  subject.data(),
                  subject.options(),
                  subject.engine(),
                  new TrainingSnapshot(0, 0.1, subject.state(), null),
                  new PlantedTraining(30, 30, step -> subject.theta()),
                  null);
          Measurement measured = measure(untrained, path);
          assertEquals(List.of(), measured.tables());
          assertNull(details(measured).path());
          assertEquals(4, measured.scalars().size());
          for (Uncertain value : measured.scalars().values()) {
            assertTrue(Double.isNaN(value.value()) && !value.converged());
          }
          assertEquals(measure(subject, path).scalars().keySet(), measured.scalars().keySet());
        });
  }

  /** Slices so wide that the loss overflows: no scalar of them is called an estimate. */
  @Test
  void whatOverflowsIsNoEstimate() throws InterruptedException {
    Replicas deep = new Replicas();
    deep.hidden = List.of(7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7);
    deep.activation = Activation.IDENTITY;
    SurfaceOptions wide = new SurfaceOptions(SurfaceDirections.RANDOM, 2, 3, 1000, 2, 12, true);
    trained(
        deep,
        subject -> {
          Measurement measured = measure(subject, wide);
          double[] losses = tables(measured).get("line-random-1").column("loss");
          assertTrue(Double.isFinite(losses[1]) && !Double.isFinite(losses[0]));
          Uncertain share = measured.scalars().get("randomNonConvexShare");
          assertTrue(Double.isNaN(share.value()) && !share.converged(), share::toString);
          assertFalse(measured.scalars().get("randomSecondDifference").converged());
          assertTrue(measured.scalars().get("randomCurvature").converged());
        });
  }

  @ParameterizedTest
  @CsvSource({
    "0, 51, 1, 5, 64, dimensions",
    "3, 51, 1, 5, 64, dimensions",
    "2, 1, 1, 5, 64, points",
    "2, 50, 1, 5, 64, points",
    "2, 503, 1, 5, 64, points",
    "2, 51, 0, 5, 64, range",
    "2, 51, NaN, 5, 64, range",
    "2, 51, 1001, 5, 64, range",
    "2, 51, 1, 1, 64, draws",
    "2, 51, 1, 1001, 64, draws",
    "2, 51, 1, 5, 2, iterates",
    "2, 51, 1, 5, 1001, iterates"
  })
  void optionsOutOfRangeAreNamed(
      int dimensions, int points, double range, int draws, int iterates, String key) {
    InvalidSettingException refusal =
        assertThrows(
            InvalidSettingException.class,
            () ->
                new SurfaceOptions(
                    DEFAULTS.directions(), dimensions, points, range, draws, iterates, true));
    assertEquals(key, refusal.key());
  }

  @Test
  void theCatalogKnowsIt() {
    assertEquals(SurfaceProbe.KIND, ProbeCatalog.find("surface"));
    assertEquals(51, DEFAULTS.points());
  }
}
