package org.basin.linalg;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
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
 * <p>Each probe is a vector of random signs; θ_k are the eigenvalues of its tridiagonal matrix after
 * some Lanczos steps with full reorthogonalisation, w_k the squared first components of the
 * eigenvectors, and g_σ a normal density. The probes are independent, so their spread is the error.
 *
 * <p>What lies within about range / steps of a threshold that falls into a continuous part of the
 * spectrum is not resolved; {@link #fraction} states that as its quadrature error.
 */
public final class SpectralDensity {
  /** Ghorbani et al. 2019 smooth by σ² = 1e-5, of a spectrum scaled to a range of 1. */
  public static final double DEFAULT_RELATIVE_SIGMA = Math.sqrt(1e-5);

  /** The field's grids have 1,000 to 10,000 points; a σ is three of these. */
  public static final int DEFAULT_GRID = 1000;

  // Beyond the outermost nodes, so that the density is whole.
  private static final double MARGIN = 5;
  // Bases of probes that run side by side: 256 MiB of float32.
  private static final long MOST_FLOATS = 1L << 26;
  private static final double ROUNDING = 16 * Math.ulp(1f);

  private final int size;
  private final List<Rule> rules;
  private final int products;

  /**
   * One probe's quadrature.
   *
   * @param nodes θ_k, ascending
   * @param weights w_k, of sum 1
   */
  private record Rule(double[] nodes, double[] weights, double[] halfNodes, double[] halfWeights) {}

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

  private SpectralDensity(int size, List<Rule> rules, int products) {
    this.size = size;
    this.rules = rules;
    this.products = products;
  }

  /**
   * The cheaper of the two: exact when n is no more than the products of the quadrature and at most
   * 2,000, by quadrature otherwise.
   *
   * @throws NonFiniteProductException when a product is not finite
   */
  public static SpectralDensity estimate(
      SymmetricOperator operator, Options options, SplittableRandom random) {
    int n = operator.size();
    return n <= Math.min(2000L, (long) options.probes * options.steps)
        ? exact(operator)
        : quadrature(operator, options, random);
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
    Rule all = new Rule(eigenvalues.clone(), weights, eigenvalues, weights);
    return new SpectralDensity(n, List.of(all), n);
  }

  /** By stochastic Lanczos quadrature. */
  public static SpectralDensity quadrature(
      SymmetricOperator operator, Options options, SplittableRandom random) {
    Products products = new Products(operator);
    int n = products.size();
    int steps = Math.min(options.steps, n);
    SplittableRandom[] sources = new SplittableRandom[options.probes];
    Arrays.setAll(sources, i -> random.split());
    int batch = Math.clamp(MOST_FLOATS / ((long) n * steps), 1, products.batch());
    List<Rule> rules = new ArrayList<>();
    for (int from = 0; from < options.probes; from += batch) {
      List<Run> runs = new ArrayList<>();
      for (int i = from; i < Math.min(options.probes, from + batch); i++) {
        runs.add(new Run(n, steps, sources[i]));
      }
      advance(products, runs, steps);
      for (Run run : runs) {
        rules.add(run.rule());
      }
    }
    return new SpectralDensity(n, rules, products.count());
  }

  /** All runs side by side, so that one call of the operator serves them. */
  private static void advance(Products products, List<Run> all, int steps) {
    int n = products.size();
    List<Run> runs = new ArrayList<>(all);
    float[] vectors = new float[runs.size() * n];
    float[] results = new float[runs.size() * n];
    for (int step = 0; step < steps && !runs.isEmpty(); step++) {
      for (int i = 0; i < runs.size(); i++) {
        System.arraycopy(runs.get(i).last(), 0, vectors, i * n, n);
      }
      products.apply(vectors, runs.size(), results);
      IntStream.range(0, runs.size()).parallel().forEach(i -> runs.get(i).take(results, i * n));
      runs.removeIf(Run::isComplete);
    }
  }

  /** Lanczos' iteration from one probe. */
  private static final class Run {
    private final int steps;
    private final Basis basis;
    private final double[] diagonal;
    private final double[] offDiagonal;
    private final double[] next;
    private double norm; // ‖H‖, from below
    private int taken;
    private boolean complete;

    Run(int size, int steps, SplittableRandom random) {
      this.steps = steps;
      basis = new Basis(size, steps);
      diagonal = new double[steps];
      offDiagonal = new double[steps];
      next = new double[size];
      float[] signs = RandomVectors.rademacher(size, random);
      for (int i = 0; i < size; i++) {
        next[i] = signs[i];
      }
      basis.append(next, Math.sqrt(size));
    }

    float[] last() {
      return basis.vector(taken);
    }

    /** Takes the product of the last vector. */
    void take(float[] products, int offset) {
      for (int i = 0; i < next.length; i++) {
        next[i] = products[offset + i];
      }
      norm = Math.max(norm, Basis.norm(next));
      diagonal[taken] = basis.orthogonalize(next, 2)[taken];
      double rest = Basis.norm(next);
      taken++;
      // An invariant subspace: the quadrature is exact for this probe.
      complete = taken == steps || rest <= ROUNDING * norm;
      if (!complete) {
        offDiagonal[taken - 1] = rest;
        basis.append(next, rest);
      }
    }

    boolean isComplete() {
      return complete;
    }

    Rule rule() {
      double[][] whole = quadrature(taken);
      double[][] half = quadrature((taken + 1) / 2);
      return new Rule(whole[0], whole[1], taken < steps ? whole[0] : half[0],
          taken < steps ? whole[1] : half[1]);
    }

    /** Nodes and weights of Gauss' rule with so many nodes (Golub and Welsch 1969). */
    private double[][] quadrature(int count) {
      Decomposition pairs =
          Decomposition.of(
              new EigenDecompositionSymmetric(
                  Arrays.copyOf(diagonal, count), Arrays.copyOf(offDiagonal, count - 1)));
      double[] weights = new double[count];
      for (int i = 0; i < count; i++) {
        double first = pairs.vectors()[i][0];
        weights[i] = first * first;
      }
      return new double[][] {pairs.values(), weights};
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
    return rules.stream().mapToDouble(rule -> rule.nodes[0]).min().orElseThrow();
  }

  /** The largest node, a lower bound of λ_max up to rounding. */
  public double highest() {
    return rules.stream().mapToDouble(rule -> rule.nodes[rule.nodes.length - 1]).max().orElseThrow();
  }

  /**
   * A smoothed density on a grid, with its band.
   *
   * @param points t, evenly spaced from 5 σ below the smallest node to 5 σ above the largest
   * @param values φ(t), of integral 1
   * @param standardErrors over the probes, at each point; 0 where the spectrum is exact
   * @param sigma σ, the standard deviation of the smoothing
   */
  public record Curve(double[] points, double[] values, double[] standardErrors, double sigma) {}

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
    double[] values = new double[grid];
    double[] errors = new double[grid];
    double[] draws = new double[rules.size()];
    for (int i = 0; i < grid; i++) {
      points[i] = start + i * spacing;
      for (int r = 0; r < draws.length; r++) {
        draws[r] = smoothed(rules.get(r), points[i], sigma);
      }
      Uncertain mean = mean(draws);
      values[i] = mean.value();
      errors[i] = mean.standardError();
    }
    return new Curve(points, values, errors, sigma);
  }

  private static double smoothed(Rule rule, double point, double sigma) {
    double sum = 0;
    for (int k = 0; k < rule.nodes.length; k++) {
      double distance = (point - rule.nodes[k]) / sigma;
      sum += rule.weights[k] * Math.exp(-distance * distance / 2);
    }
    return sum / (sigma * Math.sqrt(2 * Math.PI));
  }

  /**
   * The fraction of the n eigenvalues with low ≤ λ &lt; high; infinities are allowed. Of the null
   * band, say, with the noise floor ν: {@code fraction(-ν, ν)}.
   *
   * <p>Its sources of error are the probes, and the quadrature: the change when half the steps are
   * left out.
   */
  public Uncertain fraction(double low, double high) {
    if (!(low <= high)) {
      throw new InvalidInputException(
          "the eigenvalues from " + low + " to " + high + ": the first is at most the second");
    }
    double[] draws = new double[rules.size()];
    double change = 0;
    for (int r = 0; r < draws.length; r++) {
      Rule rule = rules.get(r);
      draws[r] = between(rule.nodes, rule.weights, low, high);
      change += draws[r] - between(rule.halfNodes, rule.halfWeights, low, high);
    }
    if (isExact()) {
      return mean(draws);
    }
    return mean(draws)
        .with(
            Uncertain.Contribution.known(
                Uncertain.Source.QUADRATURE, Math.abs(change) / draws.length));
  }

  private static double between(double[] nodes, double[] weights, double low, double high) {
    double sum = 0;
    for (int k = 0; k < nodes.length; k++) {
      if (low <= nodes[k] && nodes[k] < high) {
        sum += weights[k];
      }
    }
    return sum;
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
      Rule rule = rules.get(r);
      for (int k = 0; k < rule.nodes.length; k++) {
        draws[r] += rule.weights[k] * Math.pow(rule.nodes[k], power);
      }
    }
    return mean(draws);
  }

  private Uncertain mean(double[] draws) {
    return isExact()
        ? Uncertain.exact(draws[0])
        : Uncertain.mean(draws, Uncertain.Source.PROBES);
  }

  /** Order n of the operator. */
  public int size() {
    return size;
  }
}
