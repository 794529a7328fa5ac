package org.basin.landscape.generalization;

import java.util.SplittableRandom;
import org.basin.linalg.Euclidean;
import org.basin.linalg.Uncertain;
import org.basin.model.MlpSpec;

/**
 * Norms of one layer's weights W, {@code [fanIn, fanOut]}, and of how far they are from where
 * training started, D = W − W⁰.
 *
 * @param fanIn inputs
 * @param fanOut outputs
 * @param frobenius ‖W‖_F
 * @param spectral ‖W‖₂
 * @param frobeniusDistance ‖D‖_F
 * @param spectralDistance ‖D‖₂
 * @param groupDistance Σ_j ‖D_{:,j}‖₂ over units j, of their incoming weights: ‖Aᵀ − Mᵀ‖_{2,1} of
 *     Bartlett et al. 2017, whose A is Wᵀ
 */
record LayerNorms(
    int fanIn,
    int fanOut,
    double frobenius,
    Uncertain spectral,
    double frobeniusDistance,
    Uncertain spectralDistance,
    double groupDistance) {

  /** The norms of layer {@code l}. */
  static LayerNorms of(
      FoldedNetwork network, FoldedNetwork initial, int l, SplittableRandom random) {
    MlpSpec spec = network.spec();
    int fanIn = spec.fanIn(l);
    int fanOut = spec.fanOut(l);
    double[] w = network.weights(l);
    double[] difference = initial.weights(l);
    double[] columns = new double[fanOut];
    for (int i = 0; i < w.length; i++) {
      difference[i] = w[i] - difference[i];
      columns[i % fanOut] += difference[i] * difference[i];
    }
    double groups = 0;
    for (double squares : columns) {
      groups += Math.sqrt(squares);
    }
    return new LayerNorms(
        fanIn,
        fanOut,
        Euclidean.norm(w),
        SpectralNorm.of(w, fanIn, fanOut, random),
        Euclidean.norm(difference),
        SpectralNorm.of(difference, fanIn, fanOut, random),
        groups);
  }

  /** (‖W‖_F / ‖W‖₂)², the stable rank. */
  double stableRank() {
    return square(frobenius / spectral.value());
  }

  /** Relative error of the spectral norm. */
  double relativeError() {
    return spectral.standardError() / spectral.value();
  }

  static double square(double x) {
    return x * x;
  }
}
