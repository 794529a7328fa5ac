/** The empirical neural tangent kernel of a network, and how far training moved it. */
@NullMarked
package org.basin.landscape.kernel;

import org.jspecify.annotations.NullMarked;
