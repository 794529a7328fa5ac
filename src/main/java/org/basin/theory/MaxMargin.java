package org.basin.theory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.basin.linalg.Euclidean;
import org.basin.linalg.ThinQr;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Comparison;
import org.basin.measurement.Comparisons;
import org.basin.measurement.Figure;
import org.basin.measurement.Figure.Axis;
import org.basin.measurement.Figure.Style;
import org.basin.measurement.Figure.Trace;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.measurement.Verdict;

/**
 * Gradient descent on the logistic loss of separable data, L(w) = Σ_i ln(1 + exp(−x_iᵀw)), labels
 * taken up into x_i. It has no minimum, and w runs away in the direction of the hard-margin support
 * vector machine ŵ = arg min ‖w‖, x_iᵀw ≥ 1 (Soudry et al. 2018, theorems 3 to 5):
 *
 * <pre>
 * w(t) = ŵ ln t + w̃ + o(1),   η exp(−x_iᵀ w̃) = α_i  for the support vectors,  ŵ = Σ_i α_i x_i
 * ‖w(t)‖ = ln t / γ + O(1),   γ = 1/‖ŵ‖
 * margin gap  γ − min_i x_iᵀ w / ‖w‖ = O(1/ln t),   ‖w/‖w‖ − ŵ/‖ŵ‖‖ = O(1/ln t),   L = O(1/t)
 * </pre>
 *
 * <p>Data are planted so that ŵ is known: d support vectors γu + z_i with z_i ⟂ u, Σ α_i z_i = 0
 * and Σ α_i = 1/γ², α_i &gt; 0, are those of ŵ = u/γ by its conditions of optimality. They span the
 * space, so that w̃ is known as well, and with it every constant above: the loss, for one, is Σ α_i
 * / (η t).
 */
public final class MaxMargin {
  /** The study. */
  public static final StudyKind<MaxMarginOptions> KIND =
      new StudyKind<>(
          "max-margin",
          2,
          "On data that a line can separate, the logistic loss has no minimum: gradient descent"
              + " lets the weights grow for ever, as ln t. But their direction settles, at the"
              + " separating line with the largest margin, that of the support vector machine,"
              + " although nothing asks for it (Soudry et al. 2018). It settles very slowly: the"
              + " margin's gap falls as 1/ln t, while the loss falls as 1/t.",
          MaxMarginOptions.DEFAULTS,
          (options, random) -> new MaxMargin(options).measure(random),
          List.of(
              figure(
                  "Norm of the weights",
                  "The weights grow as ln t over the margin: a straight line here. Theory, for large t,"
                      + " is ŵ ln t + w̃: ŵ has the direction of the largest margin, and w̃ is a"
                      + " constant that the data fix. Before about a thousand steps the lines mean"
                      + " nothing, and bend.",
                  "norm",
                  "predictedNorm",
                  "norm",
                  false),
              figure(
                  "Gap to the largest margin",
                  "By how much the margin is smaller than the largest possible one. After a"
                      + " hundred thousand steps it is still there: it falls as 1/ln t.",
                  "marginGap",
                  "predictedMarginGap",
                  "margin gap",
                  true),
              figure(
                  "Distance from the direction of the largest margin",
                  "Norm of the difference between the weights' direction and that of the support"
                      + " vector machine.",
                  "directionGap",
                  "predictedDirectionGap",
                  "distance",
                  true),
              figure(
                  "Loss",
                  "The loss falls as 1/t, far faster than the direction settles.",
                  "loss",
                  "predictedLoss",
                  "loss",
                  true)));

  /** Share left out from which on a prediction says nothing: t is too small for the limit. */
  private static final double MOST_LEFT_OUT = 0.3;

  /** Exponent μ at which the transient falls: faster than 1/t, the next term. */
  private static final double RATE = 1.5;

  private final MaxMarginOptions options;
  private final int dimension;
  private final List<Comparison> comparisons = new ArrayList<>();

  private MaxMargin(MaxMarginOptions options) {
    this.options = options;
    dimension = options.dimension();
  }

  private static Figure figure(
      String title, String text, String measured, String predicted, String label, boolean log) {
    return new Figure(
        title,
        text,
        "course",
        new Axis("step", "step t", true),
        new Axis("", label, log),
        List.of(
            new Trace("ŵ ln t + w̃", Style.PREDICTED, predicted),
            new Trace("measured", Style.MEASURED, measured)),
        "problem");
  }

  /**
   * Separable data.
   *
   * @param x support vectors first, {@code [count][d]}
   * @param direction u
   * @param multipliers α, {@code [d]}
   */
  private record Data(double[][] x, double[] direction, double[] multipliers) {}

