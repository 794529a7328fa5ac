package org.basin.bench;

/**
 * What training costs at one width.
 *
 * @param width w of 40-w-w-10
 * @param replicas networks trained, one stack a core or GPU at a time
 * @param microsPerReplicaStep wall time of a step, all cores or GPUs at work: their time over all
 *     steps of all replicas, divided by the steps and by the cores or GPUs at work; median of the
 *     measurements
 * @param replicaStepsPerSecond steps of all replicas in a second of wall time
 * @param gflops 10^9 operations of matrix products a second, all cores or GPUs together
 * @param sgemmGflops what OpenBLAS, or cuBLAS on GPUs, reaches on the same in the same run
 * @param shareOfSgemm gflops / sgemmGflops
 */
public record TrainingMeasurement(
    int width,
    int replicas,
    double microsPerReplicaStep,
    double replicaStepsPerSecond,
    double gflops,
    double sgemmGflops,
    double shareOfSgemm) {}
