/** Paths between trained networks: barriers, alignment of hidden units, curves of low loss. */
@NullMarked
package org.basin.landscape.connectivity;

import org.jspecify.annotations.NullMarked;
