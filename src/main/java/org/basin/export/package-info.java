/** Formats for everybody else. */
@NullMarked
package org.basin.export;

import org.jspecify.annotations.NullMarked;
