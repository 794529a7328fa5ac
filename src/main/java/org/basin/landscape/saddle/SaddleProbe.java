package org.basin.landscape.saddle;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.basin.landscape.BatchGradients;
import org.basin.landscape.LowerBound;
import org.basin.landscape.ProbeKind;
import org.basin.landscape.Subject;
import org.basin.landscape.curvature.HessianOptions;
import org.basin.landscape.curvature.HessianSpectrum;
import org.basin.landscape.curvature.ObjectiveOperators;
import org.basin.landscape.saddle.NewtonSearch.End;
import org.basin.landscape.saddle.NewtonSearch.Verdict;
import org.basin.landscape.saddle.Starts.Kind;
import org.basin.landscape.saddle.Starts.Start;
import org.basin.linalg.DenseMatrix;
import org.basin.linalg.Eigenpair;
import org.basin.linalg.Lanczos;
import org.basin.linalg.SymmetricOperator;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Source;
import org.basin.measurement.Comparison;
import org.basin.measurement.Figure;
import org.basin.measurement.Figure.Axis;
import org.basin.measurement.Figure.Style;
import org.basin.measurement.Figure.Trace;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.train.Objective;
import org.jspecify.annotations.Nullable;

/**
 * Critical points of a network's landscape and the way out of its saddles.
 *
 * <p>From many {@link Starts} a {@link NewtonSearch} makes ‖∇f‖² small. Where it ended counts as a
 * critical point only when the gradient is down to the noise floor of float32 and a Newton step
 * promises nothing; ends where the gradient lies in the null space of H are told apart. At every
 * critical point: λ_min with its error, over the noise floor of products, and the index, how many
 * eigenvalues are below minus that floor. An index that may be off by more than 2 % of all
 * eigenvalues is left out, as where many are about 0 in networks of more parameters than {@code
 * denseUpTo}. A critical point whose λ_min is below minus twice the floor, errors included, is a
 * saddle; any other has no negative curvature that float32 can show and counts as a minimum, though
 * it may be a saddle of higher order.
 *
 * <p>Counts are of searches, not of different points: several may end on one saddle, or on one
 * manifold of them. {@code levels} tells how many different losses there are; {@code
 * indexLossCorrelation} is over different pairs of index and loss.
 *
 * <p>Then {@link Escapes} of the saddle with the most significant negative curvature.
 */
public final class SaddleProbe {
  /** Name of the critical points among the vectors, in the table's order. */
  public static final String CRITICAL_POINTS = "criticalPoints";

  /** Name of the eigenvector of the smallest eigenvalue at the saddle that was left. */
  public static final String WAY_OUT = "wayOut";

  /** The probe by its name. */
  public static final ProbeKind<SaddleOptions> KIND =
      new ProbeKind<>(
          "saddles",
          2,
          "critical points, their index and loss, and how optimisers leave a saddle",
          SaddleOptions.class,
          options ->
              (subject, random) -> {
                try (Objective objective = subject.objective()) {
                  return new SaddleProbe(subject, objective, options).measure(random);
                }
              },
          "Where the gradient is 0 and some curvature is negative there is a saddle. Statistical "
              + "physics expects saddles of large networks to lie the higher the more of their "
              + "curvatures are negative (Dauphin et al. 2014). Close to a saddle the loss is nearly a "
              + "quadratic, so its most negative curvature λ alone says how fast one gets away: "
              + "the distance along its eigenvector v grows by 1 + η|λ| in every step of gradient "
              + "descent, and noise, which pushes off even the saddle itself, grows the same way "
              + "(Jin et al. 2017). Mini-batches are such noise only where examples pull along that "
              + "direction: where all weights are zero none does, and SGD stays.",
          figures(),
          List.of(),
          SaddleDefinitions.SCALARS);

  // Of the spectrum beyond the ends only the count of negative values is asked for.
  private static final HessianOptions COUNTED = new HessianOptions(1, 1, 2, 3, 100, 0, false);
  private static final double SIGNIFICANT = 2;

