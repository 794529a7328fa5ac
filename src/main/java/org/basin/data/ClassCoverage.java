package org.basin.data;

import org.basin.InvalidInputException;

/** The check that a file's labels are 0..K-1 with no class absent, K being at least 2. */
final class ClassCoverage {
  private ClassCoverage() {}

  /**
   * Throws unless every class up to the largest label was seen.
   *
   * @param seen whether each label occurs, from 0; may end before {@code largest}
   * @param largest the largest label
   * @param name the file, for messages
   */
  static void require(boolean[] seen, int largest, String name) {
    for (int label = 0; label < seen.length; label++) {
      if (!seen[label]) {
        throw new InvalidInputException(
            ("%s: the largest label is %d, but no example has label %d, allowed: labels 0..K-1 with"
                    + " every class present")
                .formatted(name, largest, label));
      }
    }
    if (largest == 0) {
      throw new InvalidInputException(
          name + ": every label is 0, allowed: at least two classes, 0 and 1");
    }
  }
}
