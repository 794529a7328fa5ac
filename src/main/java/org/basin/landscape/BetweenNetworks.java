package org.basin.landscape;

/**
 * Marks the options of a probe that compares two networks of one point, which differ in nothing but
 * the seed. Pairs are disjoint, so that what a point averages is independent: of the seeds in
 * ascending order the first is measured with the second, the third with the fourth, and so on.
 *
 * <p>Such a probe is asked once, after training. Statistics of batch normalisation are recalibrated
 * unless something else is said: those of one network mean nothing to another.
 */
public interface BetweenNetworks {}