  /** Share of all eigenvalues by which an index may be off. */
  private static final double TOLD = 0.02;

  private static final double SAME_LOSS = 1e-4;
  private static final int FEWEST_RANKED = 5;
  private static final Uncertain UNKNOWN = Uncertain.of(Double.NaN, List.of(), false);

  private final Subject subject;
  private final Objective objective;
  private final SaddleOptions options;
  private final SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
  private final List<Comparison> comparisons = new ArrayList<>();

  private SaddleProbe(Subject subject, Objective objective, SaddleOptions options) {
    this.subject = subject;
    this.objective = objective;
    this.options = options;
  }

  private static List<Figure> figures() {
    return List.of(
        new Figure(
            "Loss and index of critical points",
            "Each point is a search that ended where the gradient is 0, a critical point. The further "
                + "right, the more of its curvatures are negative (their number is the index); at 0 "
                + "there are none, and it is a minimum as far as float32 can tell. Searches that "
                + "ended on one point lie on each other.",
            "points",
            new Axis("indexFraction", "share of negative eigenvalues", false),
            new Axis("", "loss", false),
            List.of(new Trace("critical points", Style.MEASURED, "loss")),
            null),
        new Figure(
            "Leaving a saddle by gradient descent",
            "Runs start a tiny random step away from the saddle. On average their distance along "
                + "the most negative curvature grows as the line, which is computed from that "
                + "curvature alone: a straight line here is exponential growth.",
            "growth",
            new Axis("stepAway", "step", false),
            new Axis("", "distance along v, over that at the start", true),
            List.of(
                new Trace("(1 + η|λ|)ᵏ", Style.PREDICTED, "predictedGrowth"),
                new Trace("measured", Style.MEASURED, "growth", "low", "high")),
            null),
        new Figure(
            "Leaving a saddle by noise",
            "Runs of SGD start on the saddle itself. Noise of mini-batches pushes them off, and "
                + "the curvature makes every push grow: the mean square m of the distance follows "
                + "m ← (1 + η|λ|)² m + η²σ², where σ² is the noise along v (line).",
            "noise",
            new Axis("stepAway", "step", false),
            new Axis("", "mean square of the distance along v", true),
            List.of(
                new Trace("theory", Style.PREDICTED, "predictedMeanSquare"),
                new Trace("measured", Style.MEASURED, "meanSquare", "low", "high")),
            null));
  }

  /**
   * The end of a search.
   *
   * @param start of which kind its start was
   * @param parameter the training's step, the initialisation's scale or the distance over ‖θ‖
   * @param verdict what the end is
   */
  public record Search(Kind start, double parameter, Verdict verdict) {}

  /**
   * What the tables do not hold.
   *
   * @param searches in the order of the table {@code points}
   * @param escapedFrom row of the saddle that was left; −1 for none
   * @param radius r, how far along v a run is out; NaN for none
   * @param curvatureChange how much vᵀHv changes up to 8 r, relatively; NaN for none
   * @param comparisons of the ways out with λ_min
   */
  public record Details(
      List<Search> searches,
      int escapedFrom,
      double radius,
      double curvatureChange,
      List<Comparison> comparisons) {
    /** Copies the lists. */
    public Details {
      searches = List.copyOf(searches);
      comparisons = List.copyOf(comparisons);
    }
  }

  /**
   * A critical point.
   *
   * @param row of the table
   * @param end of the search
   * @param spectrum of H there
   */
  private record Critical(int row, End end, HessianSpectrum spectrum) {
    Eigenpair smallest() {
      return spectrum.ends().smallest().getFirst();
    }

    Uncertain lambda() {
      return spectrum.smallest().getFirst().eigenvalue();
    }

    /** Not converged where many eigenvalues about 0 hide how many are just below. */
    Uncertain index() {
      Uncertain count = spectrum.count(Double.NEGATIVE_INFINITY, -spectrum.noiseFloor());
      boolean told = count.standardError() <= TOLD * end.theta().length;
      return Uncertain.of(count.value(), count.sources(), count.converged() && told);
    }

