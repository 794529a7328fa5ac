package org.basin.data;

import java.util.SplittableRandom;
import org.basin.InvalidInputException;

/**
 * Generated datasets. Training and test examples come from the same distribution, training examples
 * first; the same seed gives the same data, and every class has training examples.
 */
final class SyntheticData {
  /** Teachers drawn before a class that none of them uses is given up on. */
  private static final int TEACHER_DRAWS = 100;

  private SyntheticData() {}

  /**
   * Generates the dataset {@code source}, one of the four generated from {@link GeneratorOptions}.
   *
   * @throws InvalidInputException when the sizes cannot give every class a training example
   */
  static SourceExamples generate(DataSource source, GeneratorOptions options, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    checkSizes(source, options);
    return switch (source) {
      case TWO_SPIRALS -> twoSpirals(options, random);
      case GAUSSIAN_MIXTURE -> gaussianMixture(options, random);
      case TEACHER_STUDENT -> teacherStudent(options, random);
      case RANDOM_LABELS -> randomLabels(options, random);
      default -> throw new IllegalArgumentException(source + " is not generated here");
    };
  }

  /** Values an example of {@code source}. */
  static int features(DataSource source, GeneratorOptions options) {
    return source == DataSource.TWO_SPIRALS ? 2 : options.features();
  }

  /** Number of classes of {@code source}. */
  static int classes(DataSource source, GeneratorOptions options) {
    return source == DataSource.TWO_SPIRALS ? 2 : options.classes();
  }

  /** Throws when the sizes cannot be generated. */
  static void checkSizes(DataSource source, GeneratorOptions options) {
    int classes = classes(source, options);
    if (options.samples() < classes) {
      throw new InvalidInputException(
          "data.generator.samples is %d, allowed: at least one for each of the %d classes"
              .formatted(options.samples(), classes));
    }
    long features = features(source, options);
    long values = features * Math.max(options.samples(), options.testSamples());
    if (values > Integer.MAX_VALUE - 8) {
      throw new InvalidInputException(
          "data.generator: samples x features is %d, allowed: below 2^31".formatted(values));
    }
  }

  /**
   * Two arms r = u, angle = 2 pi turns u + pi label, u = sqrt(v) with v uniform on [0, 1] (so that
   * examples do not crowd at the centre), plus N(0, noise^2) on each coordinate; after Lang and
   * Witbrock (1988).
   */
  private static SourceExamples twoSpirals(GeneratorOptions options, SplittableRandom random) {
    Filler arms =
        (inputs, from, label) -> {
          double radius = Math.sqrt(random.nextDouble());
          double angle = 2 * Math.PI * options.turns() * radius + Math.PI * label;
          inputs[from] =
              (float) (radius * Math.cos(angle) + options.noise() * random.nextGaussian());
          inputs[from + 1] =
              (float) (radius * Math.sin(angle) + options.noise() * random.nextGaussian());
        };
    return new SourceExamples(
        balanced(options.samples(), 2, 2, arms), balanced(options.testSamples(), 2, 2, arms));
  }

  /** Class means from N(0, I); an example is its class's mean plus N(0, noise^2 I). */
  private static SourceExamples gaussianMixture(GeneratorOptions options, SplittableRandom random) {
    int features = options.features();
    double[][] means = new double[options.classes()][];
    for (int k = 0; k < means.length; k++) {
      means[k] = gaussians(features, random);
    }
    Filler cloud =
        (inputs, from, label) -> {
          for (int j = 0; j < features; j++) {
            inputs[from + j] = (float) (means[label][j] + options.noise() * random.nextGaussian());
          }
        };
    return new SourceExamples(
        balanced(options.samples(), features, options.classes(), cloud),
        balanced(options.testSamples(), features, options.classes(), cloud));
  }

  /**
   * Inputs from N(0, I) and labels 0..K-1 in turn, which are independent of them: nothing can be
   * learned but by heart (Zhang et al. 2017).
   */
  private static SourceExamples randomLabels(GeneratorOptions options, SplittableRandom random) {
    int features = options.features();
    Filler cloud =
        (inputs, from, label) -> {
          for (int j = 0; j < features; j++) {
            inputs[from + j] = (float) random.nextGaussian();
          }
        };
    return new SourceExamples(
        balanced(options.samples(), features, options.classes(), cloud),
        balanced(options.testSamples(), features, options.classes(), cloud));
  }

