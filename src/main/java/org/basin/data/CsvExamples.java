package org.basin.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Set;
import org.basin.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * Reads labelled examples from CSV (RFC 4180, UTF-8), one a line: every column but the label's is a
 * feature, a finite number; labels are whole numbers 0..K-1, and every class has an example.
 */
final class CsvExamples {
  /** Fields that stand for a missing or non-finite number, so they do not make a line a header. */
  private static final Set<String> NOT_A_NAME =
      Set.of("", "nan", "na", "n/a", "?", "null", "inf", "-inf", "+inf", "infinity", "-infinity");

  private final String name;
  private final CsvOptions options;

  private @Nullable List<String> header;
  private int columns = -1;
  private int labelIndex;
  private float[] inputs = new float[1024];
  private int[] labels = new int[64];
  private long[] lines = new long[64];
  private int count;

  private CsvExamples(String name, CsvOptions options) {
    this.name = name;
    this.options = options;
  }

  /**
   * Reads the file of the training examples, or of all, and the file of the test examples.
   *
   * @param test null when there is none
   * @throws InvalidInputException with file and line, when a file cannot be used
   */
  static SourceExamples read(Path train, @Nullable Path test, CsvOptions options) {
    CsvExamples trainFile = new CsvExamples(train.toString(), options);
    trainFile.readAll(InputFile.open(train));
    Examples trainExamples = trainFile.checkedTraining();
    if (test == null) {
      return new SourceExamples(trainExamples, null);
    }
    CsvExamples testFile = new CsvExamples(test.toString(), options);
    testFile.readAll(InputFile.open(test));
    return new SourceExamples(trainExamples, testFile.checkedAgainst(trainFile, trainExamples));
  }

  /** Reads all examples from {@code stored}, gzip or not, called {@code name} in messages. */
  static Examples read(InputStream stored, String name, CsvOptions options) throws IOException {
    CsvExamples file = new CsvExamples(name, options);
    file.readAll(InputFile.decompress(stored, name));
    return file.checkedTraining();
  }

  private void readAll(InputStream decompressed) {
    try (CsvReader<CsvRecord> reader =
        CsvReader.builder()
            .detectBomHeader(true)
            .allowUnclosedQuote(false)
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            .ofCsvRecord(decompressed, StandardCharsets.UTF_8)) {
      Iterator<CsvRecord> records = reader.iterator();
      while (records.hasNext()) {
        CsvRecord line = records.next();
        if (columns < 0 && begin(line)) {
          continue;
        }
        addExample(line);
      }
    } catch (UncheckedIOException unreadable) {
      throw InputFile.problem(name, unreadable.getCause());
    } catch (IOException unreadable) {
      throw InputFile.problem(name, unreadable);
    } catch (CsvParseException | NoSuchElementException malformed) {
      throw new InvalidInputException(name + ": not CSV: " + malformed.getMessage(), malformed);
    }
    if (count == 0) {
      throw new InvalidInputException(name + ": holds no examples");
    }
  }

  /** Learns the columns from the first line, and whether that is a header. */
  private boolean begin(CsvRecord line) {
    columns = line.getFieldCount();
    if (columns < 2) {
      throw at(
          line.getStartingLineNumber(),
          "has one field, allowed: at least one feature and the label, separated by commas");
    }
    boolean isHeader =
        switch (options.header()) {
          case PRESENT -> true;
          case ABSENT -> false;
          case AUTO -> line.getFields().stream().anyMatch(CsvExamples::isName);
        };
    header = isHeader ? line.getFields().stream().map(String::strip).toList() : null;
    labelIndex = labelIndex();
    return isHeader;
  }

  private int labelIndex() {
    String wanted = options.labelColumn().strip();
    if (header != null && header.contains(wanted)) {
      return header.indexOf(wanted);
    }
    int index;
    try {
      index = Integer.parseInt(wanted);
    } catch (NumberFormatException notAnIndex) {
      throw new InvalidInputException(
          "%s: has no column '%s' for data.csv.labelColumn, allowed: %san index from %d to %d"
              .formatted(
                  name,
                  wanted,
                  header == null ? "" : named(header) + ", or ",
                  -columns,
                  columns - 1),
          notAnIndex);
    }
    if (index < -columns || index >= columns) {
      throw new InvalidInputException(
          "%s: data.csv.labelColumn is %d, but there are %d columns, allowed: %d to %d"
              .formatted(name, index, columns, -columns, columns - 1));
    }
    return index < 0 ? index + columns : index;
  }

