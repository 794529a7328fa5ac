package org.basin.landscape.sharpness;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.basin.landscape.Probe;
import org.basin.landscape.ProbeKind;
import org.basin.landscape.Subject;
import org.basin.landscape.curvature.ObjectiveOperators;
import org.basin.linalg.Eigenpair;
import org.basin.linalg.Eigenpairs;
import org.basin.linalg.Lanczos;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.train.LossFunction;
import org.basin.train.Objective;

/**
 * Measures how far one can go from θ before the loss has risen by a given amount, on the loss
 * itself: along random directions, along the gradient to both sides, and along eigenvectors of the
 * Hessian to both sides.
 *
 * <p>Distances along random directions are multiples of the direction, whose norm is that of θ (see
 * {@link RandomDirection}); those along the gradient and eigenvectors are Euclidean. A distance is
 * the first at which the loss is above L(θ) + rise, as {@link RiseSearch} sees it; one that was not
 * found up to the last radius has not converged, its scalar is that radius, a lower bound, and it
 * is no number in tables, which have {@code searched} beside it.
 *
 * <pre>
 * randomDistance                 median over directions
 * ascentDistance, descentDistance   along ∇L and −∇L
 * {largest,smallest}EigenvectorHalfWidth   mean of both sides of the first eigenvector
 * largestEigenvectorQuadratic    √(2 rise / λ₁), what the curvature alone predicts
 * </pre>
 *
 * <p>With the default options it takes 50 · (10 + 6) losses for random directions, about 16 for
 * each of the twelve others, and up to 205 Hessian-vector products for the eigenvectors.
 */
public final class BasinWidthProbe implements Probe {
  /** The probe by its name. */
  public static final ProbeKind<BasinWidthOptions> KIND =
      new ProbeKind<>(
          "basin-width",
          1,
          "how far the loss stays low along random, gradient and eigenvector directions",
          BasinWidthOptions.class,
          BasinWidthProbe::new,
          BasinWidthDefinitions.SCALARS);

  // The loss is looked at along whatever vector there is, and λ is that vector's: neither needs
  // more. Within this of ‖Hv‖, a vector is an eigenvector for the eye.
  private static final double EIGENVECTOR_TOLERANCE = 0.01;
  private static final String HALF_WIDTH = "HalfWidth";
  private static final int MOST_PRODUCTS = 200;
  private static final int MOST_KEPT = 100;

  private final BasinWidthOptions options;

  /** With {@code options}. */
  public BasinWidthProbe(BasinWidthOptions options) {
    this.options = options;
  }

  @Override
  public Measurement measure(Subject subject, SplittableRandom random) throws InterruptedException {
    SplittableRandom directions = random.split();
    SplittableRandom lanczos = random.split();
    try (Objective objective = subject.objective()) {
      Survey survey = new Survey(subject, objective);
      survey.random(directions);
      survey.gradient();
      if (options.largest() + options.smallest() > 0) {
        survey.eigenvectors(lanczos);
      }
      return survey.measurement();
    }
  }

  /** The plain loss of outputs that are the same for every example and every class. */
  private static double knowingNothing(Subject subject) {
    double classes = subject.spec().outputs();
    return subject.options().loss() == LossFunction.CROSS_ENTROPY
        ? Math.log(classes)
        : (classes - 1) / (classes * classes);
  }

  /** One measurement. */
  private final class Survey {
    private final Subject subject;
    private final Objective objective;
    private final PerturbedLoss loss;
    private final double rise;
    private final RiseSearch search;
    private final double[] multiples; // radii, of ‖θ‖
    private final double[] radii; // Euclidean
    private final double norm; // ‖θ‖
    private final double[] gradient; // at θ
    private final double slope; // ‖gradient‖
    private final SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
    private final List<Table> tables = new ArrayList<>();
    private int notRisen;

    Survey(Subject subject, Objective objective) throws InterruptedException {
      this.subject = subject;
      this.objective = objective;
      float[] theta = subject.theta();
      loss = new PerturbedLoss(objective, theta, Scaling.PLAIN.of(theta));
      rise = options.rise() * knowingNothing(subject);
      search = new RiseSearch(loss, rise, options.tolerance());
      norm = PerturbedLoss.norm(scaled(theta, 1));
      multiples = options.radii().stream().mapToDouble(Double::doubleValue).toArray();
      radii = Arrays.stream(multiples).map(multiple -> multiple * norm).toArray();
      gradient = new double[theta.length];
      loss.gradient(new double[theta.length], gradient);
      slope = PerturbedLoss.norm(gradient);
    }

    /** Distances along random directions, and which of them are inside at every radius. */
    void random(SplittableRandom random) throws InterruptedException {
      int[] inside = new int[multiples.length];
      Distance[] distances = new Distance[options.directions()];
      Table.Builder each =
          new Table.Builder(
              "randomDistances", "direction", "distance", "standardError", "converged", "searched");
      for (int i = 0; i < distances.length; i++) {
        distances[i] = distance(direction(random), inside);
        notRisen += distances[i].found() ? 0 : 1;
        each.row(
            i + 1,
            distances[i].orNaN(),
            distances[i].error(),
            flag(distances[i].found()),
            multiples[multiples.length - 1]);
      }
      scalars.put("randomDistance", DirectionsInside.median(distances));
      Table.Builder shares =
          new Table.Builder("insideShare", "radius", "value", "standardError", "converged");
      for (int r = 0; r < multiples.length; r++) {
        Uncertain share = DirectionsInside.share(inside[r], distances.length);
        shares.row(multiples[r], share.value(), share.standardError(), flag(share.converged()));
      }
      tables.add(shares.build());
      tables.add(each.build());
    }