  /**
   * Inputs x from N(0, I), label = argmax over k of the teacher's output k; a teacher that leaves a
   * class without a training example is drawn anew.
   */
  private static SourceExamples teacherStudent(GeneratorOptions options, SplittableRandom random) {
    for (int draw = 0; draw < TEACHER_DRAWS; draw++) {
      Teacher teacher = Teacher.random(options, random);
      Examples train = teacher.label(options.samples(), random);
      boolean[] seen = new boolean[options.classes()];
      for (int label : train.labels()) {
        seen[label] = true;
      }
      if (allTrue(seen)) {
        return new SourceExamples(train, teacher.label(options.testSamples(), random));
      }
    }
    throw new InvalidInputException(
        ("data.generator: none of %d random teachers of width %d gave each of the %d classes one of"
                + " %d samples, allowed: more samples, a wider teacher or fewer classes")
            .formatted(
                TEACHER_DRAWS, options.teacherWidth(), options.classes(), options.samples()));
  }

  private static boolean allTrue(boolean[] values) {
    for (boolean value : values) {
      if (!value) {
        return false;
      }
    }
    return true;
  }

  /** Writes the features of one example of class {@code label} from {@code from} on. */
  @FunctionalInterface
  private interface Filler {
    void fill(float[] inputs, int from, int label);
  }

  /** Examples whose labels are 0, 1, ..., K-1, 0, 1, ... */
  private static Examples balanced(int count, int features, int classes, Filler filler) {
    float[] inputs = new float[count * features];
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = i % classes;
      filler.fill(inputs, i * features, labels[i]);
    }
    return new Examples(inputs, labels, features, classes);
  }

  private static double[] gaussians(int count, SplittableRandom random) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextGaussian();
    }
    return values;
  }

  /**
   * A one-hidden-layer ReLU network with weights from N(0, 1). Each output has the bias that makes
   * its mean over N(0, I) zero, E relu(w x) being |w| / sqrt(2 pi), so that no class wins
   * everywhere.
   *
   * @param hidden {@code [width][features]}
   * @param output {@code [classes][width]}
   * @param bias {@code [classes]}
   */
  private record Teacher(double[][] hidden, double[][] output, double[] bias) {
    static Teacher random(GeneratorOptions options, SplittableRandom random) {
      double[][] hidden = new double[options.teacherWidth()][];
      double[] meanActivation = new double[hidden.length];
      for (int h = 0; h < hidden.length; h++) {
        hidden[h] = gaussians(options.features(), random);
        meanActivation[h] = Math.sqrt(dot(hidden[h], hidden[h]) / (2 * Math.PI));
      }
      double[][] output = new double[options.classes()][];
      double[] bias = new double[output.length];
      for (int k = 0; k < output.length; k++) {
        output[k] = gaussians(hidden.length, random);
        bias[k] = -dot(output[k], meanActivation);
      }
      return new Teacher(hidden, output, bias);
    }

    Examples label(int count, SplittableRandom random) {
      int features = hidden[0].length;
      float[] inputs = new float[count * features];
      int[] labels = new int[count];
      double[] x = new double[features];
      for (int i = 0; i < count; i++) {
        for (int j = 0; j < features; j++) {
          inputs[i * features + j] = (float) random.nextGaussian();
          x[j] = inputs[i * features + j];
        }
        labels[i] = argmax(x);
      }
      return new Examples(inputs, labels, features, output.length);
    }

    private int argmax(double[] x) {
      double[] activations = new double[hidden.length];
      for (int h = 0; h < hidden.length; h++) {
        activations[h] = Math.max(0, dot(hidden[h], x));
      }
      int best = 0;
      double bestScore = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < output.length; k++) {
        double score = dot(output[k], activations) + bias[k];
        if (score > bestScore) {
          bestScore = score;
          best = k;
        }
      }
      return best;
    }

    private static double dot(double[] a, double[] b) {
      double sum = 0;
      for (int i = 0; i < a.length; i++) {
        sum += a[i] * b[i];
      }
      return sum;
    }
  }
}
