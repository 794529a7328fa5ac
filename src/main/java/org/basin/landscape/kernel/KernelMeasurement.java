package org.basin.landscape.kernel;

/**
 * What a kernel's figures are of.
 *
 * @param examples number n of examples of the kernel
 * @param drawnFrom number of examples that they were drawn from; n for all of them
 * @param outputs what became of the outputs of an example
 * @param order order of the kernel
 * @param noiseFloor eigenvalue below which double precision cannot tell one from 0
 */
public record KernelMeasurement(
    int examples, int drawnFrom, KernelOutputs outputs, int order, double noiseFloor) {}
