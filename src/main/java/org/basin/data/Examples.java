package org.basin.data;

import org.basin.InvalidInputException;

/**
 * Labelled examples, held as the engines read them.
 *
 * @param inputs {@code [count, features]}, row-major
 * @param labels {@code [count]}, each in {@code 0..classes-1}
 * @param features values an example
 * @param classes number of classes K
 */
public record Examples(float[] inputs, int[] labels, int features, int classes) {

  /** Checks that the shapes agree. */
  public Examples {
    if ((long) labels.length * features != inputs.length) {
      throw new InvalidInputException(
          "inputs hold %d values, but %d examples of %d features need %d"
              .formatted(inputs.length, labels.length, features, (long) labels.length * features));
    }
  }

  /** Number of examples. */
  public int count() {
    return labels.length;
  }

  /** The examples at {@code indices}, in that order. */
  public Examples select(int[] indices) {
    float[] selectedInputs = new float[indices.length * features];
    int[] selectedLabels = new int[indices.length];
    for (int i = 0; i < indices.length; i++) {
      System.arraycopy(inputs, indices[i] * features, selectedInputs, i * features, features);
      selectedLabels[i] = labels[indices[i]];
    }
    return new Examples(selectedInputs, selectedLabels, features, classes);
  }

  /** The same inputs under other labels. */
  public Examples withLabels(int[] otherLabels) {
    return new Examples(inputs, otherLabels, features, classes);
  }
}
