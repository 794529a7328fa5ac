/** The registry of engines: the only place that names them. */
@NullMarked
package org.basin.engine;

import org.jspecify.annotations.NullMarked;
