/**
 * Probes: measurements of the landscape at (or around, or between) trained networks. They return
 * numbers with their errors, and draw nothing.
 */
@NullMarked
package org.basin.landscape;

import org.jspecify.annotations.NullMarked;
