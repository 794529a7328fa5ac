package org.basin.store;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What {@code result.json} says of one replica: it is done exactly when this file is there. Errors
 * are fractions; a loss is the mean over examples of the plain loss (no smoothing, no penalty); a
 * figure that is not finite or does not exist is NaN here and {@code null} in the file.
 *
 * @param schemaVersion version of this file's form
 * @param status {@code completed}, {@code early_stopped} or {@code diverged}
 * @param point name of the point it belongs to
 * @param seed root seed
 * @param parameters number of trained parameters P
 * @param width units of the widest hidden layer
 * @param steps optimiser steps done
 * @param epochs passes over the training examples done
 * @param trainExamples number of training examples n
 * @param classes number of classes K
 * @param trainLoss loss on the training examples
 * @param trainError their misclassified fraction
 * @param trainObjective value of what was minimised
 * @param validationLoss loss on the validation examples
 * @param validationError their misclassified fraction
 * @param testLoss loss on the test examples
 * @param testError their misclassified fraction
 * @param seconds wall time of training and evaluation
 * @param engine name of the engine
 * @param device what it ran on
 * @param precision of its arithmetic
 * @param config resolved configuration
 * @param configHash its SHA-256
 * @param dataHash SHA-256 of the data
 */
public record ReplicaResult(
    int schemaVersion,
    String status,
    String point,
    long seed,
    long parameters,
    int width,
    long steps,
    int epochs,
    int trainExamples,
    int classes,
    double trainLoss,
    double trainError,
    double trainObjective,
    double validationLoss,
    double validationError,
    double testLoss,
    double testError,
    double seconds,
    String engine,
    String device,
    String precision,
    JsonNode config,
    String configHash,
    String dataHash) {
  /** Version of {@code result.json} that this code writes and reads. */
  public static final int SCHEMA_VERSION = 1;
}
