package org.basin.measurement;

import java.util.Locale;
import org.basin.linalg.Uncertain;

/**
 * A measured number beside the predicted one, compared on both sides.
 *
 * @param quantity what is compared, e.g. {@code slope of the mean escape time in ln(1/sigma)}
 * @param measured the value
 * @param low the interval's lower end
 * @param high its upper end
 * @param predicted what theory says
 * @param tolerance by how much the prediction itself may be off; 0 for an exact law
 * @param verdict the outcome
 * @param reason why, half a sentence
 */
public record Comparison(
    String quantity,
    double measured,
    double low,
    double high,
    double predicted,
    double tolerance,
    Verdict verdict,
    String reason) {
  /** A wider band about a distribution would let too much pass. */
  private static final double WIDEST_BAND = 0.15;

  /**
   * Compares.
   *
   * @param tolerance by how much the prediction itself may be off
   * @param resolution the widest half-interval that still says something
   * @param confidence probability with which the interval covers the truth
   */
  public static Comparison of(
      String quantity,
      Uncertain measured,
      double predicted,
      double tolerance,
      double resolution,
      double confidence) {
    double half = measured.converged() ? measured.halfWidth(confidence) : Double.NaN;
    double value = measured.value();
    return of(
        quantity, value, value - half, value + half, predicted, tolerance, resolution, confidence);
  }

  /** Compares a value with an interval of its own; NaN for none. */
  public static Comparison of(
      String quantity,
      double measured,
      double low,
      double high,
      double predicted,
      double tolerance,
      double resolution,
      double confidence) {
    Verdict verdict;
    String reason;
    if (!(Double.isFinite(low) && Double.isFinite(high))) {
      verdict = Verdict.UNDECIDED;
      reason = "there is no interval";
    } else {
      String interval =
          low == high
              ? "exact, " + digits(6, low)
              : "the "
                  + digits(6, 100 * confidence)
                  + " % interval "
                  + digits(6, low)
                  + " to "
                  + digits(6, high);
      String prediction =
          digits(6, predicted) + (tolerance > 0 ? " (known to " + digits(2, tolerance) + ")" : "");
      if (low > predicted + tolerance || high < predicted - tolerance) {
        verdict = Verdict.DISAGREES;
        reason = interval + (low == high ? " against " : " excludes ") + prediction;
      } else if ((high - low) / 2 > resolution) {
        verdict = Verdict.UNDECIDED;
        reason = interval + " is too wide";
      } else {
        verdict = Verdict.AGREES;
        reason = interval + (low == high ? " against " : " holds ") + prediction;
      }
    }
    return new Comparison(quantity, measured, low, high, predicted, tolerance, verdict, reason);
  }

  /** That many significant digits at most, without trailing zeros. */
  private static String digits(int significant, double value) {
    return String.format(Locale.ROOT, "%." + significant + "g", value)
        .replaceFirst("(\\.\\d*?)0+(?=$|e)", "$1")
        .replaceFirst("\\.(?=$|e)", "");
  }

  /**
   * Compares a distribution of escape times with its law: the distance, which is 0 when they are
   * the same, in the band that covers the whole of the true distribution.
   *
   * @param distance sup |F_n − F|
   * @param band half the width of the band, e.g. of Dvoretzky, Kiefer and Wolfowitz
   */
  public static Comparison ofLaw(
      String quantity, double distance, double band, double tolerance, double confidence) {
    return of(
        quantity,
        distance,
        Math.max(0, distance - band),
        distance + band,
        0,
        tolerance,
        WIDEST_BAND,
        confidence);
  }

  /**
   * Compares something without chance: how many did other than predicted.
   *
   * @param what who did what, e.g. {@code runs escaped}
   */
  public static Comparison ofExceptions(String quantity, int exceptions, int all, String what) {
    return new Comparison(
        quantity,
        exceptions,
        exceptions,
        exceptions,
        0,
        0,
        exceptions == 0 ? Verdict.AGREES : Verdict.DISAGREES,
        exceptions + " of " + all + " " + what);
  }
}
