package org.basin.landscape.sharpness;

import java.util.List;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;

/**
 * How far one can go before the loss has risen.
 *
 * @param value the distance; where it was not found, how far was searched: a lower bound
 * @param error half of the interval that it is in
 * @param found whether the loss rose, and the place is known within the tolerance
 */
record Distance(double value, double error, boolean found) {

  /** Nothing rose up to {@code searched}. */
  static Distance beyond(double searched) {
    return new Distance(searched, 0, false);
  }

  /** Half of the way from the one to the other, which are on opposite sides. */
  static Distance halfWidth(Distance one, Distance other) {
    return new Distance(
        (one.value + other.value) / 2, (one.error + other.error) / 2, one.found && other.found);
  }

  /** The distance for tables: NaN where it was not found. */
  double orNaN() {
    return found ? value : Double.NaN;
  }

  Uncertain uncertain() {
    return Uncertain.of(value, List.of(Contribution.known(Source.RESIDUAL, error)), found);
  }
}
