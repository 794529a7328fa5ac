package org.basin.landscape;

/**
 * Marks the options of a probe that repeats the training itself: it is asked once, for the trained
 * network, and not every so many steps again.
 */
public interface RepeatsTraining {}
