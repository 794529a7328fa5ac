package org.basin.landscape.connectivity;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.basin.InvalidInputException;
import org.basin.landscape.Partner;
import org.basin.landscape.ProbeKind;
import org.basin.landscape.Subject;
import org.basin.landscape.connectivity.ConnectivityMeasurement.Path;
import org.basin.landscape.connectivity.PathLoss.Evaluation;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Figure;
import org.basin.measurement.Figure.Style;
import org.basin.measurement.Figure.Trace;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.model.NetworkState;
import org.jspecify.annotations.Nullable;

/**
 * How high the loss rises between two trained networks: on the straight line, on the line to the
 * other with its hidden units renumbered ({@link WeightMatching}), and on curves that were trained
 * to be low ({@link CurveTraining}), between the networks as they are.
 *
 * <pre>
 * trainLossBarrier, trainErrorBarrier, testLossBarrier, testErrorBarrier    of the line, above the
 *                                                                  line between the end losses
 * alignedTrainLossBarrier ..., bezierTrainLossBarrier ..., polygonTrainLossBarrier ...
 * trainLossBarrierAboveMean, trainLossBarrierAboveHigherEnd ...    the other two definitions
 * distance, alignedDistance                                        ‖θ − θ'‖
 * bezierLength, polygonLength                                      over that of the line
 * </pre>
 *
 * <p>The other two definitions are scalars for the training loss; for the rest they are in the
 * details. Table {@code path} has loss and error along all paths, NaN on those that were not asked
 * for; {@code permutation} which unit of the partner takes whose place, counted from 0; {@code
 * training} the mean mini-batch loss of the curves' training. Vectors {@code bezierBend} and {@code
 * polygonBend} are the trained bends.
 *
 * <p>A trained curve's barrier is an upper bound of what the best curve has, which a longer
 * training may lower.
 */
public final class ConnectivityProbe {
  /**
   * What float32 may move a loss by, as a part of it; measured on the CPU engine against double
   * precision.
   */
  private static final double ROUNDING = 8 * Math.ulp(1f);

  private static final String LINEAR = "linear";
  private static final String ALIGNED = "aligned";
  private static final List<String> PATHS = List.of(LINEAR, ALIGNED, "bezier", "polygon");
  private static final List<String> QUANTITIES =
      List.of("TrainLoss", "TrainError", "TestLoss", "TestError");

  private static final String CLAIM =
      "Two networks that start from different seeds end in different places, and on the straight"
          + " line between them the loss usually rises: a barrier (Frankle et al. 2020). Part of it"
          + " is an accident of names: renumbering hidden units changes the parameters and not the"
          + " function. Entezari et al. (2022) conjecture that after the best renumbering no barrier"
          + " is left if the networks are wide enough, and Ainsworth et al. (2023) saw it fall with"
          + " width, to nearly zero for wide networks on MNIST. And whatever the line does, a bent"
          + " path of nearly constant loss can usually be found (Garipov et al. 2018; Draxler et al."
          + " 2018): the low places are connected.";

  /** The probe by its name. */
  public static final ProbeKind<ConnectivityOptions> KIND =
      new ProbeKind<>(
          "connectivity",
          1,
          "the loss between two networks: on the line, after alignment, on trained curves",
          ConnectivityOptions.class,
          options -> (subject, random) -> measure(subject, options, random),
          CLAIM,
          List.of(
              figure(
                  "Training loss between two networks",
                  "How far a curve rises above its two ends is its barrier. Compare the straight line"
                      + " with the one after alignment, for which hidden units were renumbered to"
                      + " match, and choose other widths to see how both change.",
                  "TrainLoss",
                  "training loss"),
              figure(
                  "Test loss between two networks",
                  "The same paths on examples that no network has seen: where the curve stays low,"
                      + " all networks on it generalise about as well as its ends.",
                  "TestLoss",
                  "test loss"),
              figure(
                  "Test error between two networks",
                  "The misclassified fraction along the same paths. A loss may rise steeply where few"
                      + " predictions change, so look at both.",
                  "TestError",
                  "test error")),
          List.of(),
          ConnectivityDefinitions.SCALARS);

