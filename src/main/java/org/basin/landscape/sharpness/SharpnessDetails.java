package org.basin.landscape.sharpness;

/**
 * What a measurement of sharpness was made of.
 *
 * @param loss L(θ)
 * @param parameters P
 * @param nonzeroParameters those that adaptive perturbations move
 * @param batchSize m
 * @param batches batches that m-sharpness is the mean over
 * @param batchesInAll batches of m that the examples make
 */
public record SharpnessDetails(
    double loss,
    int parameters,
    int nonzeroParameters,
    int batchSize,
    int batches,
    int batchesInAll) {}
