// Constants of batch normalisation; those of org.basin.engine.cpu.BatchNormalization.
#define EPSILON 1e-5f // of the variance
#define DECAY 0.9f    // what a running statistic keeps at a step
