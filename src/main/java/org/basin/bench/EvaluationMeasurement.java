package org.basin.bench;

/**
 * What a loss over all examples costs at one width.
 *
 * @param width w of 40-w-w-10
 * @param replicas networks evaluated, one stack a core or GPU at a time
 * @param examples that the loss is the mean over
 * @param microsPerEvaluation wall time of one network's loss, all cores or GPUs at work; median of
 *     the measurements
 * @param gflops 10^9 operations of matrix products a second, all cores or GPUs together
 * @param sgemmGflops what OpenBLAS, or cuBLAS on GPUs, reaches on the same in the same run
 * @param shareOfSgemm gflops / sgemmGflops
 */
public record EvaluationMeasurement(
    int width,
    int replicas,
    int examples,
    double microsPerEvaluation,
    double gflops,
    double sgemmGflops,
    double shareOfSgemm) {}
