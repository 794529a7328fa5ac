package org.basin.linalg;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.basin.InvalidInputException;
import org.hipparchus.linear.EigenDecompositionSymmetric;

/**
 * The distribution of an operator's eigenvalues, by stochastic Lanczos quadrature (Ubaru, Chen and
 * Saad 2017; Ghorbani, Krishnan and Xiao 2019).
 *
 * <pre>
 * φ(t) = (1/n) Σ_i δ(t − λ_i) ≈ mean over probes of Σ_k w_k g_σ(t − θ_k)
 * </pre>
 *
 * <p>Each probe is a vector of random signs; θ_k are the eigenvalues of its tridiagonal matrix
 * after some Lanczos steps with full reorthogonalisation, w_k the squared first components of the
 * eigenvectors, and g_σ a normal density. The probes are independent, so their spread is the error.
 *
 * <p>Structure that is finer than about range / steps is not resolved unless it stands apart; each
 * result states that as its quadrature error.
 */
public final class SpectralDensity {
  /** Ghorbani et al. 2019 smooth by σ² = 1e-5, of a spectrum scaled to a range of 1. */
  public static final double DEFAULT_RELATIVE_SIGMA = Math.sqrt(1e-5);

  /** The field's grids have 1,000 to 10,000 points; a σ is three of these. */
  public static final int DEFAULT_GRID = 1000;

  /** A fraction is resolved when less of the spectrum than this is in doubt, one standard error. */
  public static final double RESOLVED = 0.01;

  // Beyond the outermost nodes, so that the density is whole.
  private static final double MARGIN = 5;
  // Bases of probes that run side by side: 256 MiB of float32.
  private static final long MOST_FLOATS = 1L << 26;
  private static final double ROUNDING = 16 * Math.ulp(1f);
  // The tolerance that eigenpairs have by default: nearer than this they are one another's copies.
  private static final double CLOSE = 1e-4;
  private static final Rule NONE = new Rule(new double[0], new double[0], new double[0]);

  private final int size;
  private final Rule known; // eigenvalues that need no probe
  private final List<Rule> rules; // of the others, one for each probe
  private final int products;

  /**
   * One probe's quadrature.
   *
   * @param nodes θ_k, ascending
   * @param weights w_k; with those of the known eigenvalues, 1/n each, of sum 1
   * @param residuals r_k = ‖H y − θ_k y‖ of the Ritz vector y: the standard deviation, about its
   *     mean θ_k, of the spectrum that the node stands for
   * @param shorter the rules of the same probe after fewer steps, from 7/8 down to a quarter
   */
  private record Rule(double[] nodes, double[] weights, double[] residuals, List<Rule> shorter) {
    /** Eigenvalues, which no steps led to. */
    Rule(double[] nodes, double[] weights, double[] residuals) {
      this(nodes, weights, residuals, List.of());
    }
  }

  /**
   * What is asked for.
   *
   * @param probes number of probes, at least 2
   * @param steps Lanczos steps, and so products, for each probe; at least 2
   */
  public record Options(int probes, int steps) {
    public Options {
      if (probes < 2 || steps < 2) {
        throw new InvalidInputException(
            "a spectral density from "
                + probes
                + " probes of "
                + steps
                + " steps: at least 2 of each are needed");
      }
    }

    /** Ten probes (the field: 1 to 10) of 100 steps (the field: 90 to 128). */
    public static Options defaults() {
      return new Options(10, 100);
    }
  }

  private SpectralDensity(int size, Rule known, List<Rule> rules, int products) {
    this.size = size;
    this.known = known;
    this.rules = rules;
    this.products = products;
  }

  /**
   * The cheaper of the two: exact when n is no more than the products of the quadrature and at most
   * 2,000, by quadrature otherwise.
   *
   * @param known see {@link #quadrature}
   * @throws NonFiniteProductException when a product is not finite
   */
  public static SpectralDensity estimate(
      SymmetricOperator operator, List<Eigenpair> known, Options options, SplittableRandom random) {
    int n = operator.size();
    return n <= Math.min(2000L, (long) options.probes * options.steps)
        ? exact(operator)
        : quadrature(operator, known, options, random);
  }

  /**
   * From all eigenvalues, without error.
   *
   * @throws InvalidInputException when n is over {@link DenseMatrix#LARGEST_SIZE}
   */
  public static SpectralDensity exact(SymmetricOperator operator) {
    return ofEigenvalues(DenseMatrix.of(operator).eigenvalues());
  }

