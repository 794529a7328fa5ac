package org.basin.engine.cuda;

/**
 * Where an objective's work is enqueued.
 *
 * @param stream its stream
 * @param products matrix products on it
 * @param kernels of the stream's GPU
 */
record ObjectiveWork(Stream stream, Products products, ObjectiveKernels kernels) {}
