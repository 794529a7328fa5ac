package org.basin.landscape.surface;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.basin.landscape.ProbeKind;
import org.basin.landscape.Subject;
import org.basin.landscape.curvature.ObjectiveOperators;
import org.basin.landscape.surface.SurfaceMeasurement.Line;
import org.basin.landscape.surface.SurfaceMeasurement.Path;
import org.basin.landscape.surface.SurfaceMeasurement.Plane;
import org.basin.linalg.Eigenpair;
import org.basin.linalg.Eigenpairs;
import org.basin.linalg.Lanczos;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.train.Objective;
import org.jspecify.annotations.Nullable;

/**
 * Slices of the loss through a network: along random directions, along eigenvectors of the Hessian,
 * and in the plane of the training that led to it.
 *
 * <pre>
 * line-random-1 ...                                    alpha, loss, error
 * line-largest-eigenvector, line-smallest-eigenvector  alpha, loss, error
 * plane-random, plane-eigenvectors, plane-trajectory   alpha, beta, loss, error
 * path                                                 step, alpha, beta, outOfPlane, loss, planeLoss
 * </pre>
 *
 * <p>Contours are of the plane and not of the path, which runs beside it: {@code path} has for
 * every iterate its distance from the plane, its loss, and the loss of its projection. Both are the
 * objective's, so with batch normalisation's frozen statistics they are those of the network that
 * is measured.
 */
public final class SurfaceProbe {
  private static final double EPSILON = Math.ulp(1f);

  /** The probe by its name. */
  public static final ProbeKind<SurfaceOptions> KIND =
      new ProbeKind<>(
          "surface",
          1,
          "the loss on lines and planes: random, of eigenvectors, of the training's path",
          SurfaceOptions.class,
          options -> (subject, random) -> measure(subject, options, random),
          SurfaceDefinitions.SCALARS);

  private final Subject subject;
  private final Objective objective;
  private final SurfaceOptions options;
  private final LossSlice slice;
  private final Axis axis;
  private final SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
  private final List<Table> tables = new ArrayList<>();
  private final List<Line> lines = new ArrayList<>();
  private final List<Plane> planes = new ArrayList<>();
  private @Nullable Path path;

  private SurfaceProbe(Subject subject, Objective objective, SurfaceOptions options) {
    this.subject = subject;
    this.objective = objective;
    this.options = options;
    slice = new LossSlice(objective, subject.theta(), options.error() ? subject.examples() : null);
    axis = Axis.symmetric(options.range(), options.points());
  }

  /**
   * Measures.
   *
   * @param random decides the random directions and the start of Lanczos' iteration, each by a
   *     stream of its own
   * @throws InterruptedException when the thread was interrupted
   * @throws org.basin.InvalidInputException when the iterates do not fit into the memory
   * @throws org.basin.linalg.NonFiniteProductException when eigenvectors are asked for and a
   *     product with H is not finite
   */
  public static Measurement measure(
      Subject subject, SurfaceOptions options, SplittableRandom random)
      throws InterruptedException {
    SplittableRandom directions = random.split();
    SplittableRandom spectrum = random.split();
    try (Objective objective = subject.objective()) {
      SurfaceProbe probe = new SurfaceProbe(subject, objective, options);
      if (options.directions().include(SurfaceDirections.RANDOM)) {
        probe.random(directions);
      }
      if (options.directions().include(SurfaceDirections.EIGENVECTORS)) {
        probe.eigenvectors(spectrum);
      }
      if (options.directions().include(SurfaceDirections.TRAJECTORY)) {
        probe.trajectory();
      }
      return probe.measurement();
    }
  }

  private Measurement measurement() {
    SurfaceMeasurement details =
        new SurfaceMeasurement(
            objective.loss(subject.theta()), objective.examples(), lines, planes, path);
    return new Measurement(scalars, details, tables, Map.of());
  }

  private void random(SplittableRandom random) throws InterruptedException {
    int draws = options.draws();
    float[][] directions = new float[draws][];
    double[] curvatures = new double[draws];
    double[] differences = new double[draws];
    double[] shares = new double[draws];
    double undecided = 0;
    for (int i = 0; i < draws; i++) {
      directions[i] = FilterNormalization.random(subject.spec(), subject.theta(), random.split());
      curvatures[i] = curvature(directions[i]);
      Line line = line("random-" + (i + 1), directions[i], curvatures[i]);
      differences[i] = line.secondDifference();
      Uncertain share = line.convexity().share();
      shares[i] = share.value();
      undecided += share.standardError() / draws;
    }
    scalars.put("randomCurvature", mean(curvatures));
    scalars.put("randomSecondDifference", mean(differences));
    scalars.put(
        "randomNonConvexShare", mean(shares).with(Contribution.known(Source.ROUNDING, undecided)));
    if (options.dimensions() == 2) {
      plane("random", "randomPlane", directions[0], directions[1], axis, axis);
    }
  }

