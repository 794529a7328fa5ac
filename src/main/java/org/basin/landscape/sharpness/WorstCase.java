package org.basin.landscape.sharpness;

import java.util.List;
import org.basin.linalg.Uncertain;

/**
 * The largest rise of a loss within a ball.
 *
 * <pre>
 * oneStep  = L(ρ g / ‖g‖) − L(0),  g = ∇L(0)             (Foret et al. 2021, eq. 2)
 * maximum  = max over ‖u‖ ≤ ρ of L(u) − L(0)
 * </pre>
 *
 * @param oneStep the rise after one step of sharpness-aware minimisation; may be negative
 * @param maximum the largest rise that {@link Ascent} reaches, at least 0: never more than the
 *     truth
 */
record WorstCase(Uncertain oneStep, Uncertain maximum) {

  /** A rise that is not a number. */
  static Uncertain notFinite() {
    return Uncertain.of(Double.NaN, List.of(), false);
  }
}
