package org.basin.engine.cuda.twin;

import static org.basin.engine.cuda.twin.LossTwin.CROSS_ENTROPY;
import static org.basin.engine.cuda.twin.OptimizerTwin.ADAM;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.basin.engine.cuda.twin.OptimizerTwin.Hyperparameters;
import org.basin.engine.cuda.twin.OptimizerTwin.Tile;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;
import org.basin.model.Parameterization;
import org.jspecify.annotations.Nullable;

/**
 * {@code persistent.cu} in plain Java, for one replica; formulas stand there. Arrays are {@code
 * [rows, width]}: the zeros that pad the kernel's rows decide over nothing but the sign of a zero.
 */
public final class PersistentTwin {
  private static final int WARP = 32;

  /** Lanes that share an example's classes. */
  private static final int LOSS_LANES = 4;

  /** Lanes that share a unit's rows in batch normalisation. */
  private static final int ROW_LANES = 8;

  private static final float EPSILON = 1e-5f;
  private static final float DECAY = 0.9f;

  /** What a replica is set to; activation, loss and optimiser by the kernels' numbers. */
  public record Settings(
      MlpSpec spec,
      int activation,
      int loss,
      int optimizer,
      Hyperparameters hyper,
      float smoothing) {}

  /**
   * What decides in which order sums are made.
   *
   * @param threads of the block, each with every so many-th square of the gradient's norm
   * @param capacity rows of a chunk
   * @param sliceBits log₂ of the threads that share a tile of a layer's gradient, each with every
   *     so many-th row of the chunk, {@code [layers]}
   */
  public record Plan(int threads, int capacity, List<Integer> sliceBits) {}

  /** What steps change: θ, the optimiser's state where it has any, running statistics. */
  @SuppressWarnings("ArrayRecordComponent") // written, never compared
  public record State(
      float[] theta,
      float @Nullable [] first,
      float @Nullable [] second,
      float[] runningMean,
      float[] runningVariance) {}

  private final Settings settings;
  private final MlpSpec spec;
  private final ParameterLayout layout;
  private final Plan plan;
  private final State state;
  private final float[] theta;
  private final float[] gradient;
  private final float[] inverse; // of the batch's deviations

  /** The replica before its first step; {@code state} is what steps change. */
  public PersistentTwin(Settings settings, Plan plan, State state) {
    this.settings = settings;
    this.plan = plan;
    this.state = state;
    spec = settings.spec;
    layout = new ParameterLayout(spec);
    theta = state.theta;
    gradient = new float[layout.size()];
    inverse = new float[layout.statisticsSize()];
  }

  /** A value of a row. */
  @FunctionalInterface
  private interface Row {
    float at(int i);
  }

  /**
   * As many steps as there are pairs of rates.
   *
   * @param inputs {@code [examples, inputs]}
   * @param order indices of examples: step s takes {@code batch} from s batch on, fewer at the end
   * @param rates {@code [steps, 2]}: scheduled rate, and the same with Adam's correction
   * @return (Σ g², Σ clamp(g)²) of the last gradient
   */
  public double[] steps(float[] inputs, int[] labels, int[] order, int batch, float[] rates) {
    double[] norms = new double[2 * OptimizerTwin.PARTS];
    int steps = rates.length / 2;
    for (int step = 0; step < steps; step++) {
      int start = step * batch;
      int end = Math.min(start + batch, order.length);
      for (int begin = start; begin < end; begin += plan.capacity) {
        int[] chunk = Arrays.copyOfRange(order, begin, Math.min(begin + plan.capacity, end));
        gradient(inputs, labels, chunk, end - start, begin > start);
      }
      norms[0] = squares(Float.POSITIVE_INFINITY);
      norms[1] = squares(settings.hyper.elementwise());
      OptimizerTwin.optimize(
          theta,
          gradient,
          state.first,
          state.second,
          List.of(settings.hyper),
          tiles(),
          rates,
          norms,
          settings.optimizer,
          steps,
          step,
          0);
    }
    return new double[] {norms[0], norms[1]};
  }

