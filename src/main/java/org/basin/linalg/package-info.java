/**
 * Symmetric operators that are known by their products alone, and what can be learnt from few of
 * them: extreme eigenpairs, trace, spectral density, each with its error. Knows vectors, not
 * networks.
 *
 * <p>Products and stored vectors are float32, as the engines compute them; every sum is double.
 */
@NullMarked
package org.basin.linalg;

import org.jspecify.annotations.NullMarked;
