/** Slices of the loss: on lines and planes through a trained network. */
@NullMarked
package org.basin.landscape.surface;

import org.jspecify.annotations.NullMarked;