  /** gradient ← or += that of a chunk of a batch of {@code count} examples. */
  private void gradient(float[] inputs, int[] labels, int[] chunk, int count, boolean add) {
    int layers = spec.layers();
    float[][][] a = new float[layers][][]; // what a layer reads, with the one that meets the bias
    float[][][] z = new float[layers][][]; // what its activation reads
    float[][][] xhat = new float[layers][][];
    a[0] = new float[chunk.length][];
    for (int i = 0; i < chunk.length; i++) {
      int from = chunk[i] * spec.inputs();
      a[0][i] = withOne(Arrays.copyOfRange(inputs, from, from + spec.inputs()));
    }
    for (int l = 0; l < layers; l++) {
      z[l] = forward(l, a[l]);
      if (spec.normalized(l)) {
        xhat[l] = normalize(l, z[l]);
      }
      if (l + 1 < layers) {
        a[l + 1] = activate(z[l]);
      }
    }
    float[][] delta = z[layers - 1];
    for (int i = 0; i < chunk.length; i++) {
      lossDerivative(delta[i], labels[chunk[i]], count);
    }
    for (int l = layers - 1; l >= 0; l--) {
      weightGradient(l, a[l], delta, add);
      if (l > 0) {
        delta = backward(l, delta, a[l], z[l - 1]);
      }
      if (l > 0 && spec.normalized(l - 1)) {
        normalizeBackward(l - 1, delta, xhat[l - 1]);
      }
    }
  }

  private float[] withOne(float[] row) {
    float[] longer = Arrays.copyOf(row, row.length + (spec.bias() ? 1 : 0));
    Arrays.fill(longer, row.length, longer.length, 1);
    return longer;
  }

