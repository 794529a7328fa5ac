package org.basin.train;

import java.util.List;
import org.basin.model.NetworkState;

/**
 * A trained replica.
 *
 * @param status how training ended
 * @param state the network it ended with; after early stopping the best one
 * @param history evaluations, the first before training
 * @param finalRow evaluation of {@code state}; after early stopping that of the best network
 * @param trainObjective value of what was minimised at {@code state} on all training examples:
 *     smoothed loss plus L2 penalty
 * @param steps optimiser steps done
 * @param epochs passes over the training examples done
 * @param seconds wall time of training and evaluation
 */
public record TrainingOutcome(
    TrainingStatus status,
    NetworkState state,
    List<HistoryRow> history,
    HistoryRow finalRow,
    double trainObjective,
    long steps,
    int epochs,
    double seconds) {}
