/** The second derivatives of the training loss at a network. */
@NullMarked
package org.basin.landscape.curvature;

import org.jspecify.annotations.NullMarked;
