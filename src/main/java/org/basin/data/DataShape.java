package org.basin.data;

/**
 * The sizes of a replica's data, known before any of it is prepared.
 *
 * @param features values an example
 * @param classes number of classes K
 * @param train training examples, after the splits and the subsampling to {@code n}
 * @param validation validation examples
 * @param test test examples
 */
public record DataShape(int features, int classes, int train, int validation, int test) {}