  /** a [W; b], from the first input to the bias. */
  private float[][] forward(int l, float[][] a) {
    int out = spec.fanOut(l);
    float[][] z = new float[a.length][out];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < out; j++) {
        float sum = 0;
        for (int k = 0; k < a[i].length; k++) {
          sum = Math.fma(a[i][k], theta[layout.weight(l) + k * out + j], sum);
        }
        z[i][j] = sum;
      }
    }
    return z;
  }

  private float[][] activate(float[][] z) {
    float[][] a = new float[z.length][];
    for (int i = 0; i < z.length; i++) {
      float[] row = z[i].clone();
      for (int j = 0; j < row.length; j++) {
        row[j] = ActivationTwin.activation(settings.activation, row[j]);
      }
      a[i] = withOne(row);
    }
    return a;
  }

  /** Every lane adds every eighth row; then lanes are added. */
  private static float overRows(int rows, Row values) {
    float[] lanes = new float[ROW_LANES];
    for (int i = 0; i < rows; i++) {
      lanes[i % ROW_LANES] += values.at(i);
    }
    return Lanes.sum(lanes);
  }

  /** z ← γ x̂ + β; returns x̂. */
  private float[][] normalize(int l, float[][] z) {
    int rows = z.length;
    int out = spec.fanOut(l);
    float[][] xhat = new float[rows][out];
    for (int j = 0; j < out; j++) {
      int unit = j;
      float mean = overRows(rows, i -> z[i][unit]) / rows;
      float variance = overRows(rows, i -> (z[i][unit] - mean) * (z[i][unit] - mean)) / rows;
      int s = layout.statistics(l) + j;
      inverse[s] = 1 / (float) Math.sqrt(variance + EPSILON);
      state.runningMean[s] = DECAY * state.runningMean[s] + (1 - DECAY) * mean;
      state.runningVariance[s] = DECAY * state.runningVariance[s] + (1 - DECAY) * variance;
      for (int i = 0; i < rows; i++) {
        xhat[i][j] = (z[i][j] - mean) * inverse[s];
        z[i][j] = theta[layout.gamma(l) + j] * xhat[i][j] + theta[layout.beta(l) + j];
      }
    }
    return xhat;
  }

  /** delta: from the derivative by γ x̂ + β to that by what was normalised. */
  private void normalizeBackward(int l, float[][] delta, float[][] xhat) {
    int rows = delta.length;
    for (int j = 0; j < spec.fanOut(l); j++) {
      int unit = j;
      float dbeta = overRows(rows, i -> delta[i][unit]);
      float dgamma = overRows(rows, i -> delta[i][unit] * xhat[i][unit]);
      gradient[layout.beta(l) + j] = dbeta;
      gradient[layout.gamma(l) + j] = dgamma;
      float scale = theta[layout.gamma(l) + j] * inverse[layout.statistics(l) + j];
      for (int i = 0; i < rows; i++) {
        delta[i][j] = scale * (delta[i][j] - dbeta / rows - xhat[i][j] * (dgamma / rows));
      }
    }
  }

  /** f ← derivative of the mean over the batch's examples by the outputs of one. */
  private void lossDerivative(float[] f, int label, int count) {
    int classes = f.length;
    float off = settings.smoothing / classes;
    float on = 1 - settings.smoothing + off;
    if (settings.loss == CROSS_ENTROPY) {
      softmax(f);
      for (int k = 0; k < classes; k++) {
        f[k] = (f[k] - (k == label ? on : off)) / count;
      }
    } else {
      float scale = 2 / ((float) classes * count);
      for (int k = 0; k < classes; k++) {
        f[k] = (f[k] - (k == label ? on : off)) * scale;
      }
    }
  }

  private static void softmax(float[] f) {
    float largest = -Float.MAX_VALUE;
    for (float value : f) {
      largest = value > largest ? value : largest;
    }
    float[] lanes = new float[LOSS_LANES];
    for (int k = 0; k < f.length; k++) {
      f[k] = (float) Math.exp(f[k] - largest);
      lanes[k % LOSS_LANES] += f[k];
    }
    float inverseSum = 1 / Lanes.sum(lanes);
    for (int k = 0; k < f.length; k++) {
      f[k] *= inverseSum;
    }
  }

  /** gradient of [W; b] ← aᵀ delta, or += that; each slice of the rows is summed alone. */
  private void weightGradient(int l, float[][] a, float[][] delta, boolean add) {
    int out = spec.fanOut(l);
    int slices = 1 << plan.sliceBits.get(l);
    for (int k = 0; k < a[0].length; k++) {
      for (int j = 0; j < out; j++) {
        float[] lanes = new float[slices];
        for (int i = 0; i < a.length; i++) {
          lanes[i % slices] = Math.fma(a[i][k], delta[i][j], lanes[i % slices]);
        }
        int at = layout.weight(l) + k * out + j;
        float sum = Lanes.sum(lanes);
        gradient[at] = add ? gradient[at] + sum : sum;
      }
    }
  }

  /** (delta Wᵀ) φ'(z), with a = φ(z). */
  private float[][] backward(int l, float[][] delta, float[][] a, float[][] z) {
    int out = spec.fanOut(l);
    float[][] below = new float[a.length][spec.fanIn(l)];
    for (int i = 0; i < a.length; i++) {
      for (int k = 0; k < spec.fanIn(l); k++) {
        float sum = 0;
        for (int j = 0; j < out; j++) {
          sum = Math.fma(delta[i][j], theta[layout.weight(l) + k * out + j], sum);
        }
        below[i][k] = ActivationTwin.slope(settings.activation, a[i][k], z[i][k]) * sum;
      }
    }
    return below;
  }

  /** Σ clamp(g)²: every thread adds its own, then lanes are added, then warps. */
  private double squares(float bound) {
    double sum = 0;
    for (int warp = 0; warp < plan.threads / WARP; warp++) {
      double[] lanes = new double[WARP];
      for (int lane = 0; lane < WARP; lane++) {
        for (int e = warp * WARP + lane; e < gradient.length; e += plan.threads) {
          double g = OptimizerTwin.clamp(gradient[e], bound);
          lanes[lane] += g * g;
        }
      }
      sum += Lanes.sum(lanes);
    }
    return sum;
  }

  private List<Tile> tiles() {
    boolean adaptive = settings.optimizer == ADAM;
    Parameterization rates = spec.parameterization();
    List<Tile> tiles = new ArrayList<>();
    for (int l = 0; l < spec.layers(); l++) {
      int out = spec.fanOut(l);
      float ofVectors = (float) rates.vectorRate(spec, l, adaptive);
      float ofWeights = (float) rates.weightRate(spec, l, adaptive);
      tiles.add(tile(layout.weight(l), spec.fanIn(l) * out, ofWeights, true));
      tiles.add(tile(layout.bias(l), spec.bias() ? out : 0, ofVectors, false));
      tiles.add(tile(layout.gamma(l), spec.normalized(l) ? 2 * out : 0, ofVectors, false));
    }
    return tiles;
  }

  private static Tile tile(int from, int count, float multiplier, boolean weight) {
    return new Tile(from, from + count, multiplier, weight);
  }
}
