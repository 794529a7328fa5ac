package org.basin.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.basin.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SyntheticDataTest {
  private static final GeneratorOptions FOUR_CLASSES =
      new GeneratorOptions(400, 200, 5, 4, 0.05, 1.75, 8);

  @ParameterizedTest
  @EnumSource(names = {"TWO_SPIRALS", "GAUSSIAN_MIXTURE", "TEACHER_STUDENT", "RANDOM_LABELS"})
  void theSeedDecidesAndEveryClassIsThere(DataSource source) {
    SourceExamples first = SyntheticData.generate(source, FOUR_CLASSES, 3);
    SourceExamples again = SyntheticData.generate(source, FOUR_CLASSES, 3);
    SourceExamples other = SyntheticData.generate(source, FOUR_CLASSES, 4);
    Examples train = first.train();
    Examples test = test(first);
    assertEquals(400, train.count());
    assertEquals(200, test.count());
    assertEquals(SyntheticData.features(source, FOUR_CLASSES), train.features());
    assertEquals(SyntheticData.classes(source, FOUR_CLASSES), train.classes());
    assertArrayEquals(train.inputs(), again.train().inputs());
    assertArrayEquals(test.labels(), test(again).labels());
    assertFalse(Arrays.equals(train.inputs(), other.train().inputs()));
    assertFalse(Arrays.equals(Arrays.copyOf(train.inputs(), 400), test.inputs()));
    assertArrayEquals(
        IntStream.range(0, train.classes()).toArray(),
        Arrays.stream(train.labels()).distinct().sorted().toArray());
  }

  @Test
  void noiselessSpiralsLieOnTheirArms() {
    GeneratorOptions noiseless = new GeneratorOptions(100, 10, 7, 3, 0.0, 1.5, 8);
    Examples train = SyntheticData.generate(DataSource.TWO_SPIRALS, noiseless, 1).train();
    assertEquals(2, train.features());
    for (int i = 0; i < train.count(); i++) {
      double x = train.inputs()[2 * i];
      double y = train.inputs()[2 * i + 1];
      double radius = Math.hypot(x, y);
      assertTrue(radius <= 1.000001);
      double angle = 2 * Math.PI * 1.5 * radius + Math.PI * train.labels()[i];
      assertEquals(radius * Math.cos(angle), x, 1e-5);
      assertEquals(radius * Math.sin(angle), y, 1e-5);
    }
  }

  @Test
  void mixtureExamplesScatterAroundTheirClassMeanByTheNoise() {
    GeneratorOptions options = new GeneratorOptions(3000, 3000, 20, 3, 0.5, 1.0, 8);
    SourceExamples mixture = SyntheticData.generate(DataSource.GAUSSIAN_MIXTURE, options, 5);
    double[][] trainMeans = means(mixture.train());
    double[][] testMeans = means(test(mixture));
    for (int k = 0; k < 3; k++) {
      // Both means of 1,000 examples: five standard errors of their difference.
      assertArrayEquals(trainMeans[k], testMeans[k], 5 * 0.5 * Math.sqrt(2.0 / 1000));
    }
    double squares = 0;
    Examples train = mixture.train();
    for (int i = 0; i < train.inputs().length; i++) {
      double difference = train.inputs()[i] - trainMeans[train.labels()[i / 20]][i % 20];
      squares += difference * difference;
    }
    assertEquals(0.25, squares / train.inputs().length, 0.01);
  }

  @Test
  void theTeacherIsAFunctionThatTrainingAndTestShare() {
    // One input dimension: the label must depend on x alone, in training and in testing.
    GeneratorOptions options = new GeneratorOptions(2000, 2000, 1, 2, 0.0, 1.0, 4);
    SourceExamples data = SyntheticData.generate(DataSource.TEACHER_STUDENT, options, 2);
    Examples train = data.train();
    Examples test = test(data);
    int disagreements = 0;
    for (int i = 0; i < test.count(); i++) {
      int nearest = 0;
      for (int j = 1; j < train.count(); j++) {
        if (Math.abs(train.inputs()[j] - test.inputs()[i])
            < Math.abs(train.inputs()[nearest] - test.inputs()[i])) {
          nearest = j;
        }
      }
      disagreements += train.labels()[nearest] == test.labels()[i] ? 0 : 1;
    }
    assertTrue(disagreements < 20, disagreements + " of 2000");
  }

  @Test
  void randomLabelsSayNothingAboutTheInputs() {
    GeneratorOptions options = new GeneratorOptions(10_000, 10, 3, 2, 0.0, 1.0, 4);
    Examples train = SyntheticData.generate(DataSource.RANDOM_LABELS, options, 6).train();
    double[][] means = means(train);
    double[] zeros = new double[3];
    for (double[] mean : means) {
      assertArrayEquals(zeros, mean, 5 / Math.sqrt(5000));
    }
  }

  @Test
  void tooFewSamplesForTheClasses() {
    GeneratorOptions few = new GeneratorOptions(9, 10, 3, 10, 0.0, 1.0, 4);
    for (DataSource source :
        new DataSource[] {DataSource.RANDOM_LABELS, DataSource.TEACHER_STUDENT}) {
      assertEquals(
          "data.generator.samples is 9, allowed: at least one for each of the 10 classes",
          assertThrows(InvalidInputException.class, () -> SyntheticData.generate(source, few, 1))
              .getMessage());
    }
  }

  @Test
  void aTeacherThatCannotGiveEveryClassAnExample() {
    GeneratorOptions options = new GeneratorOptions(50, 10, 2, 50, 0.0, 1.0, 1);
    assertEquals(
        "data.generator: none of 100 random teachers of width 1 gave each of the 50 classes one of"
            + " 50 samples, allowed: more samples, a wider teacher or fewer classes",
        assertThrows(
                InvalidInputException.class,
                () -> SyntheticData.generate(DataSource.TEACHER_STUDENT, options, 1))
            .getMessage());
  }

  @Test
  void moreValuesThanFit() {
    GeneratorOptions huge = new GeneratorOptions(10_000_000, 10, 1000, 2, 0.0, 1.0, 4);
    assertEquals(
        "data.generator: samples x features is 10000000000, allowed: below 2^31",
        assertThrows(
                InvalidInputException.class,
                () -> SyntheticData.generate(DataSource.RANDOM_LABELS, huge, 1))
            .getMessage());
  }

  private static Examples test(SourceExamples source) {
    Examples test = source.test();
    assertNotNull(test);
    return test;
  }

  private static double[][] means(Examples examples) {
    double[][] means = new double[examples.classes()][examples.features()];
    int[] counts = new int[examples.classes()];
    for (int i = 0; i < examples.count(); i++) {
      int label = examples.labels()[i];
      counts[label]++;
      for (int j = 0; j < examples.features(); j++) {
        means[label][j] += examples.inputs()[i * examples.features() + j];
      }
    }
    for (int k = 0; k < means.length; k++) {
      for (int j = 0; j < means[k].length; j++) {
        means[k][j] /= counts[k];
      }
    }
    return means;
  }
}
