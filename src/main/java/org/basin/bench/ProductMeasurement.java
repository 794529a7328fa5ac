package org.basin.bench;

/**
 * What an exact Hessian-vector product over all examples costs at one width, all cores or one GPU
 * at work on it.
 *
 * @param width w of 40-w-w-10
 * @param examples that the objective is the mean over
 * @param vectors multiplied at once
 * @param microsPerProduct wall time of one vector's product; median of the measurements
 * @param gflops 10^9 operations of matrix products a second, all cores or the GPU together
 * @param sgemmGflops what OpenBLAS, or cuBLAS on GPUs, reaches on the same in the same run
 * @param shareOfSgemm gflops / sgemmGflops
 */
public record ProductMeasurement(
    int width,
    int examples,
    int vectors,
    double microsPerProduct,
    double gflops,
    double sgemmGflops,
    double shareOfSgemm) {}
