package org.basin.measurement;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a table is to be drawn: measurements as points with bands, predictions as lines. Says what to
 * draw and what a reader should see in it, draws nothing.
 *
 * @param title what is shown, a few words
 * @param text what to look at and what it means, for a reader who meets it for the first time; one
 *     to three sentences
 * @param table name of the table
 * @param x column of the abscissa, and how it is drawn
 * @param y how the ordinate is drawn
 * @param traces what is drawn, first below; of several measurements without groups, the n-th has
 *     the colour of the n-th prediction
 * @param groupBy column whose values tell rows of different curves apart, each drawn in a colour of
 *     its own; null for one curve a trace
 */
public record Figure(
    String title,
    String text,
    String table,
    Axis x,
    Axis y,
    List<Trace> traces,
    @Nullable String groupBy) {

  /** Copies the list. */
  public Figure {
    traces = List.copyOf(traces);
  }

  /**
   * An axis.
   *
   * @param column that it shows, or for an ordinate that several traces share, an empty text
   * @param label as a reader reads it, with its unit
   * @param logarithmic whether it is logarithmic; rows without a logarithm are left out then
   */
  public record Axis(String column, String label, boolean logarithmic) {}

  /** How a trace is drawn. */
  public enum Style {
    /** What was measured: points, with bars or a band where there are errors. */
    MEASURED,
    /** What theory predicts: a line. */
    PREDICTED,
    /** A bound: a dashed line. */
    BOUND
  }

  /**
   * One curve, or one a group.
   *
   * @param label in the legend
   * @param style how it is drawn
   * @param column of the ordinate
   * @param low column of the interval's lower end; null for none
   * @param high column of its upper end; null for none
   */
  public record Trace(
      String label, Style style, String column, @Nullable String low, @Nullable String high) {

    /** Points or a line without an interval. */
    public Trace(String label, Style style, String column) {
      this(label, style, column, null, null);
    }
  }
}
