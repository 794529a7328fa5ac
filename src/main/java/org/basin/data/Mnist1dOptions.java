package org.basin.data;

import org.basin.Require;

/**
 * The MNIST-1D generator (Greydanus and Kobak 2020, "Scaling down deep learning"); every default is
 * the authors' ({@code get_dataset_args} of their code), and with them the generator makes their
 * frozen dataset.
 *
 * @param samples examples in all, a multiple of 10; the default set has 5,000
 * @param trainFraction share that is for training; the rest is the test set
 * @param paddingLow fewest zeros appended to a template
 * @param paddingHigh most zeros appended to a template
 * @param scaleCoefficient width of the uniform distribution, centred on 1, of the factor of scale
 * @param maxTranslation circular shifts are drawn below this
 * @param correlatedNoiseScale standard deviation, before smoothing, of the noise outside the digit
 * @param iidNoiseScale standard deviation of the white noise everywhere
 * @param shearScale width of the uniform distribution of the slope added
 * @param length values an example after sub-sampling
 * @param shuffleSequence permute the positions, the same way in all examples
 * @param seed of the generator; 42 is the authors'
 */
public record Mnist1dOptions(
    int samples,
    double trainFraction,
    int paddingLow,
    int paddingHigh,
    double scaleCoefficient,
    int maxTranslation,
    double correlatedNoiseScale,
    double iidNoiseScale,
    double shearScale,
    int length,
    boolean shuffleSequence,
    long seed) {
  /** The authors' defaults. */
  public static final Mnist1dOptions DEFAULTS =
      new Mnist1dOptions(5000, 0.8, 36, 60, 0.4, 48, 0.25, 0.02, 0.75, 40, false, 42);

  /** Checks ranges. */
  public Mnist1dOptions {
    Require.inRange("samples", samples, 20, 10_000_000);
    Require.that(
        samples % 10 == 0, "samples", "is " + samples + ", allowed: a multiple of 10 (ten digits)");
    Require.that(
        trainFraction > 0 && trainFraction < 1,
        "trainFraction",
        "is " + trainFraction + ", allowed: a number above 0 and below 1");
    Require.inRange("paddingLow", paddingLow, 0, 10_000);
    Require.inRange("paddingHigh", paddingHigh, paddingLow, 10_000);
    Require.inRange("scaleCoefficient", scaleCoefficient, 0.0, 2.0);
    Require.inRange("maxTranslation", maxTranslation, 1, 12 + paddingHigh);
    Require.inRange("correlatedNoiseScale", correlatedNoiseScale, 0.0, 1000.0);
    Require.inRange("iidNoiseScale", iidNoiseScale, 0.0, 1000.0);
    Require.inRange("shearScale", shearScale, 0.0, 1000.0);
    Require.inRange("length", length, 2, 100_000);
    Require.inRange("seed", seed, 0, 4_294_967_295L);
  }
}
