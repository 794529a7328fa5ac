package org.basin.data;

import org.jspecify.annotations.Nullable;

/** Data options for tests: the defaults, with what a test is about changed. */
final class Options {
  private DataSource source = DataSource.IRIS;
  private @Nullable Integer n;
  private double testFraction = 0.2;
  private double validationFraction;
  private boolean standardize;
  private long seed;
  private LabelNoiseOptions labelNoise = LabelNoiseOptions.DEFAULTS;
  private CsvOptions csv = CsvOptions.DEFAULTS;
  private IdxOptions idx = IdxOptions.DEFAULTS;
  private Mnist1dOptions mnist1d = Mnist1dOptions.DEFAULTS;
  private GeneratorOptions generator = GeneratorOptions.DEFAULTS;

  static Options of(DataSource source) {
    Options options = new Options();
    options.source = source;
    return options;
  }

  Options n(int value) {
    n = value;
    return this;
  }

  Options fractions(double test, double validation) {
    testFraction = test;
    validationFraction = validation;
    return this;
  }

  Options standardized() {
    standardize = true;
    return this;
  }

  Options seed(long value) {
    seed = value;
    return this;
  }

  Options noise(LabelNoise kind, double fraction, @Nullable Long noiseSeed) {
    labelNoise = new LabelNoiseOptions(kind, fraction, noiseSeed);
    return this;
  }

  Options csv(String path, String testPath) {
    csv = new CsvOptions(path, testPath, CsvOptions.Header.AUTO, "-1");
    return this;
  }

  Options idx(String directory) {
    idx =
        new IdxOptions(
            directory, idx.trainImages(), idx.trainLabels(), idx.testImages(), idx.testLabels());
    return this;
  }

  Options mnist1d(Mnist1dOptions value) {
    mnist1d = value;
    return this;
  }

  Options generator(GeneratorOptions value) {
    generator = value;
    return this;
  }

  DataOptions build() {
    return new DataOptions(
        source,
        n,
        testFraction,
        validationFraction,
        standardize,
        seed,
        labelNoise,
        csv,
        idx,
        mnist1d,
        generator);
  }
}
