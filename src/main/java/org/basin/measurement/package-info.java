/**
 * What was measured: numbers with their errors, tables of them, and what they say about a
 * prediction. Knows neither networks nor functions.
 */
@NullMarked
package org.basin.measurement;

import org.jspecify.annotations.NullMarked;