  private final Subject subject;
  private final Partner partner;
  private final ConnectivityOptions options;
  private final SequencedMap<String, double[][]> evaluated = new LinkedHashMap<>();
  private final List<Path> paths = new ArrayList<>();
  private final List<Table> tables = new ArrayList<>();
  private final Map<String, float[][]> vectors = new LinkedHashMap<>();
  private final SequencedMap<String, Uncertain> lengths = new LinkedHashMap<>();
  private @Nullable Integer moved;

  private ConnectivityProbe(Subject subject, Partner partner, ConnectivityOptions options) {
    this.subject = subject;
    this.partner = partner;
    this.options = options;
  }

  private static Figure figure(String title, String text, String quantity, String label) {
    return new Figure(
        title,
        text,
        "path",
        new Figure.Axis("alpha", "position on the path, from one network to the other", false),
        new Figure.Axis("", label, false),
        List.of(
            new Trace("straight line", Style.MEASURED, LINEAR + quantity),
            new Trace("straight line after alignment", Style.MEASURED, ALIGNED + quantity),
            new Trace("trained Bézier curve", Style.MEASURED, "bezier" + quantity),
            new Trace("trained polygon", Style.MEASURED, "polygon" + quantity)),
        null);
  }

  /**
   * Measures.
   *
   * @param subject a network with a partner
   * @param random decides the orders of the alignment, and the curves' t and batches, each curve by
   *     a stream of its own
   * @throws InterruptedException when the thread was interrupted
   * @throws InvalidInputException when a layer is too wide to be aligned
   */
  public static Measurement measure(
      Subject subject, ConnectivityOptions options, SplittableRandom random)
      throws InterruptedException {
    Partner partner = subject.partner();
    if (partner == null) {
      throw new IllegalArgumentException("connectivity is of two networks, there is one");
    }
    return new ConnectivityProbe(subject, partner, options).measure(random);
  }

  private Measurement measure(SplittableRandom random) throws InterruptedException {
    NetworkState start = subject.state();
    NetworkState end = partner.state();
    SplittableRandom alignment = random.split();
    Map<PathShape, SplittableRandom> streams = new LinkedHashMap<>();
    for (PathShape shape : ConnectingCurves.BOTH.shapes()) {
      streams.put(shape, random.split());
    }
    try (PathLoss loss = new PathLoss(subject)) {
      follow(LINEAR, NetworkPath.line(start, end), loss);
      lengths.put("distance", Uncertain.exact(NetworkPath.line(start, end).chord()));
      if (options.align()) {
        align(start, end, loss, alignment);
      }
      List<CurveTraining.Trained> curves = new ArrayList<>();
      for (PathShape shape : options.curves().shapes()) {
        CurveTraining.Trained curve =
            CurveTraining.train(
                shape, start, end, subject, options, streams.getOrDefault(shape, random));
        curves.add(curve);
        String name = name(shape);
        follow(name, curve.path(), loss);
        lengths.put(name + "Length", ratio(curve.path()));
        vectors.put(name + "Bend", new float[][] {curve.path().bend()});
      }
      tables.addFirst(pathTable());
      if (!curves.isEmpty()) {
        tables.add(training(curves));
      }
    }
    return measurement();
  }

  private static String name(PathShape shape) {
    return shape.name().toLowerCase(Locale.ROOT);
  }

  private static Uncertain ratio(NetworkPath path) {
    double ratio = path.length() / path.chord();
    return Double.isFinite(ratio)
        ? Uncertain.exact(ratio)
        : Uncertain.of(Double.NaN, List.of(), false);
  }

  private void align(NetworkState start, NetworkState end, PathLoss loss, SplittableRandom random)
      throws InterruptedException {
    UnitPermutation permutation =
        WeightMatching.align(subject.spec(), start, end, options.orders(), random);
    NetworkPath aligned = NetworkPath.line(start, permutation.of(subject.spec(), end));
    follow(ALIGNED, aligned, loss);
    lengths.put("alignedDistance", Uncertain.exact(aligned.chord()));
    moved = permutation.moved();
    Table.Builder table = new Table.Builder("permutation", "layer", "unit", "partnerUnit");
    int[][] units = permutation.units();
    for (int l = 0; l < units.length; l++) {
      for (int i = 0; i < units[l].length; i++) {
        table.row(l, i, units[l][i]);
      }
    }
    tables.add(table.build());
  }

