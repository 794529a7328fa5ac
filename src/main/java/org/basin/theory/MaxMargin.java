package org.basin.theory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.basin.linalg.DenseMatrix;
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
          1,
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

  /** Terms of order 1/t and ln t/t are left out of every prediction, relative to it. */
  private static final double LEFT_OUT = 300;

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
      List<double[]> rows = run(draw(random.split()), problem);
      rows.forEach(table::row);
      compare(problem, rows, scalars);
    }
    return new Measurement(scalars, new Comparisons(comparisons), List.of(table.build()), Map.of());
  }

  private Data draw(SplittableRandom random) {
    double gamma = options.margin();
    double[] u = gaussian(random);
    scale(u, 1 / norm(u));
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
      double[] beside = i < dimension ? z[i] : across(u, random);
      double height = i < dimension ? 1 : 2 + 2 * random.nextDouble();
      x[i] = new double[dimension];
      for (int k = 0; k < dimension; k++) {
        x[i][k] = height * gamma * u[k] + beside[k];
      }
    }
    return new Data(x, u, alpha);
  }

  /**
   * The z_i: orthogonal to u, Σ α_i z_i = 0, and so large that the smallest eigenvalue μ of Σ α_i
   * z_i z_iᵀ across u is as asked: what is left of the way to ŵ ln t + w̃ falls as t^(−μ), as the
   * flow linearised there shows.
   */
  private double[][] spread(double[] u, double[] alpha, SplittableRandom random) {
    double[][] z = new double[dimension][];
    z[dimension - 1] = new double[dimension];
    for (int i = 0; i < dimension - 1; i++) {
      z[i] = across(u, random);
      for (int k = 0; k < dimension; k++) {
        z[dimension - 1][k] -= alpha[i] / alpha[dimension - 1] * z[i][k];
      }
    }
    double[] moments = new double[dimension * dimension];
    for (int j = 0; j < dimension; j++) {
      for (int k = 0; k <= j; k++) {
        double sum = 0;
        for (int i = 0; i < dimension; i++) {
          sum += alpha[i] * z[i][j] * z[i][k];
        }
        moments[j * dimension + k] = sum;
        moments[k * dimension + j] = sum;
      }
    }
    // The smallest is that of u, 0.
    double smallest = DenseMatrix.of(moments, dimension).eigenvalues()[1];
    for (double[] each : z) {
      scale(each, Math.sqrt(RATE / smallest));
    }
    return z;
  }

  /** Orthogonal to u, of norm 1. */
  private double[] across(double[] u, SplittableRandom random) {
    double[] z = gaussian(random);
    double along = dot(z, u);
    for (int k = 0; k < dimension; k++) {
      z[k] -= along * u[k];
    }
    scale(z, 1 / norm(z));
    return z;
  }

  /** Rows of the table, at about equal ratios of steps. */
  private List<double[]> run(Data data, int problem) {
    double[][] x = data.x();
    double[] w = new double[dimension];
    double step = stepSize(x);
    double[] offset = offset(data, step);
    List<double[]> rows = new ArrayList<>();
    double next = 10;
    double ratio = Math.pow(10, 1.0 / options.looksPerDecade());
    double[] slopes = new double[x.length];
    for (int t = 1; t <= options.steps(); t++) {
      for (int i = 0; i < x.length; i++) {
        slopes[i] = step / (1 + Math.exp(dot(x[i], w)));
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
      squares += dot(row, row);
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

  private double[] row(Data data, int problem, int t, double[] w, double[] offset, double step) {
    double[] predicted = offset.clone();
    for (int k = 0; k < dimension; k++) {
      predicted[k] += Math.log(t) / options.margin() * data.direction()[k];
    }
    double loss = 0;
    for (double[] each : data.x()) {
      loss += Math.log1p(Math.exp(-dot(each, w)));
    }
    double multipliers = 0;
    for (double alpha : data.multipliers()) {
      multipliers += alpha;
    }
    return new double[] {
      problem,
      t,
      norm(w),
      norm(predicted),
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
      least = Math.min(least, dot(each, w));
    }
    return options.margin() - least / norm(w);
  }

  private static double directionGap(Data data, double[] w) {
    double norm = norm(w);
    double squares = 0;
    for (int k = 0; k < w.length; k++) {
      double difference = w[k] / norm - data.direction()[k];
      squares += difference * difference;
    }
    return Math.sqrt(squares);
  }

  private void compare(int problem, List<double[]> rows, SequencedMap<String, Uncertain> scalars) {
    double[] last = rows.getLast();
    double[] before = rows.get(rows.size() - 1 - options.looksPerDecade());
    double share = LEFT_OUT / before[1];
    double decade = Math.log(last[1] / before[1]);
    double slope = (last[2] - before[2]) / decade;
    // ‖ŵ ln t + w̃‖ is straight in ln t only in the limit: its own slope stands beside.
    double predictedSlope = (last[3] - before[3]) / decade;
    add("slope of the norm in ln t", problem, slope, predictedSlope, share);
    add("gap to the largest margin after the last step", problem, last[4], last[5], share);
    add("distance from the direction of the largest margin then", problem, last[6], last[7], share);
    add("loss then", problem, last[8], last[9], share);
    if (problem == 1) {
      put(scalars, "normSlope", slope, predictedSlope);
      put(scalars, "marginGap", last[4], last[5]);
      put(scalars, "directionGap", last[6], last[7]);
      put(scalars, "lossSlope", Math.log(last[8] / before[8]) / decade, -1);
    }
  }

  private void add(String quantity, int problem, double measured, double predicted, double share) {
    comparisons.add(
        Comparison.of(
            quantity + ", problem " + problem,
            Uncertain.exact(measured),
            predicted,
            share * Math.abs(predicted),
            1,
            0.99));
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

  private static double norm(double[] values) {
    return Math.sqrt(dot(values, values));
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
