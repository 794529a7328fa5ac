package org.basin.engine.cuda.twin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code optimizer.cu} and {@code optimizer.cuh} in plain Java; formulas and shapes stand there.
 */
public final class OptimizerTwin {
  public static final int SGD = 0;
  public static final int HEAVY_BALL = 1;
  public static final int NESTEROV = 2;
  public static final int ADAM = 3;

  /** Parts of a replica's parameters that are summed each by one block. */
  public static final int PARTS = 32;

  private static final int THREADS = 256;

  private OptimizerTwin() {}

  /** What a replica's optimiser is set to; bounds are infinite when there are none. */
  public record Hyperparameters(
      float momentum,
      float beta1,
      float beta2,
      float epsilon,
      float l2,
      float decay,
      float elementwise,
      float globalNorm) {}

  /** Parameters {@code [from, to)} that share a multiplier of the learning rate. */
  public record Tile(int from, int to, float multiplier, boolean weight) {}

  static float clamp(float g, float bound) {
    return g > bound ? bound : g < -bound ? -bound : g;
  }

  /** norms[r, part] = (Σ g², Σ clamp(g)²), of every part. */
  public static void gradientNorms(
      float[] gradient, double[] norms, List<Hyperparameters> hyper, int size, int stride) {
    for (int r = 0; r < hyper.size(); r++) {
      for (int part = 0; part < PARTS; part++) {
        double[] raw = new double[THREADS];
        double[] clamped = new double[THREADS];
        for (int thread = 0; thread < THREADS; thread++) {
          for (int i = part * THREADS + thread; i < size; i += PARTS * THREADS) {
            double value = gradient[r * stride + i];
            double bounded = clamp(gradient[r * stride + i], hyper.get(r).elementwise);
            raw[thread] += value * value;
            clamped[thread] += bounded * bounded;
          }
        }
        norms[2 * (r * PARTS + part)] = Tree.sum(raw);
        norms[2 * (r * PARTS + part) + 1] = Tree.sum(clamped);
      }
    }
  }

  /** θ ← the optimiser's step along the clipped gradient. */
  public static void optimize(
      float[] theta,
      float[] gradient,
      float @Nullable [] first,
      float @Nullable [] second,
      List<Hyperparameters> hyper,
      List<Tile> tiles,
      float[] rates,
      double @Nullable [] norms,
      int kind,
      int steps,
      int step,
      int stride) {
    for (int r = 0; r < hyper.size(); r++) {
      Hyperparameters h = hyper.get(r);
      float scale = norms == null ? 1 : scale(norms, r, h.globalNorm);
      float plain = rates[2 * (r * steps + step)];
      float corrected = rates[2 * (r * steps + step) + 1];
      for (Tile tile : tiles) {
        for (int i = tile.from; i < tile.to; i++) {
          int at = r * stride + i;
          optimizerStep(
              kind,
              h,
              tile.weight,
              plain * tile.multiplier,
              corrected * tile.multiplier,
              clamp(gradient[at], h.elementwise) * scale,
              at,
              theta,
              first,
              second);
        }
      }
    }
  }

  private static float scale(double[] norms, int r, float bound) {
    double squares = 0;
    for (int part = 0; part < PARTS; part++) {
      squares += norms[2 * (r * PARTS + part) + 1];
    }
    double norm = Math.sqrt(squares);
    return norm > bound ? (float) (bound / norm) : 1;
  }

  private static void optimizerStep(
      int kind,
      Hyperparameters h,
      boolean weight,
      float rate,
      float corrected,
      float clipped,
      int at,
      float[] theta,
      float @Nullable [] first,
      float @Nullable [] second) {
    float before = theta[at];
    float g = weight ? clipped + h.l2 * before : clipped;
    float kept = weight ? (1 - rate * h.decay) * before : before;
    switch (kind) {
      case SGD -> theta[at] = kept - rate * g;
      case HEAVY_BALL -> {
        first[at] = h.momentum * first[at] - rate * g;
        theta[at] = kept + first[at];
      }
      case NESTEROV -> {
        float last = first[at];
        first[at] = h.momentum * last - rate * g;
        theta[at] = kept - h.momentum * last + (1 + h.momentum) * first[at];
      }
      default -> {
        first[at] = h.beta1 * first[at] + (1 - h.beta1) * g;
        second[at] = h.beta2 * second[at] + (1 - h.beta2) * g * g;
        theta[at] = kept - corrected * first[at] / ((float) Math.sqrt(second[at]) + h.epsilon);
      }
    }
  }
}
