/** What people look at: one HTML file. */
@NullMarked
package org.basin.report;

import org.jspecify.annotations.NullMarked;
