/** Experiment file to immutable records: reading, overrides, canonical form and hash. */
@NullMarked
package org.basin.config;

import org.jspecify.annotations.NullMarked;
