/** Running a plan: workers, claims, interruption. */
@NullMarked
package org.basin.execute;

import org.jspecify.annotations.NullMarked;
