package org.basin.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.basin.InvalidInputException;
import org.junit.jupiter.api.Test;

class Mnist1dGeneratorTest {
  /** The double-descent study's sizes: 4,000 for training, 12,000 for testing. */
  private static final Mnist1dOptions DOUBLE_DESCENT =
      new Mnist1dOptions(16_000, 0.25, 36, 60, 0.4, 48, 0.25, 0.02, 0.75, 40, false, 42);

  @Test
  void theDefaultSetBeginsAndEndsAsTheAuthorsFrozenOne() {
    SourceExamples generated = Mnist1dGenerator.generate(Mnist1dOptions.DEFAULTS);
    Examples train = generated.train();
    Examples test = testOf(generated);
    assertEquals(4000, train.count());
    assertEquals(1000, test.count());
    assertEquals(40, train.features());
    assertEquals(10, train.classes());
    assertArrayEquals(
        new float[] {-0.332006f, -0.471910f, -0.778697f, -1.009741f},
        Arrays.copyOf(train.inputs(), 4),
        2e-6f);
    assertArrayEquals(
        new float[] {0.447233f, 0.659876f, 0.877734f, 1.193152f},
        Arrays.copyOfRange(test.inputs(), 39_996, 40_000),
        2e-6f);
    assertArrayEquals(new int[] {2, 6, 4, 5, 6}, Arrays.copyOf(train.labels(), 5));
    assertArrayEquals(new int[] {2, 5, 9, 6, 4}, Arrays.copyOfRange(test.labels(), 995, 1000));
  }

  @Test
  void theDefaultSetIsTheAuthorsFrozenOneInEveryCell() throws IOException {
    Path train = SharedData.require("mnist1d/mnist1d-train.csv.gz");
    Path test = SharedData.require("mnist1d/mnist1d-test.csv.gz");
    SourceExamples generated = Mnist1dGenerator.generate(Mnist1dOptions.DEFAULTS);
    assertSame(train, generated.train());
    assertSame(test, testOf(generated));
  }

  @Test
  void theDoubleDescentVariantIsTheAuthorsInEveryCell() throws IOException {
    Path train = SharedData.require("mnist1d/mnist1d-16k-train.csv.gz");
    Path test = SharedData.require("mnist1d/mnist1d-16k-test.csv.gz");
    SourceExamples generated = Mnist1dGenerator.generate(DOUBLE_DESCENT);
    assertSame(train, generated.train());
    assertSame(test, testOf(generated));
  }

  @Test
  void theWholeSetHasMeanZeroDeviationOneAndBalancedDigits() {
    SourceExamples generated = Mnist1dGenerator.generate(small(200, 0.5, true, 7));
    double sum = 0;
    double squares = 0;
    int[] counts = new int[10];
    for (Examples part : List.of(generated.train(), testOf(generated))) {
      for (float value : part.inputs()) {
        sum += value;
        squares += value * value;
      }
      for (int label : part.labels()) {
        counts[label]++;
      }
    }
    assertEquals(0, sum / 8000, 1e-6);
    assertEquals(1, squares / 8000, 1e-5);
    int[] twentyEach = new int[10];
    Arrays.fill(twentyEach, 20);
    assertArrayEquals(twentyEach, counts);
  }

  @Test
  void shufflingPermutesThePositionsTheSameWayInEveryExample() {
    float[] plain = Mnist1dGenerator.generate(small(100, 0.5, false, 3)).train().inputs();
    float[] shuffled = Mnist1dGenerator.generate(small(100, 0.5, true, 3)).train().inputs();
    // The scale of the set is summed in another order, so the last bit may differ.
    int[] cameFrom = new int[40];
    for (int t = 0; t < 40; t++) {
      cameFrom[t] = -1;
      for (int s = 0; s < 40; s++) {
        if (Math.abs(plain[s] - shuffled[t]) < 1e-6) {
          cameFrom[t] = s;
        }
      }
    }
    assertArrayEquals(IntStream.range(0, 40).toArray(), Arrays.stream(cameFrom).sorted().toArray());
    for (int i = 0; i < 50; i++) {
      for (int t = 0; t < 40; t++) {
        assertEquals(plain[i * 40 + cameFrom[t]], shuffled[i * 40 + t], 1e-6f);
      }
    }
  }

  @Test
  void aFractionThatLeavesNothingIsRefused() {
    InvalidInputException refused =
        assertThrows(
            InvalidInputException.class,
            () -> Mnist1dGenerator.generate(small(20, 0.01, false, 42)));
    assertEquals(
        "data.mnist1d.trainFraction is 0.01, which leaves 0 training examples of 20, allowed: at"
            + " least one for training and one for testing",
        refused.getMessage());
  }

  private static Mnist1dOptions small(int samples, double fraction, boolean shuffle, long seed) {
    return new Mnist1dOptions(
        samples, fraction, 36, 60, 0.4, 48, 0.25, 0.02, 0.75, 40, shuffle, seed);
  }

  private static Examples testOf(SourceExamples generated) {
    Examples test = generated.test();
    assertNotNull(test);
    return test;
  }

  private static void assertSame(Path csv, Examples examples) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(csv)), StandardCharsets.UTF_8))) {
      lines.readLine();
      for (int i = 0; i < examples.count(); i++) {
        List<String> cells = Arrays.asList(lines.readLine().split(",", -1));
        for (int t = 0; t < 40; t++) {
          assertEquals(
              Double.parseDouble(cells.get(t)), examples.inputs()[i * 40 + t], 1e-5, "row " + i);
        }
        assertEquals(Integer.parseInt(cells.get(40)), examples.labels()[i], "row " + i);
      }
    }
  }
}
