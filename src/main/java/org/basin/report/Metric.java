package org.basin.report;

import org.basin.store.ReplicaResult;

/** A final figure of a replica that the report draws; losses in nats, errors as fractions. */
enum Metric {
  TRAIN_LOSS("trainLoss"),
  TRAIN_ERROR("trainError"),
  VALIDATION_LOSS("validationLoss"),
  VALIDATION_ERROR("validationError"),
  TEST_LOSS("testLoss"),
  TEST_ERROR("testError"),
  /** Test loss minus training loss of the same replica. */
  LOSS_GAP("lossGap"),
  /** Test error minus training error of the same replica. */
  ERROR_GAP("errorGap");

  private final String key;

  Metric(String key) {
    this.key = key;
  }

  /** Its name in the report's payload and in CSV headers. */
  String key() {
    return key;
  }

  /** The figure of one replica; NaN when it has none. */
  double of(ReplicaResult result) {
    return switch (this) {
      case TRAIN_LOSS -> result.trainLoss();
      case TRAIN_ERROR -> result.trainError();
      case VALIDATION_LOSS -> result.validationLoss();
      case VALIDATION_ERROR -> result.validationError();
      case TEST_LOSS -> result.testLoss();
      case TEST_ERROR -> result.testError();
      case LOSS_GAP -> result.testLoss() - result.trainLoss();
      case ERROR_GAP -> result.testError() - result.trainError();
    };
  }
}
