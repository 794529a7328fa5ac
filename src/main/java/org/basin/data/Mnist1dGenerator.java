package org.basin.data;

import java.util.Arrays;
import org.basin.InvalidInputException;

/**
 * MNIST-1D: ten one-dimensional digit templates, each padded, stretched, scaled, shifted, laid in
 * smooth noise, roughened, sheared and sub-sampled (Greydanus and Kobak 2020, "Scaling down deep
 * learning with MNIST-1D", section 2 and the authors' code).
 *
 * <p>With the default options the result is the authors' frozen dataset to float rounding, in their
 * order: the draws are NumPy's ({@link NumpyRandomState}), taken in their order, and every grid is
 * computed with the same roundings, because which positions count as "outside the digit" is decided
 * by {@code x != 0}.
 */
final class Mnist1dGenerator {
  private static final int CLASSES = 10;

  /** The authors' templates, one digit a row, before they are whitened. */
  private static final double[][] TEMPLATES = {
    {5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5},
    {5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5},
    {5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5},
    {5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5},
    {5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5},
    {5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5},
    {5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5},
    {5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5},
    {5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5},
    {5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5}
  };

  /** Added to a template so that none of its values is exactly zero, which would mark padding. */
  private static final double OFFSET = 1e-8;

  private final Mnist1dOptions options;
  private final NumpyRandomState random;
  private final int stretchedLength;

  private Mnist1dGenerator(Mnist1dOptions options) {
    this.options = options;
    this.random = new NumpyRandomState(options.seed());
    this.stretchedLength = TEMPLATES[0].length + options.paddingHigh();
  }

  /**
   * Generates the dataset: {@code samples} examples, balanced over the ten digits, in random order,
   * scaled as a whole to mean 0 and standard deviation 1; the first {@code trainFraction} of them
   * are for training.
   *
   * @throws InvalidInputException when {@code trainFraction} leaves no training or no test example
   */
  static SourceExamples generate(Mnist1dOptions options) {
    int trainCount = trainCount(options);
    int length = options.length();
    if ((long) options.samples() * length > Integer.MAX_VALUE - 8) {
      throw new InvalidInputException(
          "data.mnist1d: %d samples of length %d are more values than fit, allowed: up to 2^31"
              .formatted(options.samples(), length));
    }
    return new Mnist1dGenerator(options).generate(trainCount);
  }

  /**
   * How many of the samples are for training; the rest is for testing.
   *
   * @throws InvalidInputException when that leaves no training or no test example
   */
  static int trainCount(Mnist1dOptions options) {
    int trainCount = (int) (options.samples() * options.trainFraction());
    if (trainCount < 1 || trainCount >= options.samples()) {
      throw new InvalidInputException(
          ("data.mnist1d.trainFraction is %s, which leaves %d training examples of %d, allowed: at"
                  + " least one for training and one for testing")
              .formatted(options.trainFraction(), trainCount, options.samples()));
    }
    return trainCount;
  }

  private SourceExamples generate(int trainCount) {
    int samples = options.samples();
    int length = options.length();
    double[] values = new double[samples * length];
    int samplesPerClass = samples / CLASSES;
    for (int digit = 0; digit < CLASSES; digit++) {
      double[] template = whitened(TEMPLATES[digit]);
      for (int i = 0; i < samplesPerClass; i++) {
        double[] example = example(template);
        System.arraycopy(example, 0, values, (digit * samplesPerClass + i) * length, length);
      }
    }
    int[] order = random.permutation(samples);
    int[] positions = options.shuffleSequence() ? random.permutation(length) : identity(length);

    double mean = Arrays.stream(values).sum() / values.length;
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    double deviation = Math.sqrt(squares / values.length);

    float[] inputs = new float[samples * length];
    int[] labels = new int[samples];
    for (int i = 0; i < samples; i++) {
      labels[i] = order[i] / samplesPerClass;
      for (int t = 0; t < length; t++) {
        inputs[i * length + t] =
            (float) ((values[order[i] * length + positions[t]] - mean) / deviation);
      }
    }
    return new SourceExamples(
        range(inputs, labels, 0, trainCount), range(inputs, labels, trainCount, samples));
  }

  private Examples range(float[] inputs, int[] labels, int from, int to) {
    int length = options.length();
    return new Examples(
        Arrays.copyOfRange(inputs, from * length, to * length),
        Arrays.copyOfRange(labels, from, to),
        length,
        CLASSES);
  }

  /** One example of {@code template}; the draws are in the authors' order. */
  private double[] example(double[] template) {
    int paddings = options.paddingHigh() - options.paddingLow() + 1;
    int padding = options.paddingLow() + (int) (random.uniform() * paddings);
    double[] padded = new double[template.length + padding];
    for (int i = 0; i < template.length; i++) {
      padded[i] = template[i] + OFFSET;
    }
    double[] stretched = interpolate(padded, stretchedLength);

    double scale = 1 + options.scaleCoefficient() * (random.uniform() - 0.5);
    int shift = random.below(options.maxTranslation());
    double[] signal = new double[stretchedLength];
    for (int i = 0; i < stretchedLength; i++) {
      signal[(i + shift) % stretchedLength] = stretched[i] * scale;
    }

    double[] smoothNoise = GaussianSmoothing.smooth(noise(options.correlatedNoiseScale()));
    double[] whiteNoise = noise(options.iidNoiseScale());
    double slope = options.shearScale() * (random.uniform() - 0.5);
    double[] ramp = linearGrid(-0.5, 0.5, stretchedLength);
    for (int i = 0; i < stretchedLength; i++) {
      double value = signal[i] != 0 ? signal[i] : smoothNoise[i];
      signal[i] = value + whiteNoise[i] - slope * ramp[i];
    }
    return interpolate(signal, options.length());
  }

  private double[] noise(double scale) {
    double[] noise = new double[stretchedLength];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = scale * random.gaussian();
    }
    return noise;
  }

  /** Mean 0 and standard deviation 1, then shifted to begin at 0, then divided by 6. */
  private static double[] whitened(double[] template) {
    double mean = Arrays.stream(template).sum() / template.length;
    double variance =
        Arrays.stream(template).map(x -> (x - mean) * (x - mean)).sum() / template.length;
    double deviation = Math.sqrt(variance);
    double first = (template[0] - mean) / deviation;
    return Arrays.stream(template).map(x -> ((x - mean) / deviation - first) / 6.0).toArray();
  }

  /** {@code values} on a grid of {@code count} points over the same interval, linearly. */
  private static double[] interpolate(double[] values, int count) {
    double[] knots = linearGrid(0, 1, values.length);
    double[] grid = linearGrid(0, 1, count);
    double[] interpolated = new double[count];
    int left = 0;
    for (int i = 0; i < count; i++) {
      double x = grid[i];
      while (left < knots.length - 1 && knots[left + 1] <= x) {
        left++;
      }
      if (left == knots.length - 1 || knots[left] == x) {
        interpolated[i] = values[left];
      } else {
        double slope = (values[left + 1] - values[left]) / (knots[left + 1] - knots[left]);
        interpolated[i] = slope * (x - knots[left]) + values[left];
      }
    }
    return interpolated;
  }

  /** {@code count} equally spaced points from {@code low} to {@code high}, as NumPy rounds them. */
  private static double[] linearGrid(double low, double high, int count) {
    double[] grid = new double[count];
    double step = (high - low) / (count - 1);
    for (int i = 0; i < count - 1; i++) {
      grid[i] = i * step + low;
    }
    grid[count - 1] = high;
    return grid;
  }

  private static int[] identity(int count) {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      order[i] = i;
    }
    return order;
  }
}
