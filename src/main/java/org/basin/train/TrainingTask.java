package org.basin.train;

import org.basin.data.Split;
import org.basin.model.MlpSpec;

/**
 * One replica to train.
 *
 * @param spec the network
 * @param options how to train it
 * @param data what on
 * @param seed root seed; see {@link org.basin.RandomStreams}
 */
public record TrainingTask(MlpSpec spec, TrainingOptions options, Split data, long seed) {}
