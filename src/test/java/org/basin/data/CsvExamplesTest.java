package org.basin.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.basin.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CsvExamplesTest {
  @TempDir Path folder;

  @Test
  void readsWithoutAHeader() throws IOException {
    Examples examples = read("1.5,2,0\n-3e2,.5,1\n", CsvOptions.Header.AUTO, "-1");
    assertArrayEquals(new float[] {1.5f, 2, -300, 0.5f}, examples.inputs());
    assertArrayEquals(new int[] {0, 1}, examples.labels());
    assertEquals(2, examples.features());
    assertEquals(2, examples.classes());
  }

  @ParameterizedTest
  @EnumSource(names = {"AUTO", "PRESENT"})
  void readsWithAHeader(CsvOptions.Header header) throws IOException {
    Examples examples = read("a,b,class\n1,2,0\n\n3,4,1\r\n", header, "-1");
    assertArrayEquals(new float[] {1, 2, 3, 4}, examples.inputs());
  }

  @ParameterizedTest
  @CsvSource({"class", "1", "-2"})
  void findsTheLabelColumn(String column) throws IOException {
    Examples examples = read("a,class,b\n1,0,2\n3,1.0,4\n", CsvOptions.Header.AUTO, column);
    assertArrayEquals(new float[] {1, 2, 3, 4}, examples.inputs());
    assertArrayEquals(new int[] {0, 1}, examples.labels());
  }

  @Test
  void aByteOrderMarkIsSkipped() throws IOException {
    Examples examples = read("\uFEFF1,0\n2,1\n", CsvOptions.Header.AUTO, "-1");
    assertArrayEquals(new float[] {1, 2}, examples.inputs());
  }

  @Test
  void growsWithTheFile() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 5000; i++) {
      text.append(i).append(',').append(-i).append(',').append(i % 3).append('\n');
    }
    Examples examples = read(text.toString(), CsvOptions.Header.AUTO, "-1");
    assertEquals(5000, examples.count());
    assertEquals(-4999f, examples.inputs()[9999]);
    assertEquals(4999 % 3, examples.labels()[4999]);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1,2,0;3,1 | , line 2: has 2 fields where the first line has 3",
        "1,2,0;3,4,5,1 | , line 2: has 4 fields where the first line has 3",
        "1,2,0;;3,x,1 | , line 3: column 2 is 'x', allowed: a finite number",
        "1,2,0;3,,1 | , line 2: column 2 is '', allowed: a finite number",
        "1,NaN,0;3,4,1 | , line 1: column 2 is 'NaN', allowed: a finite number",
        "1,2,0;3,-Infinity,1 | , line 2: column 2 is '-Infinity', allowed: a finite number",
        "1,2,0;3,1e39,1 | , line 2: column 2 is '1e39', allowed: a finite number up to 3.4e38",
        "1,2,0;3,0x1p3,1 | , line 2: column 2 is '0x1p3', allowed: a finite number",
        "1,2,0;3,4f,1 | , line 2: column 2 is '4f', allowed: a finite number",
        "1,2,0;3,4,1.5 | , line 2: the label is '1.5', allowed: a whole number 0..K-1",
        "1,2,0;3,4,-1 | , line 2: the label is '-1', allowed: a whole number 0..K-1",
        "1,2,0;3,4,cat | , line 2: the label is 'cat', allowed: a whole number 0..K-1",
        "1,2,0;3,4,2 | : the largest label is 2, but no example has label 1, allowed: labels 0..",
        "1,2,1;3,4,2 | : the largest label is 2, but no example has label 0, allowed: labels 0..",
        "1,2,0;3,4,2000000000 | : the largest label is 2000000000, but no example has label 1,",
        "1,2,0;3,4,0 | : every label is 0, allowed: at least two classes, 0 and 1",
        "a,b,class | : holds no examples",
        "'' | : holds no examples",
        "7;8 | , line 1: has one field, allowed: at least one feature and the label",
        "1,\"2,0;3,4,1 | : not CSV: Unclosed quoted field at end of input"
      })
  void refusesInOneLineThatNamesFileAndLine(String text, String message) throws IOException {
    InvalidInputException refused =
        assertThrows(
            InvalidInputException.class,
            () -> read(text.replace(';', '\n'), CsvOptions.Header.AUTO, "-1"));
    assertMessage(refused, folder.resolve("data.csv") + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "klass | : has no column 'klass' for data.csv.labelColumn, allowed: a, class, or an index",
        "2 | : data.csv.labelColumn is 2, but there are 2 columns, allowed: -2 to 1",
        "-3 | : data.csv.labelColumn is -3, but there are 2 columns, allowed: -2 to 1"
      })
  void refusesALabelColumnThatIsNotThere(String column, String message) {
    InvalidInputException refused =
        assertThrows(
            InvalidInputException.class,
            () -> read("a,class\n1,0\n2,1\n", CsvOptions.Header.AUTO, column));
    assertMessage(refused, folder.resolve("data.csv") + message);
  }

  @Test
  void testLabelsMustBeAmongTheTrainingClasses() throws IOException {
    Path train = write("train.csv", "1,0\n2,1\n");
    Path test = write("test.csv", "1,1\n2,2\n");
    InvalidInputException refused =
        assertThrows(
            InvalidInputException.class, () -> CsvExamples.read(train, test, CsvOptions.DEFAULTS));
    assertMessage(
        refused, test + ", line 2: the label is 2, allowed: 0 to 1, the classes of " + train);
  }

  @Test
  void testColumnsMustBeTheTrainingColumns() throws IOException {
    Path train = write("train.csv", "a,b,class\n1,1,0\n2,2,1\n");
    Path narrow = write("narrow.csv", "1,1\n");
    Path swapped = write("swapped.csv", "b,a,class\n1,1,1\n");
    assertMessage(
        assertThrows(
            InvalidInputException.class,
            () -> CsvExamples.read(train, narrow, CsvOptions.DEFAULTS)),
        narrow + ": has 2 columns where " + train + " has 3");
    assertMessage(
        assertThrows(
            InvalidInputException.class,
            () -> CsvExamples.read(train, swapped, CsvOptions.DEFAULTS)),
        swapped + ": its column names differ from those of " + train);
  }

  @Test
  void aTestFileNeedNotHaveEveryClass() throws IOException {
    SourceExamples read =
        CsvExamples.read(
            write("train.csv", "1,0\n2,1\n"), write("test.csv", "5,1\n"), CsvOptions.DEFAULTS);
    Examples test = read.test();
    assertNotNull(test);
    assertEquals(2, test.classes());
    assertArrayEquals(new int[] {1}, test.labels());
  }

  @Test
  void readsGzipAndNamesWhatIsWrongWithIt() throws IOException {
    byte[] whole = gzip("1,2,0\n3,4,1\n".repeat(2000));
    Path good = Files.write(folder.resolve("good.csv.gz"), whole);
    assertEquals(4000, CsvExamples.read(good, null, CsvOptions.DEFAULTS).train().count());

    Path truncated =
        Files.write(folder.resolve("cut.csv.gz"), Arrays.copyOf(whole, whole.length - 9));
    assertRefused(truncated, ": the gzip data ends too early; the file is truncated");
    Path headerOnly = Files.write(folder.resolve("head.csv.gz"), Arrays.copyOf(whole, 5));
    assertRefused(headerOnly, ": the gzip data ends too early; the file is truncated");
    byte[] flipped = whole.clone();
    flipped[whole.length - 6] ^= 0x55;
    assertRefused(
        Files.write(folder.resolve("flipped.csv.gz"), flipped), ": the gzip data is damaged (");
    assertRefused(
        write("plain.csv.gz", "1,2,0\n3,4,1\n"),
        ": is not gzip though its name ends in .gz (it does not begin with bytes 1f 8b)");
    assertRefused(write("empty.csv.gz", ""), ": is not gzip though its name ends in .gz");
  }

  @Test
  void namesAFileThatIsNotThereOrAFolder() {
    assertRefused(folder.resolve("none.csv"), ": no such file");
    assertRefused(folder, ": is a folder, not a file");
  }

  private static void assertRefused(Path file, String message) {
    InvalidInputException refused =
        assertThrows(
            InvalidInputException.class, () -> CsvExamples.read(file, null, CsvOptions.DEFAULTS));
    assertMessage(refused, file + message);
  }

  private static void assertMessage(InvalidInputException refused, String beginning) {
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.startsWith(beginning), message);
    assertEquals(1, message.lines().count(), message);
  }

  private Examples read(String text, CsvOptions.Header header, String labelColumn)
      throws IOException {
    CsvOptions options = new CsvOptions("", "", header, labelColumn);
    return CsvExamples.read(write("data.csv", text), null, options).train();
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }
}
