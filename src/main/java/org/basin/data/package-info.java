/** Examples: readers, generators, label noise, splits, checksums. */
@NullMarked
package org.basin.data;

import org.jspecify.annotations.NullMarked;