  private void eigenvectors(SplittableRandom random) throws InterruptedException {
    Eigenpairs ends =
        Lanczos.eigenpairs(
            ObjectiveOperators.hessian(objective, subject.theta()),
            Lanczos.Options.of(1, 1),
            random);
    Eigenpair largest = ends.largest().getFirst();
    Eigenpair smallest = ends.smallest().getFirst();
    eigenvector("largest", largest);
    eigenvector("smallest", smallest);
    if (options.dimensions() == 2) {
      plane("eigenvectors", "eigenvectorPlane", largest.vector(), smallest.vector(), axis, axis);
    }
  }

  private void eigenvector(String which, Eigenpair pair) throws InterruptedException {
    Line line = line(which + "-eigenvector", pair.vector(), pair.value());
    scalars.put(which + "Eigenvalue", pair.uncertain());
    scalars.put(which + "EigenvectorNonConvexShare", line.convexity().share());
  }

  private void trajectory() throws InterruptedException {
    Iterates iterates = Iterates.of(subject, options.iterates());
    TrajectoryPlane plane = TrajectoryPlane.of(iterates, subject.theta());
    if (plane == null) {
      for (String name :
          List.of(
              "ExplainedVariance", "LargestOutOfPlane", "LargestLossGap", "PlaneNonConvexShare")) {
        scalars.put("trajectory" + name, unknown(Double.NaN));
      }
      return;
    }
    path = new Path(iterates.count(), plane.firstExplained(), plane.secondExplained());
    scalars.put(
        "trajectoryExplainedVariance",
        Uncertain.exact(plane.firstExplained() + plane.secondExplained()));
    follow(iterates, plane);
    if (options.dimensions() == 2) {
      plane(
          "trajectory",
          "trajectoryPlane",
          plane.first(),
          plane.second(),
          Axis.covering(plane.alpha(), options.points()),
          Axis.covering(plane.beta(), options.points()));
    }
  }

  /** The losses along the path and along its projection. */
  private void follow(Iterates iterates, TrajectoryPlane plane) throws InterruptedException {
    Table.Builder table =
        new Table.Builder("path", "step", "alpha", "beta", "outOfPlane", "loss", "planeLoss");
    double farthest = 0;
    double rounding = 0;
    double gap = 0;
    double size = 0;
    for (int t = 0; t < iterates.count(); t++) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      double alpha = plane.alpha()[t];
      double beta = plane.beta()[t];
      double loss = objective.loss(iterates.parameters(t));
      double planeLoss = slice.loss(alpha, plane.first(), beta, plane.second());
      table.row((double) iterates.step(t), alpha, beta, plane.outOfPlane()[t], loss, planeLoss);
      farthest = Math.max(farthest, plane.outOfPlane()[t]);
      rounding = Math.max(rounding, EPSILON * plane.distance()[t]);
      gap = Math.max(gap, Math.abs(loss - planeLoss));
      size = Math.max(size, Math.abs(loss) + Math.abs(planeLoss));
    }
    tables.add(table.build());
    scalars.put("trajectoryLargestOutOfPlane", rounded(farthest, rounding));
    scalars.put("trajectoryLargestLossGap", rounded(gap, LossSlice.ROUNDING * size));
  }

  private Line line(String name, float[] direction, double curvature) throws InterruptedException {
    Table table = slice.line("line-" + name, direction, axis);
    tables.add(table);
    double[] losses = table.column("loss");
    int middle = axis.centre();
    double difference =
        (losses[middle + 1] - 2 * losses[middle] + losses[middle - 1])
            / (axis.step() * axis.step());
    Line line =
        new Line(
            table.name(),
            Math.sqrt(dot(direction, direction)),
            curvature,
            difference,
            SliceConvexity.ofLine(losses));
    lines.add(line);
    return line;
  }

  private void plane(
      String name, String scalar, float[] first, float[] second, Axis alphas, Axis betas)
      throws InterruptedException {
    Table table = slice.plane("plane-" + name, first, second, alphas, betas);
    tables.add(table);
    SliceConvexity convexity = SliceConvexity.ofPlane(table.column("loss"), options.points());
    double cosine =
        dot(first, second) / Math.sqrt(dot(first, first)) / Math.sqrt(dot(second, second));
    planes.add(new Plane(table.name(), cosine, convexity));
    scalars.put(scalar + "NonConvexShare", convexity.share());
  }

  /** dᵀHd. */
  private double curvature(float[] direction) {
    float[] product = new float[direction.length];
    objective.hessianVectors(subject.theta(), direction, 1, product);
    return dot(direction, product);
  }

  private static Uncertain mean(double[] draws) {
    boolean finite = Arrays.stream(draws).allMatch(Double::isFinite);
    return finite ? Uncertain.mean(draws, Source.PROBES) : unknown(Double.NaN);
  }

  private static Uncertain rounded(double value, double rounding) {
    return Double.isFinite(value)
        ? Uncertain.of(value, List.of(Contribution.known(Source.ROUNDING, rounding)), true)
        : unknown(value);
  }

  /** What is not finite is no estimate. */
  private static Uncertain unknown(double value) {
    return Uncertain.of(value, List.of(), false);
  }

  private static double dot(float[] left, float[] right) {
    double sum = 0;
    for (int i = 0; i < left.length; i++) {
      sum += (double) left[i] * right[i];
    }
    return sum;
  }
}
