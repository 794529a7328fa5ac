package org.basin.engine.cuda.twin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code krylov.cu} in plain Java; formulas and shapes stand there. */
public final class KrylovTwin {
  public static final int CHUNK = 512;
  public static final int TAKE = 0;
  public static final int SUBTRACT = 1;
  public static final int CORRECT = 2;
  public static final int COMBINE = 3;

  private static final int LANES = 32;

  private KrylovTwin() {}

  /**
   * One sequence's part in a launch.
   *
   * @param slot index of the basis vector that a new one becomes; -1 for none
   * @param numbers two norms, then the coefficients
   * @param dimension -1 for no part
   */
  public record Sequence(
      float[] basis,
      int slot,
      float @Nullable [] vector,
      float @Nullable [] product,
      float @Nullable [] subtracted,
      double[] direction,
      double[] numbers,
      double[] corrections,
      double[] parts,
      int dimension) {
    int size() {
      return direction.length;
    }
  }

  /** slot, vector ← w / ‖w‖. */
  public static void append(List<Sequence> sequences) {
    for (Sequence s : sequences) {
      for (int i = 0; s.dimension >= 0 && i < s.size(); i++) {
        float q = (float) (s.direction[i] / s.numbers[1]);
        if (s.slot >= 0) {
          s.basis[s.slot * s.size() + i] = q;
        }
        if (s.vector != null) {
          s.vector[i] = q;
        }
      }
    }
  }

  /** w ← as {@code stage} says; parts ← w'w, and Q'w where another pass follows. */
  public static void project(List<Sequence> sequences, int stage) {
    for (Sequence s : sequences) {
      if (s.dimension >= 0) {
        move(s, stage);
        multiply(s, stage);
      }
    }
  }

  private static void move(Sequence s, int stage) {
    for (int i = 0; i < s.size(); i++) {
      double w = stage == COMBINE ? 0 : s.direction[i];
      if (stage == TAKE && s.product != null) {
        w = s.subtracted == null ? s.product[i] : s.product[i] - s.subtracted[i];
      }
      for (int j = 0; stage != TAKE && j < s.dimension; j++) {
        double weight = stage == CORRECT ? s.corrections[j] : s.numbers[2 + j];
        w -= weight * s.basis[j * s.size() + i];
      }
      s.direction[i] = stage == COMBINE ? -w : w;
    }
  }

  private static void multiply(Sequence s, int stage) {
    int chunks = Math.ceilDiv(s.size(), CHUNK);
    int start = stage == TAKE || stage == SUBTRACT ? 0 : s.dimension;
    for (int j = start; j <= s.dimension; j++) {
      for (int chunk = 0; chunk < chunks; chunk++) {
        double[] ofLanes = new double[LANES];
        for (int i = chunk * CHUNK; i < Math.min(s.size(), (chunk + 1) * CHUNK); i++) {
          double factor = j < s.dimension ? s.basis[j * s.size() + i] : s.direction[i];
          ofLanes[i % LANES] += factor * s.direction[i];
        }
        s.parts[j * chunks + chunk] = Tree.sum(ofLanes);
      }
    }
  }

  /** Sums of the parts: coefficients, corrections, norms. */
  public static void reduce(List<Sequence> sequences, int stage) {
    for (Sequence s : sequences) {
      int chunks = Math.ceilDiv(s.size(), CHUNK);
      int start = stage == TAKE || stage == SUBTRACT ? 0 : s.dimension;
      for (int j = Math.max(0, start); j <= s.dimension; j++) {
        double[] ofLanes = new double[LANES];
        for (int c = 0; c < chunks; c++) {
          ofLanes[c % LANES] += s.parts[j * chunks + c];
        }
        double sum = Tree.sum(ofLanes);
        if (j == s.dimension) {
          s.numbers[stage == TAKE ? 0 : 1] = Math.sqrt(sum);
        } else if (stage == TAKE) {
          s.numbers[2 + j] = sum;
        } else {
          s.corrections[j] = sum;
          s.numbers[2 + j] += sum;
        }
      }
    }
  }

  /** Norms and coefficients of each sequence into its report, of {@code stride} values. */
  public static void report(List<Sequence> sequences, double[] reports, int stride) {
    for (int row = 0; row < sequences.size(); row++) {
      Sequence s = sequences.get(row);
      if (s.dimension >= 0) {
        System.arraycopy(s.numbers, 0, reports, row * stride, s.dimension + 2);
      }
    }
  }
}
