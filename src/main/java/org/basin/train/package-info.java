/**
 * What training is: schedules, clipping, smoothing, stopping, the options as data, and the
 * interface that engines implement.
 */
@NullMarked
package org.basin.train;

import org.jspecify.annotations.NullMarked;