  /** From all n eigenvalues, ascending. */
  public static SpectralDensity ofEigenvalues(double[] eigenvalues) {
    int n = eigenvalues.length;
    double[] weights = new double[n];
    Arrays.fill(weights, 1.0 / n);
    Rule all = new Rule(eigenvalues.clone(), weights, new double[n]);
    return new SpectralDensity(n, NONE, List.of(all), n);
  }

  /**
   * By stochastic Lanczos quadrature in the complement of eigenvectors that are known already,
   * whose eigenvalues count 1/n each without error.
   *
   * <p>A probe gives an outlier 1/n times the square of a standard normal, so few probes tell
   * little of its height, and their spread is skewed (95 % bands cover 88 % there). So give the
   * outliers.
   *
   * @param known pairs such as {@link Lanczos} finds; those that have not converged are left out
   */
  public static SpectralDensity quadrature(
      SymmetricOperator operator, List<Eigenpair> known, Options options, SplittableRandom random) {
    return quadrature(operator, known, KrylovSpace.Others.NONE, options, random);
  }

  /**
   * The same in the complement of the pairs of a space, whose own sequence from a random vector is
   * the first of the probes where it was one sequence of at least so many steps.
   *
   * @param space of the same operator
   */
  public static SpectralDensity quadrature(
      SymmetricOperator operator, KrylovSpace space, Options options, SplittableRandom random) {
    boolean shared = space.steps() >= options.steps;
    KrylovSpace.Others first = shared ? space.others() : KrylovSpace.Others.NONE;
    return quadrature(operator, space.pairs().all(), first, options, random);
  }