  private static String named(List<String> header) {
    int shown = Math.min(header.size(), 8);
    return String.join(", ", header.subList(0, shown)) + (shown < header.size() ? ", ..." : "");
  }

  private void addExample(CsvRecord line) {
    long lineNumber = line.getStartingLineNumber();
    if (line.getFieldCount() != columns) {
      throw at(
          lineNumber,
          "has %d fields where the first line has %d".formatted(line.getFieldCount(), columns));
    }
    int features = columns - 1;
    if ((long) (count + 1) * features > Integer.MAX_VALUE - 8) {
      throw at(lineNumber, "is more than fits: at most 2^31 values can be held");
    }
    inputs = ensure(inputs, (count + 1) * features);
    if (count == labels.length) {
      labels = Arrays.copyOf(labels, 2 * count);
      lines = Arrays.copyOf(lines, 2 * count);
    }
    int position = count * features;
    for (int column = 0; column < columns; column++) {
      String field = line.getField(column).strip();
      if (column == labelIndex) {
        labels[count] = label(field, lineNumber);
      } else {
        inputs[position++] = feature(field, lineNumber, column);
      }
    }
    lines[count++] = lineNumber;
  }

  private static float[] ensure(float[] array, int needed) {
    if (needed <= array.length) {
      return array;
    }
    long doubled = Math.min(2L * array.length, Integer.MAX_VALUE - 8);
    return Arrays.copyOf(array, (int) Math.max(needed, doubled));
  }

  private float feature(String field, long line, int column) {
    double value = number(field);
    if (Double.isNaN(value)) {
      throw at(line, "column %d is '%s', allowed: a finite number".formatted(column + 1, field));
    }
    if (!Float.isFinite((float) value)) {
      throw at(
          line,
          "column %d is '%s', allowed: a finite number up to 3.4e38 in size"
              .formatted(column + 1, field));
    }
    return (float) value;
  }

  private int label(String field, long line) {
    double value = number(field);
    if (!(value >= 0 && value <= Integer.MAX_VALUE - 1) || value != Math.rint(value)) {
      throw at(line, "the label is '%s', allowed: a whole number 0..K-1".formatted(field));
    }
    return (int) value;
  }

  /** The decimal number {@code field}; NaN when it is none. */
  private static double number(String field) {
    try {
      double value = Double.parseDouble(field);
      // Java alone reads hexadecimal numbers and the suffixes f and d.
      boolean decimal = field.chars().noneMatch(c -> c == 'x' || c == 'X' || c == 'f' || c == 'd');
      return decimal && !field.endsWith("F") && !field.endsWith("D") ? value : Double.NaN;
    } catch (NumberFormatException notANumber) {
      return Double.NaN;
    }
  }

  private static boolean isName(String field) {
    String stripped = field.strip();
    return Double.isNaN(number(stripped))
        && !NOT_A_NAME.contains(stripped.toLowerCase(Locale.ROOT));
  }

  private Examples checkedTraining() {
    int largest = Arrays.stream(labels, 0, count).max().orElseThrow();
    boolean[] seen = new boolean[Math.min(largest, count) + 1];
    for (int i = 0; i < count; i++) {
      if (labels[i] < seen.length) {
        seen[labels[i]] = true;
      }
    }
    ClassCoverage.require(seen, largest, name);
    return examples(largest + 1);
  }

  private Examples checkedAgainst(CsvExamples trainFile, Examples train) {
    if (columns != trainFile.columns) {
      throw new InvalidInputException(
          "%s: has %d columns where %s has %d"
              .formatted(name, columns, trainFile.name, trainFile.columns));
    }
    if (header != null && trainFile.header != null && !header.equals(trainFile.header)) {
      throw new InvalidInputException(
          "%s: its column names differ from those of %s".formatted(name, trainFile.name));
    }
    for (int i = 0; i < count; i++) {
      if (labels[i] >= train.classes()) {
        throw at(
            lines[i],
            "the label is %d, allowed: 0 to %d, the classes of %s"
                .formatted(labels[i], train.classes() - 1, trainFile.name));
      }
    }
    return examples(train.classes());
  }

  private Examples examples(int classes) {
    int features = columns - 1;
    return new Examples(
        Arrays.copyOf(inputs, count * features), Arrays.copyOf(labels, count), features, classes);
  }

  private InvalidInputException at(long line, String problem) {
    return new InvalidInputException("%s, line %d: %s".formatted(name, line, problem));
  }
}