  private Measurement measure(SplittableRandom random) {
    Table.Builder table =
        new Table.Builder(
            "course",
            "problem",
            "step",
            "norm",
            "predictedNorm",
            "marginGap",
            "predictedMarginGap",
            "directionGap",
            "predictedDirectionGap",
            "loss",
            "predictedLoss");
    SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
    for (int problem = 1; problem <= options.problems(); problem++) {
      Data data = draw(random.split());
      double step = stepSize(data.x());
      double[] offset = offset(data, step);
      List<double[]> rows = run(data, problem, step, offset);
      rows.forEach(table::row);
      double[] before = decadeBefore(rows);
      compare(problem, rows, leftOut(data, predicted(data, offset, before[1])), scalars);
    }
    return new Measurement(scalars, new Comparisons(comparisons), List.of(table.build()), Map.of());
  }

  private Data draw(SplittableRandom random) {
    double gamma = options.margin();
    double[] u = gaussian(random);
    scale(u, 1 / Euclidean.norm(u));
    double[] alpha = new double[dimension];
    double sum = 0;
    for (int i = 0; i < dimension; i++) {
      alpha[i] = 0.5 + random.nextDouble();
      sum += alpha[i];
    }
    scale(alpha, 1 / (gamma * gamma * sum));
    double[][] z = spread(u, alpha, random);
    double[][] x = new double[dimension + options.others()][];
    for (int i = 0; i < x.length; i++) {
      double[] beside = i < dimension ? z[i] : basis(u, 2, random)[1];
      double height = i < dimension ? gamma : gamma * (2 + 2 * random.nextDouble());
      double width = i < dimension ? 1 : gamma;
      x[i] = new double[dimension];
      for (int k = 0; k < dimension; k++) {
        x[i][k] = height * u[k] + width * beside[k];
      }
    }
    return new Data(x, u, alpha);
  }

  /**
   * The z_i: orthogonal to u, Σ α_i z_i = 0 and Σ α_i z_i z_iᵀ = μ (I − uuᵀ): what is left of the
   * way to ŵ ln t + w̃ falls as t^(−μ) in every direction, as the flow linearised there shows, and
   * no direction makes the step size small. With columns v_k orthonormal and orthogonal to √α, and
   * e_k to u, they are z_i = √(μ/α_i) Σ_k v_ki e_k.
   */
  private double[][] spread(double[] u, double[] alpha, SplittableRandom random) {
    double[] roots = new double[dimension];
    for (int i = 0; i < dimension; i++) {
      roots[i] = Math.sqrt(alpha[i]);
    }
    double[][] v = basis(roots, dimension, random);
    double[][] e = basis(u, dimension, random);
    double[][] z = new double[dimension][dimension];
    for (int i = 0; i < dimension; i++) {
      for (int k = 1; k < dimension; k++) {
        for (int j = 0; j < dimension; j++) {
          z[i][j] += Math.sqrt(RATE / alpha[i]) * v[k][i] * e[k][j];
        }
      }
    }
    return z;
  }

  /** Orthonormal vectors at random, the first along {@code first}. */
  private double[][] basis(double[] first, int count, SplittableRandom random) {
    double[][] basis = new double[count][];
    for (int k = 0; k < count; k++) {
      double[] vector = k == 0 ? first.clone() : gaussian(random);
      for (int twice = 0; twice < 2; twice++) {
        for (int l = 0; l < k; l++) {
          double along = Euclidean.dot(vector, basis[l]);
          for (int j = 0; j < dimension; j++) {
            vector[j] -= along * basis[l][j];
          }
        }
        scale(vector, 1 / Euclidean.norm(vector));
      }
      basis[k] = vector;
    }
    return basis;
  }

  /** Rows of the table, at about equal ratios of steps. */
  private List<double[]> run(Data data, int problem, double step, double[] offset) {
    double[][] x = data.x();
    double[] w = new double[dimension];
    List<double[]> rows = new ArrayList<>();
    double next = 10;
    double ratio = Math.pow(10, 1.0 / options.looksPerDecade());
    double[] slopes = new double[x.length];
    for (int t = 1; t <= options.steps(); t++) {
      for (int i = 0; i < x.length; i++) {
        slopes[i] = step / (1 + Math.exp(Euclidean.dot(x[i], w)));
      }
      for (int i = 0; i < x.length; i++) {
        for (int k = 0; k < dimension; k++) {
          w[k] += slopes[i] * x[i][k];
        }
      }
      if (t >= next || t == options.steps()) {
        rows.add(row(data, problem, t, w, offset, step));
        next *= ratio;
      }
    }
    return rows;
  }

  /** 1/L of L = λ_max(XᵀX)/4, from above by ‖X‖_F². */
  private static double stepSize(double[][] x) {
    double squares = 0;
    for (double[] row : x) {
      squares += Euclidean.dot(row, row);
    }
    return 4 / squares;
  }

  /** w̃: x_iᵀ w̃ = ln(η / α_i) for the support vectors, which span the space. */
  private double[] offset(Data data, double step) {
    double[][] support = new double[dimension][];
    double[] heights = new double[dimension];
    for (int i = 0; i < dimension; i++) {
      support[i] = data.x()[i];
      heights[i] = Math.log(step / data.multipliers()[i]);
    }
    return new ThinQr(support).leastNorm(heights);
  }

  /** ŵ ln t + w̃. */
  private double[] predicted(Data data, double[] offset, double t) {
    double[] predicted = offset.clone();
    for (int k = 0; k < dimension; k++) {
      predicted[k] += Math.log(t) / options.margin() * data.direction()[k];
    }
    return predicted;
  }

