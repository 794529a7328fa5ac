package org.basin.landscape.generalization;

/**
 * What the figures are of.
 *
 * @param parameters P, of the network with batch normalisation folded into its weights
 * @param folded whether there was any to fold
 * @param lipschitz ρ, the largest slope of the activation
 * @param trainExamples n that the network was trained on
 * @param measuredExamples of which so many were measured
 * @param testExamples number of test examples
 * @param divergence KL of the PAC-Bayes bound, in nats; NaN without it
 * @param bound what the PAC-Bayes bound says: {@code vacuous} where it is no better than guessing,
 *     1 − 1/K, {@code not vacuous}, or {@code none} where no noise raised the error as asked
 */
public record GeneralizationDetails(
    int parameters,
    boolean folded,
    double lipschitz,
    int trainExamples,
    int measuredExamples,
    int testExamples,
    double divergence,
    String bound) {}
