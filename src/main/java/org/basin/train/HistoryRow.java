package org.basin.train;

/**
 * One evaluation during training: a row of {@code history.csv}. Losses are plain (no smoothing, no
 * penalty), means over all examples of their set; errors are fractions; a figure without a set to
 * measure it on is NaN.
 *
 * @param step optimiser steps done
 * @param epoch passes over the training examples done
 * @param learningRate rate of the last step done; at step 0 the rate of the first
 * @param trainLoss loss on the training examples, noisy labels as trained on
 * @param trainError their misclassified fraction
 * @param validationLoss loss on the validation examples
 * @param validationError their misclassified fraction
 * @param testLoss loss on the test examples
 * @param testError their misclassified fraction
 * @param gradientNorm Euclidean norm of the last step's mean gradient of the loss (smoothed as
 *     trained), before clipping and without penalties; NaN at step 0
 */
public record HistoryRow(
    long step,
    int epoch,
    double learningRate,
    double trainLoss,
    double trainError,
    double validationLoss,
    double validationError,
    double testLoss,
    double testError,
    double gradientNorm) {}
