/** Measures of capacity, margin and flatness that are meant to tell how a network generalises. */
@NullMarked
package org.basin.landscape.generalization;

import org.jspecify.annotations.NullMarked;
