package org.basin.data;

/**
 * The data of one replica: what it trains on, what stops it, what it is judged by.
 *
 * @param train training examples, label noise applied
 * @param validation held out of the training examples, labels clean; empty when the validation
 *     fraction is 0
 * @param test test examples, labels clean
 * @param hash SHA-256 (hex) of all three, inputs and labels: the data's identity
 */
public record Split(Examples train, Examples validation, Examples test, String hash) {
  /** The sizes of the data. */
  public DataShape shape() {
    return new DataShape(
        train.features(), train.classes(), train.count(), validation.count(), test.count());
  }
}