    /** −λ_min over what it may be off by: the noise floor and its own error. */
    double significance() {
      return -lambda().value() / Math.hypot(spectrum.noiseFloor(), lambda().standardError());
    }

    boolean isSaddle() {
      return significance() > SIGNIFICANT;
    }
  }

  private Measurement measure(SplittableRandom random) throws InterruptedException {
    BatchGradients gradients = new BatchGradients(subject);
    List<Start> starts = Starts.of(subject, options, random.split());
    NewtonSearch search =
        new NewtonSearch(
            objective, gradients, options.newtonSteps(), options.products(), random.split());
    double infimum = LowerBound.of(subject.options(), subject.spec().outputs());
    SplittableRandom spectra = random.split();
    List<End> ends = new ArrayList<>();
    List<Critical> critical = new ArrayList<>();
    for (Start start : starts) {
      End end = search.from(start.theta(), infimum);
      if (end.verdict() == Verdict.CRITICAL) {
        critical.add(new Critical(ends.size(), end, spectrum(end.theta(), spectra.split())));
      }
      ends.add(end);
    }
    tell(ends, critical);
    List<Table> tables = new ArrayList<>();
    tables.add(points(starts, ends, critical));
    Critical left =
        critical.stream()
            .filter(Critical::isSaddle)
            .max(Comparator.comparingDouble(Critical::significance))
            .orElse(null);
    Saddle saddle = null;
    if (left != null) {
      saddle =
          Saddle.of(
              objective,
              left.end().theta(),
              left.smallest().vector(),
              -left.lambda().value(),
              left.spectrum().ends().norm());
      tables.addAll(
          new Escapes(saddle, objective, gradients, options, scalars, comparisons)
              .measure(random.split()));
    } else {
      for (String name : List.of("growthRate", "descentSteps", "noiseSteps", "perturbedSteps")) {
        scalars.put(name, UNKNOWN);
      }
    }
    List<Search> searches = new ArrayList<>();
    for (int i = 0; i < ends.size(); i++) {
      Start start = starts.get(i);
      searches.add(new Search(start.kind(), start.parameter(), ends.get(i).verdict()));
    }
    return new Measurement(
        scalars,
        new Details(
            searches,
            left == null ? -1 : left.row(),
            saddle == null ? Double.NaN : saddle.radius(),
            saddle == null ? Double.NaN : saddle.change(),
            comparisons),
        tables,
        vectors(critical, saddle));
  }

  private static Map<String, float[][]> vectors(List<Critical> critical, @Nullable Saddle saddle) {
    Map<String, float[][]> vectors = new LinkedHashMap<>();
    if (!critical.isEmpty()) {
      vectors.put(
          CRITICAL_POINTS,
          critical.stream().map(point -> point.end().theta()).toArray(float[][]::new));
    }
    if (saddle != null) {
      vectors.put(WAY_OUT, new float[][] {saddle.out()});
    }
    return vectors;
  }

  private HessianSpectrum spectrum(float[] theta, SplittableRandom random) {
    SymmetricOperator hessian = ObjectiveOperators.hessian(objective, theta);
    Lanczos.Options wanted = Lanczos.Options.of(1, 1);
    return objective.size() <= options.denseUpTo()
        ? HessianSpectrum.of(hessian, DenseMatrix.of(hessian), wanted, random)
        : HessianSpectrum.estimate(hessian, wanted, COUNTED, 1, random);
  }

