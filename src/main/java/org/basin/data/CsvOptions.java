package org.basin.data;

import org.basin.Require;

/**
 * CSV or CSV.gz files, one example a line, fields separated by commas. Every column but the label's
 * is a feature, a finite number; labels are whole numbers 0..K-1, every class present in training.
 *
 * @param path the file with the training examples, or with all of them; relative to the experiment
 *     file's folder, else to the working directory
 * @param testPath the file with the test examples; empty splits them off {@code path}
 * @param header whether the first line names the columns
 * @param labelColumn column of the label: a name (with a header), or an index from 0, negative from
 *     the end; -1, the last, by default
 */
public record CsvOptions(String path, String testPath, Header header, String labelColumn) {

  /** Whether a CSV file's first line names its columns. */
  public enum Header {
    /**
     * The first line is a header when any of its fields is not a number; an empty field, NaN, Inf,
     * NA, null and ? stand for numbers, so a damaged example is not taken for a header.
     */
    AUTO,
    /** The first line is a header. */
    PRESENT,
    /** The first line is an example. */
    ABSENT
  }

  /** No file. */
  public static final CsvOptions DEFAULTS = new CsvOptions("", "", Header.AUTO, "-1");

  /** Checks that a label column is named. */
  public CsvOptions {
    Require.that(
        !labelColumn.isBlank(), "labelColumn", "is empty, allowed: a column's name or index");
  }
}
