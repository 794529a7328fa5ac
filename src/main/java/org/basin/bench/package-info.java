/** What a step costs on this machine: measures engines as sweeps use them. */
@NullMarked
package org.basin.bench;

import org.jspecify.annotations.NullMarked;
