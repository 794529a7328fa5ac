package org.basin.landscape.sharpness;

/**
 * What a measurement of a basin's width was made of.
 *
 * @param loss L(θ)
 * @param rise how much the loss has to rise, in units of the loss
 * @param parameterNorm ‖θ‖₂
 * @param gradientNorm ‖∇L(θ)‖₂
 * @param directions number of random directions
 * @param notRisen how many of them the loss did not rise along, up to the last radius
 */
public record BasinWidthDetails(
    double loss,
    double rise,
    double parameterNorm,
    double gradientNorm,
    int directions,
    int notRisen) {}
