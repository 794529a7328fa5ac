package org.basin.train;

import org.basin.Require;
import org.jspecify.annotations.Nullable;

/**
 * Clipping of the mean gradient before the optimiser sees it; null switches one off.
 *
 * @param globalNorm largest Euclidean norm of the whole gradient (Pascanu et al. 2013): above it
 *     the gradient is scaled down to it
 * @param elementwise largest absolute value of any element
 */
public record ClippingOptions(@Nullable Double globalNorm, @Nullable Double elementwise) {
  /** No clipping. */
  public static final ClippingOptions DEFAULTS = new ClippingOptions(null, null);

  /** Checks ranges. */
  public ClippingOptions {
    if (globalNorm != null) {
      Require.positive("globalNorm", globalNorm, Double.MAX_VALUE);
    }
    if (elementwise != null) {
      Require.positive("elementwise", elementwise, Double.MAX_VALUE);
    }
  }
}