  private static SpectralDensity quadrature(
      SymmetricOperator operator,
      List<Eigenpair> known,
      KrylovSpace.Others first,
      Options options,
      SplittableRandom random) {
    Products products = new Products(operator);
    int n = products.size();
    Basis deflated = new Basis(n, known.size());
    List<Eigenpair> distinct = new ArrayList<>();
    for (Eigenpair pair : known) {
      // One that is given twice, since it is at both ends, counts once.
      if (pair.converged() && deflated.extend(pair.vector(), 0)) {
        distinct.add(pair);
      }
    }
    distinct.sort(Comparator.comparingDouble(Eigenpair::value));
    Rule exact =
        new Rule(
            distinct.stream().mapToDouble(Eigenpair::value).toArray(),
            distinct.stream().mapToDouble(pair -> 1.0 / n).toArray(),
            distinct.stream().mapToDouble(Eigenpair::residual).toArray());
    if (distinct.size() == n) {
      return new SpectralDensity(n, NONE, List.of(exact), 0);
    }
    int steps = Math.min(options.steps, n - distinct.size());
    SplittableRandom[] sources = new SplittableRandom[options.probes];
    Arrays.setAll(sources, i -> random.split());
    float[][] deflatedVectors = deflated.vectors();
    int batch = sideBySide(n, steps);
    List<Rule> rules = new ArrayList<>();
    double total = Arrays.stream(first.weights()).sum();
    if (total > 0) {
      double scale = (n - distinct.size()) / (n * total);
      double[] weights = Arrays.stream(first.weights()).map(weight -> scale * weight).toArray();
      rules.add(new Rule(first.values(), weights, first.residuals()));
    }
    for (int from = rules.size(); from < options.probes; from += batch) {
      int count = Math.min(batch, options.probes - from);
      try (KrylovSequences sequences = operator.sequences(deflatedVectors, count, steps)) {
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          runs.add(new Run(sequences, i, n, steps, sources[from + i]));
        }
        advance(sequences, runs);
        for (Run run : runs) {
          products.include(run.taken);
          rules.add(run.rule());
        }
      }
    }
    return new SpectralDensity(n, exact, rules, products.count());
  }

  /** Bytes that the quadrature holds at most beside {@code known} eigenvectors. */
  public static long bytes(long n, int known, Options options) {
    long runs = Math.min(options.probes, sideBySide(n, options.steps));
    long floats = known + runs * (Math.min(n, options.steps) + 3);
    return n * (Float.BYTES * floats + Double.BYTES * (runs + 2));
  }

  private static int sideBySide(long n, int steps) {
    return Math.clamp(MOST_FLOATS / (n * steps), 1, Products.batch(n));
  }

  /** All runs side by side, so that one call of the operator serves them. */
  private static void advance(KrylovSequences sequences, List<Run> all) {
    List<Run> runs = new ArrayList<>(all);
    while (!runs.isEmpty()) {
      int[] which = runs.stream().mapToInt(run -> run.sequence).toArray();
      List<KrylovSequences.Step> steps = sequences.expand(which);
      for (int i = 0; i < which.length; i++) {
        runs.get(i).take(steps.get(i));
      }
      runs.removeIf(Run::isComplete);
    }
  }

  /** Lanczos' iteration from one probe. */
  private static final class Run {
    private final int sequence;
    private final int size;
    private final int steps;
    private final int deflated; // how many vectors the basis had before
    private final double[] diagonal;
    private final double[] offDiagonal;
    private double norm; // ‖H‖, from below
    private double rest; // of the last product
    private int taken;

    Run(KrylovSequences sequences, int sequence, int size, int steps, SplittableRandom random) {
      this.sequence = sequence;
      this.size = size;
      this.steps = steps;
      deflated = sequences.dimension(sequence);
      diagonal = new double[steps];
      offDiagonal = new double[steps];
      double[] start = new double[size];
      float[] signs = RandomVectors.rademacher(size, random);
      for (int i = 0; i < size; i++) {
        start[i] = signs[i];
      }
      sequences.turn(sequence, start);
    }

    void take(KrylovSequences.Step step) {
      norm = Math.max(norm, step.productNorm());
      rest = step.restNorm();
      diagonal[taken] = step.coefficients()[deflated + taken];
      offDiagonal[taken] = rest;
      taken++;
    }

    boolean isComplete() {
      // An invariant subspace: the quadrature is exact for this probe.
      return taken == steps || rest <= ROUNDING * norm;
    }

    Rule rule() {
      List<Rule> shorter = new ArrayList<>();
      for (int eighths = 7; eighths >= 2; eighths--) {
        int count = taken * eighths / 8;
        if (count > 0) {
          shorter.add(rule(count, offDiagonal[count - 1], List.of()));
        }
      }
      return rule(taken, rest, shorter);
    }

    /** Gauss' rule of the first rows of the tridiagonal matrix (Golub and Welsch 1969). */
    private Rule rule(int count, double left, List<Rule> shorter) {
      Decomposition pairs =
          Decomposition.of(
              new EigenDecompositionSymmetric(
                  Arrays.copyOf(diagonal, count), Arrays.copyOf(offDiagonal, count - 1)));
      double[] weights = new double[count];
      double[] residuals = new double[count];
      for (int i = 0; i < count; i++) {
        double[] y = pairs.vectors()[i];
        weights[i] = y[0] * y[0] * (size - deflated) / size;
        residuals[i] = left * Math.abs(y[count - 1]);
      }
      return new Rule(pairs.values(), weights, residuals, shorter);
    }
  }

  /** How many products were spent. */
  public int products() {
    return products;
  }

  /** Whether all eigenvalues are known. */
  public boolean isExact() {
    return rules.size() == 1;
  }

  /** The smallest node, an upper bound of λ_min up to rounding. */
  public double lowest() {
    return nodes().min().orElseThrow();
  }

  /** The largest node, a lower bound of λ_max up to rounding. */
  public double highest() {
    return nodes().max().orElseThrow();
  }

  private DoubleStream nodes() {
    return Stream.concat(Stream.of(known), rules.stream())
        .flatMapToDouble(rule -> Arrays.stream(rule.nodes));
  }

  /**
   * Whether no probe's run in the complement of the known pairs came upon a value that belongs
   * among {@code pairs}, so that none of their copies is missing. Each node is a Rayleigh quotient
   * of the complement, which lies beyond the pairs of an end only when one was missed there.
   *
   * @param pairs all of them known to this density, and converged
   */
  public boolean confirms(Eigenpairs pairs) {
    double allowed = ROUNDING * pairs.norm();
    double low = pairs.smallest().isEmpty() ? lowest() : pairs.smallest().getLast().value();
    double high = pairs.largest().isEmpty() ? highest() : pairs.largest().getLast().value();
    return rules.stream()
        .flatMapToDouble(rule -> Arrays.stream(rule.nodes))
        .allMatch(
            node ->
                node >= low - Math.max(allowed, CLOSE * Math.abs(low))
                    && node <= high + Math.max(allowed, CLOSE * Math.abs(high)));
  }

  /**
   * The largest values beyond the known ones, descending, as the run that knows them best tells
   * them; each is off by its residual at most. A multiple value may stand here once.
   *
   * @param count how many at most
   */
  public List<Uncertain> largestUnknown(int count) {
    List<Uncertain> best = List.of();
    double least = Double.POSITIVE_INFINITY;
    for (Rule rule : rules) {
      int size = rule.nodes.length;
      List<Uncertain> values = new ArrayList<>();
      double squares = 0;
      for (int k = size - 1; k >= Math.max(0, size - count); k--) {
        squares += rule.residuals[k] * rule.residuals[k];
        values.add(
            Uncertain.of(
                rule.nodes[k],
                List.of(Uncertain.Contribution.known(Uncertain.Source.RESIDUAL, rule.residuals[k])),
                true));
      }
      if (squares < least) {
        least = squares;
        best = values;
      }
    }
    return best;
  }

  /**
   * A smoothed density on a grid, with its band.
   *
   * @param points t, evenly spaced from 5 σ below the smallest node to 5 σ above the largest
   * @param values φ(t) with its errors, of integral 1: over the probes, and of the quadrature, the
   *     change when every node is smeared by its residual. The latter is what is left to doubt
   *     where the smoothing is finer than the nodes, and the curve a row of spikes.
   * @param sigma σ, the standard deviation of the smoothing
   */
  public record Curve(double[] points, List<Uncertain> values, double sigma) {
    public Curve {
      values = List.copyOf(values);
    }
  }

  /** φ on {@link #DEFAULT_GRID} points, smoothed by √1e-5 of the range. */
  public Curve curve() {
    return curve(DEFAULT_GRID, DEFAULT_RELATIVE_SIGMA);
  }

  /**
   * φ smoothed by σ = relativeSigma · (largest − smallest node); when there is but one node, by
   * relativeSigma of its magnitude, or by relativeSigma where that is 0.
   *
   * @param grid number of points, at least 2
   * @param relativeSigma above 0
   */
  public Curve curve(int grid, double relativeSigma) {
    if (grid < 2 || !(relativeSigma > 0 && relativeSigma < Double.POSITIVE_INFINITY)) {
      throw new InvalidInputException(
          "a density on "
              + grid
              + " points smoothed by "
              + relativeSigma
              + " of the range: at least 2 points and more than 0 are needed");
    }
    double low = lowest();
    double high = highest();
    double magnitude = Math.max(Math.abs(low), Math.abs(high));
    double scale = high - low > 1e-12 * magnitude ? high - low : magnitude > 0 ? magnitude : 1;
    double sigma = relativeSigma * scale;
    double start = low - MARGIN * sigma;
    double spacing = (high - low + 2 * MARGIN * sigma) / (grid - 1);
    double[] points = new double[grid];
    List<Uncertain> values = new ArrayList<>();
    double[] draws = new double[rules.size()];
    for (int i = 0; i < grid; i++) {
      points[i] = start + i * spacing;
      double change = 0;
      for (int r = 0; r < draws.length; r++) {
        draws[r] = smoothed(rules.get(r), points[i], sigma, false);
        change += draws[r] - smoothed(rules.get(r), points[i], sigma, true);
      }
      double given = smoothed(known, points[i], sigma, false);
      double quadrature =
          Math.abs(change) / draws.length
              + Math.abs(given - smoothed(known, points[i], sigma, true));
      Uncertain value = estimate(draws, quadrature).plus(given);
      // Nodes are off by up to ε ‖H‖, where the slope of a normal density is its height over σ.
      double rounding = value.value() * Math.ulp(1f) * magnitude / sigma;
      values.add(
          isExact()
              ? value
              : value.with(Uncertain.Contribution.known(Uncertain.Source.ROUNDING, rounding)));
    }
    return new Curve(points, values, sigma);
  }

  private static double smoothed(Rule rule, double point, double sigma, boolean smeared) {
    double sum = 0;
    for (int k = 0; k < rule.nodes.length; k++) {
      double width = smeared ? Math.hypot(sigma, rule.residuals[k]) : sigma;
      double distance = (point - rule.nodes[k]) / width;
      sum += rule.weights[k] * Math.exp(-distance * distance / 2) / width;
    }
    return sum / Math.sqrt(2 * Math.PI);
  }

  /**
   * The fraction of the n eigenvalues with low ≤ λ &lt; high; infinities are allowed. Of the null
   * band, say, with the noise floor ν: {@code fraction(-ν, ν)}.
   *
   * <p>Its sources of error are the probes, and the quadrature. At a threshold t, what a Gauss rule
   * counts on the wrong side is at most the weight of the node next to t on either side (Chebyshev,
   * Markov and Stieltjes; Szegő 1939, theorem 3.41.1), and of what that node stands for at most the
   * share r² / (r² + (t − θ)²) lies beyond t (Cantelli's inequality, 1928). The larger of the two,
   * or what the same probe told after fewer steps, is taken for two standard errors; the fraction
   * is not converged where they come to more than {@link #RESOLVED}.
   */
  public Uncertain fraction(double low, double high) {
    if (!(low <= high)) {
      throw new InvalidInputException(
          "the eigenvalues from " + low + " to " + high + ": the first is at most the second");
    }
    double[] draws = new double[rules.size()];
    double doubt = 0;
    for (int r = 0; r < draws.length; r++) {
      Rule rule = rules.get(r);
      draws[r] = between(rule, low, high);
      doubt += doubtAt(rule, low) + doubtAt(rule, high);
    }
    double unresolved = (doubt / draws.length + acrossAt(known, low) + acrossAt(known, high)) / 2;
    Uncertain fraction = estimate(draws, unresolved).plus(between(known, low, high));
    return Uncertain.of(fraction.value(), fraction.sources(), unresolved <= RESOLVED);
  }

  /** How many eigenvalues there are with low ≤ λ &lt; high: n times {@link #fraction}. */
  public Uncertain count(double low, double high) {
    return fraction(low, high).times(size);
  }

  private static double between(Rule rule, double low, double high) {
    double sum = 0;
    for (int k = 0; k < rule.nodes.length; k++) {
      if (low <= rule.nodes[k] && rule.nodes[k] < high) {
        sum += rule.weights[k];
      }
    }
    return sum;
  }

  /**
   * The best bound on what a rule counts on the wrong side: its own, or the difference from a
   * shorter rule and that one's. Once a multiple eigenvalue is found, rounding brings in further
   * copies of it, and while one of them converges the bound is worse than it was before.
   */
  private static double doubtAt(Rule rule, double threshold) {
    double least = acrossAt(rule, threshold);
    double count = between(rule, Double.NEGATIVE_INFINITY, threshold);
    for (Rule shorter : rule.shorter) {
      double difference = between(shorter, Double.NEGATIVE_INFINITY, threshold) - count;
      least = Math.min(least, Math.abs(difference) + acrossAt(shorter, threshold));
    }
    return least;
  }

  /** What may lie on the other side of a threshold than the nodes next to it say. */
  private static double acrossAt(Rule rule, double threshold) {
    int above = 0;
    while (above < rule.nodes.length && rule.nodes[above] < threshold) {
      above++;
    }
    double most = 0;
    for (int k = Math.max(0, above - 1); k <= Math.min(above, rule.nodes.length - 1); k++) {
      double distance = (threshold - rule.nodes[k]) / rule.residuals[k];
      if (rule.residuals[k] > 0) {
        most = Math.max(most, rule.weights[k] / (1 + distance * distance));
      }
    }
    return most;
  }

  /**
   * tr(Hᵖ) / n; the quadrature has no error of its own up to p = 2 steps − 1.
   *
   * @param power p, at least 0
   */
  public Uncertain moment(int power) {
    if (power < 0) {
      throw new InvalidInputException("moment " + power + " of a spectrum: at least 0 is allowed");
    }
    double[] draws = new double[rules.size()];
    for (int r = 0; r < draws.length; r++) {
      draws[r] = moment(rules.get(r), power);
    }
    return estimate(draws, 0).plus(moment(known, power));
  }

  private static double moment(Rule rule, int power) {
    double sum = 0;
    for (int k = 0; k < rule.nodes.length; k++) {
      sum += rule.weights[k] * Math.pow(rule.nodes[k], power);
    }
    return sum;
  }

  private Uncertain estimate(double[] draws, double quadrature) {
    if (isExact()) {
      return Uncertain.exact(draws[0]);
    }
    Uncertain mean = Uncertain.mean(draws, Uncertain.Source.PROBES);
    return quadrature == 0
        ? mean
        : mean.with(Uncertain.Contribution.known(Uncertain.Source.QUADRATURE, quadrature));
  }
}
