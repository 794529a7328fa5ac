package org.basin.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** How figures are written in sentences. */
final class Wording {
  private static final int SIGNIFICANT_DIGITS = 4;

  /** Keeps a figure and its unit on one line. */
  static final String NO_BREAK = "\u00a0";

  private static final String PLUS_MINUS = NO_BREAK + "±" + NO_BREAK;

  private Wording() {}

  /** Four significant digits at most, no trailing zeros: {@code 0.01235}, {@code 1.5}. */
  static String number(double value) {
    if (!Double.isFinite(value)) {
      return "–";
    }
    BigDecimal rounded =
        new BigDecimal(value).round(new MathContext(SIGNIFICANT_DIGITS, RoundingMode.HALF_EVEN));
    double size = Math.abs(value);
    if (value != 0 && (size < 1e-4 || size >= 1e7)) {
      return String.format(Locale.ROOT, "%.3e", value).replaceAll("\\.?0*e", "e");
    }
    return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
  }

  /** With a comma between thousands: {@code 4,663}. */
  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** A share as per cent, {@code 54.1 %}; two decimals below 1 %. */
  static String percent(double share) {
    return percentDigits(share) + NO_BREAK + "%";
  }

  /** Mean and half-width in per cent: {@code 54.1 % ± 1.2}; the mean alone with one value. */
  static String percent(Estimate estimate) {
    String mean = percent(estimate.mean());
    return estimate.hasInterval() ? mean + PLUS_MINUS + percentDigits(estimate.halfWidth()) : mean;
  }

  /** Mean and half-width: {@code 5.698 ± 0.12}; the mean alone with one value. */
  static String estimate(Estimate estimate) {
    String mean = digits(estimate.mean(), SIGNIFICANT_DIGITS);
    return estimate.hasInterval() ? mean + PLUS_MINUS + digits(estimate.halfWidth(), 2) : mean;
  }

  /** A tested or interpolated value of the axis: whole from 10 on a width axis. */
  static String position(SweepAxis axis, double x) {
    if (axis.label().equals("width")) {
      return x >= 10 || x == Math.rint(x)
          ? count(Math.round(x))
          : String.format(Locale.ROOT, "%.1f", x);
    }
    return number(new BigDecimal(x).round(new MathContext(3)).doubleValue());
  }

  /** Two significant digits: {@code 1.2} in {@code 1.2 n}. */
  static String ratio(double value) {
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(value >= 100 ? 3 : 2));
    return rounded.toPlainString();
  }

  /** Two decimals and a proper minus sign: {@code −0.42}. */
  static String signed(double value) {
    String text = String.format(Locale.ROOT, "%.2f", value);
    return text.equals("-0.00") ? "0.00" : text.replace('-', '−');
  }

  /**
   * A name in camel case or with hyphens as words: {@code gaussNewtonTrace}, {@code mSharpness}.
   */
  static String words(String name) {
    String spaced =
        name.replace('-', ' ')
            .replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ")
            .replaceAll("(?<=[A-Z])(?=[A-Z][a-z])", " ")
            .toLowerCase(Locale.ROOT);
    return spaced
        .replace("gauss newton", "Gauss–Newton")
        .replace("frobenius", "Frobenius")
        .replace("pac bayes", "PAC-Bayes")
        .replace("non convex", "non-convex")
        .replace("mini batch", "mini-batch")
        .replace("bezier", "Bézier")
        .replace("lineariz", "linearis")
        .replaceAll("\\btrain (?=loss|error)", "training ")
        .replace("out of plane", "out-of-plane")
        .replaceAll("\\bm (?=sharpness)", "m-");
  }

  /** Wall time: {@code 42 s}, {@code 3 min 20 s}, {@code 5 h 12 min}. */
  static String duration(double seconds) {
    long whole = Math.round(seconds);
    if (seconds < 10) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    if (whole < 60) {
      return whole + " s";
    }
    if (whole < 3600) {
      return whole / 60 + " min " + whole % 60 + " s";
    }
    return count(whole / 3600) + " h " + whole % 3600 / 60 + " min";
  }

  /** {@code 1 replica}, {@code 2 replicas}. */
  static String plural(long count, String noun) {
    return count(count) + " " + noun + (count == 1 ? "" : "s");
  }

  /** With a capital at the start. */
  static String capital(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  private static String percentDigits(double share) {
    double percent = 100 * share;
    String format = percent == 0 ? "%.0f" : Math.abs(percent) < 1 ? "%.2f" : "%.1f";
    return String.format(Locale.ROOT, format, percent);
  }

  /** That many significant digits, zeros kept; as {@link #number} where that would mislead. */
  private static String digits(double value, int significant) {
    double size = Math.abs(value);
    if (!(size >= 1e-4 && size < Math.pow(10, significant))) {
      return number(value);
    }
    return new BigDecimal(value).round(new MathContext(significant)).toPlainString();
  }
}
