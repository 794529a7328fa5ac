/** What a network goes through while it trains. */
@NullMarked
package org.basin.landscape.trajectory;

import org.jspecify.annotations.NullMarked;
