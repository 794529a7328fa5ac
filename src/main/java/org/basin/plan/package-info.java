/** Experiment to replicas: sweep axes, points, cost. */
@NullMarked
package org.basin.plan;

import org.jspecify.annotations.NullMarked;
