/** How small a network's gradient gets, against what theory of non-convex functions promises. */
@NullMarked
package org.basin.landscape.stationarity;

import org.jspecify.annotations.NullMarked;
