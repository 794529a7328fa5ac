package org.basin.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.basin.RandomStreams;
import org.junit.jupiter.api.Test;

class LabelCorruptionTest {
  private static final int COUNT = 4000;

  @Property(tries = 50, seed = "1")
  void redrawMakesWrongFractionTimesOneMinusOneOverK(
      @ForAll @DoubleRange(min = 0.01, max = 1) double fraction,
      @ForAll @IntRange(min = 2, max = 12) int classes,
      @ForAll long seed) {
    int[] corrupted = corrupt(LabelNoise.REDRAW, fraction, classes, seed);
    assertBinomial(fraction * (1 - 1.0 / classes), wrong(corrupted, classes));
    assertInRange(corrupted, classes);
  }

  @Property(tries = 50, seed = "1")
  void flipMakesWrongTheFraction(
      @ForAll @DoubleRange(min = 0.01, max = 1) double fraction,
      @ForAll @IntRange(min = 2, max = 12) int classes,
      @ForAll long seed) {
    int[] corrupted = corrupt(LabelNoise.FLIP, fraction, classes, seed);
    assertBinomial(fraction, wrong(corrupted, classes));
    assertInRange(corrupted, classes);
  }

  @Property(tries = 20, seed = "1")
  void flippingEveryLabelKeepsNone(
      @ForAll @IntRange(min = 2, max = 12) int classes, @ForAll long seed) {
    assertEquals(COUNT, wrong(corrupt(LabelNoise.FLIP, 1.0, classes, seed), classes));
  }

  @Test
  void flippedAndRedrawnLabelsAreUniform() {
    int[] zeros = new int[30_000];
    int[] flipped =
        LabelCorruption.apply(zeros, 4, new LabelNoiseOptions(LabelNoise.FLIP, 1.0, 9L), 0);
    int[] redrawn =
        LabelCorruption.apply(zeros, 4, new LabelNoiseOptions(LabelNoise.REDRAW, 1.0, 9L), 0);
    for (int label = 1; label < 4; label++) {
      assertEquals(10_000, count(flipped, label), 5 * Math.sqrt(30_000 * 2.0 / 9));
    }
    for (int label = 0; label < 4; label++) {
      assertEquals(7500, count(redrawn, label), 5 * Math.sqrt(30_000 * 3.0 / 16));
    }
  }

  @Test
  void moreNoiseKeepsTheNoiseThatWasThere() {
    int[] some = corrupt(LabelNoise.FLIP, 0.1, 10, 3);
    int[] more = corrupt(LabelNoise.FLIP, 0.3, 10, 3);
    for (int i = 0; i < COUNT; i++) {
      if (some[i] != i % 10) {
        assertEquals(some[i], more[i]);
      }
    }
    assertNotEquals(wrong(some, 10), wrong(more, 10));
  }

  @Test
  void theStreamIsTheReplicasUnlessASeedIsNamed() {
    int[] labels = new int[1000];
    LabelNoiseOptions unseeded = new LabelNoiseOptions(LabelNoise.REDRAW, 1.0, null);
    LabelNoiseOptions seeded = new LabelNoiseOptions(LabelNoise.REDRAW, 1.0, 0L);
    SplittableRandom expected = RandomStreams.of(7).labelNoise();
    int[] byHand = new int[1000];
    for (int i = 0; i < 1000; i++) {
      expected.nextDouble();
      byHand[i] = (int) (expected.nextDouble() * 10);
    }
    assertArrayEquals(byHand, LabelCorruption.apply(labels, 10, unseeded, 7));
    assertFalse(Arrays.equals(byHand, LabelCorruption.apply(labels, 10, unseeded, 8)));
    assertArrayEquals(
        LabelCorruption.apply(labels, 10, seeded, 7), LabelCorruption.apply(labels, 10, seeded, 8));
    assertTrue(LabelCorruption.dependsOnReplica(unseeded));
    assertFalse(LabelCorruption.dependsOnReplica(seeded));
    assertArrayEquals(new int[1000], labels);
  }

  private static int[] corrupt(LabelNoise kind, double fraction, int classes, long seed) {
    int[] labels = new int[COUNT];
    Arrays.setAll(labels, i -> i % classes);
    return LabelCorruption.apply(labels, classes, new LabelNoiseOptions(kind, fraction, seed), 0);
  }

  private static int wrong(int[] corrupted, int classes) {
    int wrong = 0;
    for (int i = 0; i < corrupted.length; i++) {
      wrong += corrupted[i] == i % classes ? 0 : 1;
    }
    return wrong;
  }

  private static int count(int[] labels, int wanted) {
    return (int) Arrays.stream(labels).filter(label -> label == wanted).count();
  }

  /** Six standard deviations: one false alarm in 5e8 draws. */
  private static void assertBinomial(double probability, int successes) {
    double deviation = Math.sqrt(COUNT * probability * (1 - probability));
    assertEquals(COUNT * probability, successes, 6 * deviation + 1);
  }

  private static void assertInRange(int[] labels, int classes) {
    for (int label : labels) {
      assertTrue(label >= 0 && label < classes);
    }
  }
}
