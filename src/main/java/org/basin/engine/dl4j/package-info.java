/** The reference engine: DL4J. */
@NullMarked
package org.basin.engine.dl4j;

import org.jspecify.annotations.NullMarked;