  private void tell(List<End> ends, List<Critical> critical) {
    // Reports draw the first two and tell how the first goes with width.
    scalars.put(
        "smallestEigenvalue",
        critical.stream()
            .map(Critical::lambda)
            .min(Comparator.comparingDouble(Uncertain::value))
            .orElse(UNKNOWN));
    double parameters = objective.size();
    List<Critical> indexed = critical.stream().filter(point -> point.index().converged()).toList();
    scalars.put("meanIndexFraction", mean(indexed, point -> point.index().value() / parameters));
    scalars.put("searches", Uncertain.exact(ends.size()));
    share("critical", ends, Verdict.CRITICAL);
    share("gradientFlat", ends, Verdict.GRADIENT_FLAT);
    share("notReached", ends, Verdict.NOT_REACHED);
    List<Critical> saddles = critical.stream().filter(Critical::isSaddle).toList();
    List<Critical> minima = critical.stream().filter(Predicate.not(Critical::isSaddle)).toList();
    scalars.put("saddles", Uncertain.exact(saddles.size()));
    scalars.put("minima", Uncertain.exact(minima.size()));
    scalars.put("levels", levels(critical));
    scalars.put("meanSaddleLoss", mean(saddles, point -> point.end().loss()));
    scalars.put("meanMinimumLoss", mean(minima, point -> point.end().loss()));
    // Many searches end in one saddle, which is one piece of evidence.
    List<Level> levels =
        indexed.stream()
            .map(point -> new Level(point.index().value(), tied(point.end().loss())))
            .distinct()
            .toList();
    scalars.put(
        "indexLossCorrelation",
        RankCorrelation.of(
            levels.stream().mapToDouble(Level::index).toArray(),
            levels.stream().mapToDouble(Level::loss).toArray(),
            FEWEST_RANKED));
  }

  /** What tells critical points apart. */
  private record Level(double index, double loss) {}

  /** The same number for losses that only rounding tells apart. */
  private static double tied(double loss) {
    return loss > 0 ? Math.rint(Math.log(loss) / SAME_LOSS) : Double.NEGATIVE_INFINITY;
  }

  private void share(String name, List<End> ends, Verdict verdict) {
    double count = ends.stream().filter(end -> end.verdict() == verdict).count();
    scalars.put(name + "Searches", Uncertain.exact(count));
    scalars.put(name + "Share", Uncertain.exact(count / ends.size()));
  }

  /** Different losses, to {@value #SAME_LOSS} of them. */
  private static Uncertain levels(List<Critical> critical) {
    double different =
        critical.stream().mapToDouble(point -> tied(point.end().loss())).distinct().count();
    return Uncertain.exact(different);
  }

  /** The mean over searches; one alone tells no spread, and none nothing. */
  private static Uncertain mean(List<Critical> points, ToDoubleFunction<Critical> figure) {
    double[] values = points.stream().mapToDouble(figure).toArray();
    if (values.length > 1) {
      return Uncertain.mean(values, Source.SEEDS);
    }
    return Uncertain.of(values.length == 1 ? values[0] : Double.NaN, List.of(), false);
  }

  private Table points(List<Start> starts, List<End> ends, List<Critical> critical) {
    Table.Builder table =
        new Table.Builder(
            "points",
            "start",
            "parameter",
            "verdict",
            "loss",
            "gradientNorm",
            "gradientFloor",
            "unsolved",
            "flatness",
            "newtonDecrement",
            "newtonSteps",
            "index",
            "indexError",
            "indexFraction",
            "smallestEigenvalue",
            "smallestEigenvalueError",
            "significance");
    for (int row = 0; row < ends.size(); row++) {
      int at = row;
      End end = ends.get(row);
      Critical found =
          critical.stream().filter(point -> point.row() == at).findFirst().orElse(null);
      Uncertain counted = found == null ? UNKNOWN : found.index();
      Uncertain index = counted.converged() ? counted : UNKNOWN;
      Uncertain lambda = found == null ? UNKNOWN : found.lambda();
      table.row(
          starts.get(row).kind().code(),
          starts.get(row).parameter(),
          end.verdict().code(),
          end.loss(),
          end.gradientNorm(),
          end.floor(),
          end.unsolved(),
          end.flatness(),
          end.decrement(),
          end.steps(),
          index.value(),
          index.converged() ? index.standardError() : Double.NaN,
          index.value() / objective.size(),
          lambda.value(),
          found == null ? Double.NaN : lambda.standardError(),
          found == null ? Double.NaN : found.significance());
    }
    return table.build();
  }
}