  /** Evaluates a path at every point. */
  private void follow(String name, NetworkPath path, PathLoss loss) throws InterruptedException {
    Evaluation[] evaluations = new Evaluation[options.points()];
    for (int i = 0; i < evaluations.length; i++) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      evaluations[i] = loss.of(path.at(position(i)));
    }
    double[][] columns = {
      column(evaluations, Evaluation::trainLoss),
      column(evaluations, Evaluation::trainError),
      column(evaluations, Evaluation::testLoss),
      column(evaluations, Evaluation::testError)
    };
    evaluated.put(name, columns);
    paths.add(
        new Path(
            name,
            ratio(path).value(),
            Barrier.of(columns[0], ROUNDING),
            Barrier.of(columns[1], 0),
            Barrier.of(columns[2], ROUNDING),
            Barrier.of(columns[3], 0)));
  }

  private double position(int point) {
    return (double) point / (options.points() - 1);
  }

  private static double[] column(Evaluation[] from, ToDoubleFunction<Evaluation> part) {
    return Arrays.stream(from).mapToDouble(part).toArray();
  }

  private Table pathTable() {
    List<String> columns = new ArrayList<>(List.of("alpha"));
    for (String path : PATHS) {
      QUANTITIES.forEach(quantity -> columns.add(path + quantity));
    }
    List<double[]> rows = new ArrayList<>();
    for (int i = 0; i < options.points(); i++) {
      double[] row = new double[columns.size()];
      Arrays.fill(row, Double.NaN);
      row[0] = position(i);
      int next = 1;
      for (String path : PATHS) {
        double[][] values = evaluated.get(path);
        for (int q = 0; q < QUANTITIES.size(); q++, next++) {
          if (values != null) {
            row[next] = values[q][i];
          }
        }
      }
      rows.add(row);
    }
    return new Table("path", columns, rows);
  }

  private static Table training(List<CurveTraining.Trained> curves) {
    List<String> columns = new ArrayList<>(List.of("step"));
    curves.forEach(curve -> columns.add(name(curve.path().shape()) + "Loss"));
    int[] steps = curves.getFirst().steps();
    List<double[]> rows = new ArrayList<>();
    for (int part = 0; part < steps.length; part++) {
      double[] row = new double[columns.size()];
      row[0] = steps[part];
      for (int c = 0; c < curves.size(); c++) {
        row[c + 1] = curves.get(c).losses()[part];
      }
      rows.add(row);
    }
    return new Table("training", columns, rows);
  }

  /** Scalars: what is looked at first comes first. */
  private Measurement measurement() {
    SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
    paths.forEach(path -> put(scalars, path, "trainLossBarrier", path.trainLoss().aboveLine()));
    scalars.putAll(lengths);
    for (Path path : paths) {
      put(scalars, path, "trainErrorBarrier", path.trainError().aboveLine());
      put(scalars, path, "testLossBarrier", path.testLoss().aboveLine());
      put(scalars, path, "testErrorBarrier", path.testError().aboveLine());
      put(scalars, path, "trainLossBarrierAboveMean", path.trainLoss().aboveMean());
      put(scalars, path, "trainLossBarrierAboveHigherEnd", path.trainLoss().aboveHigherEnd());
    }
    ConnectivityMeasurement details =
        new ConnectivityMeasurement(
            partner.seed(),
            subject.examples().count(),
            subject.data().test().count(),
            moved,
            paths);
    return new Measurement(scalars, details, tables, vectors);
  }

  private static void put(
      SequencedMap<String, Uncertain> scalars, Path path, String name, Uncertain value) {
    scalars.put(scalar(path.name(), name), value);
  }

  /** Name of a scalar of a path: that of the straight line has no prefix. */
  static String scalar(String path, String name) {
    return path.equals(LINEAR)
        ? name
        : path + Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }
}
