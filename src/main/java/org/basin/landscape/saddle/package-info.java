/** Critical points of a network's landscape, and the escape from its saddles. */
@NullMarked
package org.basin.landscape.saddle;

import org.jspecify.annotations.NullMarked;
