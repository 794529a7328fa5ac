/**
 * The oracle: the network and its training in double precision, naive loops and no tricks, to be
 * read beside the papers and to hold every engine against.
 */
@NullMarked
package org.basin.engine.reference;

import org.jspecify.annotations.NullMarked;