  /**
   * By which share predictions are off, as far as the terms tell that they leave out: with ℓ_i =
   * exp(−x_iᵀw), the slopes of support vectors are ℓ_i/(1 + ℓ_i), not ℓ_i, and the other examples
   * push as well, relatively by Σ_others ℓ / Σ_support ℓ. Both fall as 1/t or faster, and along u,
   * where the way to the limit falls as 1/t too, what they leave is ln(1/ℓ) times that.
   */
  private double leftOut(Data data, double[] w) {
    double largest = 0;
    double support = 0;
    double others = 0;
    for (int i = 0; i < data.x().length; i++) {
      double slope = Math.exp(-Euclidean.dot(data.x()[i], w));
      if (i < dimension) {
        largest = Math.max(largest, slope);
        support += slope;
      } else {
        others += slope;
      }
    }
    double logarithm = Math.log(Math.max(1, dimension / support));
    return (1 + logarithm) * (largest + others / support);
  }

  private double[] row(Data data, int problem, int t, double[] w, double[] offset, double step) {
    double[] predicted = predicted(data, offset, t);
    double loss = 0;
    for (double[] each : data.x()) {
      loss += Math.log1p(Math.exp(-Euclidean.dot(each, w)));
    }
    double multipliers = 0;
    for (double alpha : data.multipliers()) {
      multipliers += alpha;
    }
    return new double[] {
      problem,
      t,
      Euclidean.norm(w),
      Euclidean.norm(predicted),
      marginGap(data, w),
      marginGap(data, predicted),
      directionGap(data, w),
      directionGap(data, predicted),
      loss,
      multipliers / (step * t)
    };
  }

  private double marginGap(Data data, double[] w) {
    double least = Double.POSITIVE_INFINITY;
    for (double[] each : data.x()) {
      least = Math.min(least, Euclidean.dot(each, w));
    }
    return options.margin() - least / Euclidean.norm(w);
  }

  private static double directionGap(Data data, double[] w) {
    double norm = Euclidean.norm(w);
    double squares = 0;
    for (int k = 0; k < w.length; k++) {
      double difference = w[k] / norm - data.direction()[k];
      squares += difference * difference;
    }
    return Math.sqrt(squares);
  }

  private double[] decadeBefore(List<double[]> rows) {
    return rows.get(rows.size() - 1 - options.looksPerDecade());
  }

  private void compare(
      int problem, List<double[]> rows, double share, SequencedMap<String, Uncertain> scalars) {
    double[] last = rows.getLast();
    double[] before = decadeBefore(rows);
    double decade = Math.log(last[1] / before[1]);
    double slope = (last[2] - before[2]) / decade;
    // ‖ŵ ln t + w̃‖ is straight in ln t only in the limit: its own slope stands beside.
    double predictedSlope = (last[3] - before[3]) / decade;
    // What is left out moves every x_iᵀw by about the share, and so w by the share over γ, which
    // turns it even where w̃ happens to be along u.
    double turned = 1 / (options.margin() * last[3]);
    double gap = options.margin() * turned;
    add("slope of the norm in ln t", problem, slope, predictedSlope, share, 0);
    add("gap to the largest margin after the last step", problem, last[4], last[5], share, gap);
    add(
        "distance from the direction of the largest margin then",
        problem,
        last[6],
        last[7],
        share,
        turned);
    add("loss then", problem, last[8], last[9], share, 0);
    if (problem == 1) {
      put(scalars, "normSlope", slope, predictedSlope);
      put(scalars, "marginGap", last[4], last[5]);
      put(scalars, "directionGap", last[6], last[7]);
      put(scalars, "lossSlope", Math.log(last[8] / before[8]) / decade, -1);
    }
  }

  private void add(
      String quantity, int problem, double measured, double predicted, double share, double size) {
    String name = quantity + ", problem " + problem;
    double tolerance = share * (Math.abs(predicted) + size);
    if (share > MOST_LEFT_OUT) {
      comparisons.add(
          new Comparison(
              name,
              measured,
              measured,
              measured,
              predicted,
              tolerance,
              Verdict.UNDECIDED,
              String.format(
                  Locale.ROOT, "after so few steps it is predicted to %.0f %% only", 100 * share)));
      return;
    }
    comparisons.add(Comparison.of(name, Uncertain.exact(measured), predicted, tolerance, 1, 0.99));
  }

  private static void put(
      SequencedMap<String, Uncertain> scalars, String name, double measured, double predicted) {
    scalars.put(name, Uncertain.exact(measured));
    scalars.put(name + "Predicted", Uncertain.exact(predicted));
  }

  private double[] gaussian(SplittableRandom random) {
    double[] values = new double[dimension];
    for (int k = 0; k < dimension; k++) {
      values[k] = random.nextGaussian();
    }
    return values;
  }

  private static void scale(double[] values, double factor) {
    for (int k = 0; k < values.length; k++) {
      values[k] *= factor;
    }
  }
}
