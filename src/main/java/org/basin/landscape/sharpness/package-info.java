/** How far, and how fast, the loss rises around a network. */
@NullMarked
package org.basin.landscape.sharpness;

import org.jspecify.annotations.NullMarked;
