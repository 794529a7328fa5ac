package org.basin.bench;

/**
 * What training costs at one width.
 *
 * @param width w of 40-w-w-10
 * @param replicas networks trained, one a core at a time
 * @param microsPerReplicaStep wall time of a step, all cores at work: their time over all steps,
 *     divided by the steps and by the cores at work; median of the measurements
 * @param gflops 10^9 operations of matrix products a second, all cores together
 * @param sgemmGflops what OpenBLAS reaches on all cores in the same run
 * @param shareOfSgemm gflops / sgemmGflops
 */
public record TrainingMeasurement(
    int width,
    int replicas,
    double microsPerReplicaStep,
    double gflops,
    double sgemmGflops,
    double shareOfSgemm) {}