    private double[] direction(SplittableRandom random) {
      return options.filterNormalized()
          ? RandomDirection.filterNormalized(subject.spec(), subject.theta(), random)
          : RandomDirection.normalized(subject.theta(), random);
    }

    /** The distance along one direction; counts at which radii it is inside. */
    private Distance distance(double[] direction, int[] inside) throws InterruptedException {
      int first = multiples.length; // radius that is not inside
      for (int r = multiples.length - 1; r >= 0; r--) {
        if (search.inside(direction, multiples[r])) {
          inside[r]++;
        } else {
          first = r;
        }
      }
      double low = first == 0 ? 0 : multiples[first - 1];
      return first == multiples.length
          ? Distance.beyond(low)
          : search.between(direction, low, multiples[first]);
    }

    /** Uphill and downhill; nowhere to go, so never risen, where the gradient is 0. */
    void gradient() throws InterruptedException {
      double[] uphill = new double[gradient.length];
      for (int i = 0; i < gradient.length && slope > 0; i++) {
        uphill[i] = gradient[i] / slope;
      }
      scalars.put("ascentDistance", search.along(uphill, radii).uncertain());
      scalars.put("descentDistance", search.along(opposite(uphill), radii).uncertain());
    }

    /** Both sides of the eigenvectors of both ends. */
    void eigenvectors(SplittableRandom random) throws InterruptedException {
      Lanczos.Options wanted = eigenvectorsOf(objective.size(), options);
      Eigenpairs pairs =
          Lanczos.eigenpairs(
              ObjectiveOperators.hessian(objective, subject.theta()), wanted, random);
      eigenvectors("largestEigenvector", pairs.largest());
      eigenvectors("smallestEigenvector", pairs.smallest());
      if (wanted.largest() > 0) {
        scalars.put("largestEigenvectorQuadratic", quadratic(pairs.largest().getFirst()));
      }
    }

    private void eigenvectors(String name, List<Eigenpair> pairs) throws InterruptedException {
      Table.Builder table =
          new Table.Builder(
              name + "s",
              "eigenvalue",
              "residual",
              "side",
              "distance",
              "standardError",
              "converged",
              "searched",
              "quadratic");
      for (Eigenpair pair : pairs) {
        double[] uphill = uphill(pair.vector());
        Distance[] sides = {search.along(uphill, radii), search.along(opposite(uphill), radii)};
        for (int i = 0; i < 2; i++) {
          table.row(
              pair.value(),
              pair.residual(),
              1 - 2 * i,
              sides[i].orNaN(),
              sides[i].error(),
              flag(sides[i].found() && pair.converged()),
              radii[radii.length - 1],
              quadratic(pair).value());
        }
        if (!scalars.containsKey(name + HALF_WIDTH)) { // the first
          Uncertain half = Distance.halfWidth(sides[0], sides[1]).uncertain();
          scalars.put(
              name + HALF_WIDTH,
              Uncertain.of(half.value(), half.sources(), half.converged() && pair.converged()));
        }
      }
      if (!pairs.isEmpty()) {
        tables.add(table.build());
      }
    }

    /** An eigenvector has no sign; this is the one that goes uphill. */
    private double[] uphill(float[] vector) {
      double inner = 0;
      for (int i = 0; i < vector.length; i++) {
        inner += gradient[i] * vector[i];
      }
      return scaled(vector, inner < 0 ? -1 : 1);
    }

    /** √(2 rise / λ); no number where nothing curves upwards. */
    private Uncertain quadratic(Eigenpair pair) {
      if (pair.value() <= 0) {
        return Uncertain.of(Double.NaN, List.of(), false);
      }
      double distance = Math.sqrt(2 * rise / pair.value());
      Uncertain moved = pair.uncertain().times(distance / (2 * pair.value()));
      return Uncertain.of(distance, moved.sources(), pair.converged());
    }

    Measurement measurement() {
      BasinWidthDetails details =
          new BasinWidthDetails(loss.center(), rise, norm, slope, options.directions(), notRisen);
      return new Measurement(scalars, details, tables, Map.of());
    }
  }

  private static double[] scaled(float[] vector, double factor) {
    double[] values = new double[vector.length];
    for (int i = 0; i < vector.length; i++) {
      values[i] = factor * vector[i];
    }
    return values;
  }

  private static double[] opposite(double[] direction) {
    return Arrays.stream(direction).map(component -> -component).toArray();
  }

  private static Lanczos.Options eigenvectorsOf(int size, BasinWidthOptions options) {
    int largest = Math.min(options.largest(), size);
    int smallest = Math.min(options.smallest(), size);
    int wanted = largest + smallest;
    return new Lanczos.Options(
        largest,
        smallest,
        EIGENVECTOR_TOLERANCE,
        Math.max(MOST_PRODUCTS, 20 * wanted),
        Math.max(MOST_KEPT, 3 * wanted + 8));
  }

  /** Bytes of the heap that a network of {@code size} parameters takes at most. */
  static long heapBytes(int size, BasinWidthOptions options) {
    boolean eigenvectors = options.largest() + options.smallest() > 0;
    return PerturbedLoss.heapBytes(size)
        + (eigenvectors ? Lanczos.bytes(size, eigenvectorsOf(size, options)) : 0);
  }

  private static double flag(boolean holds) {
    return holds ? 1 : 0;
  }
}
