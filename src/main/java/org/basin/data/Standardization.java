package org.basin.data;

/**
 * (x - mean) / deviation, feature by feature, with the mean and the population standard deviation
 * of the training examples.
 *
 * <p>A feature that is the same in every training example (a corner pixel of MNIST) is only
 * centred: it is exactly 0 in training, and elsewhere stays in its own units.
 *
 * @param means {@code [features]}
 * @param deviations {@code [features]}, 1 where the feature does not vary
 */
record Standardization(double[] means, double[] deviations) {
  /** The means and deviations of {@code train}. */
  static Standardization fit(Examples train) {
    int features = train.features();
    int count = train.count();
    float[] inputs = train.inputs();
    double[] means = new double[features];
    double[] deviations = new double[features];
    boolean[] varies = new boolean[features];
    for (int i = 0; i < inputs.length; i++) {
      int feature = i % features;
      means[feature] += inputs[i];
      varies[feature] |= inputs[i] != inputs[feature];
    }
    for (int j = 0; j < features; j++) {
      means[j] = varies[j] ? means[j] / count : inputs[j];
    }
    for (int i = 0; i < inputs.length; i++) {
      int feature = i % features;
      double difference = inputs[i] - means[feature];
      deviations[feature] += difference * difference;
    }
    for (int j = 0; j < features; j++) {
      double deviation = Math.sqrt(deviations[j] / count);
      deviations[j] = varies[j] && deviation > 0 ? deviation : 1.0;
    }
    return new Standardization(means, deviations);
  }

  /** {@code examples}, standardised; a new array. */
  Examples apply(Examples examples) {
    int features = examples.features();
    float[] inputs = examples.inputs();
    float[] standardized = new float[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      int feature = i % features;
      standardized[i] = (float) ((inputs[i] - means[feature]) / deviations[feature]);
    }
    return new Examples(standardized, examples.labels(), features, examples.classes());
  }
}
