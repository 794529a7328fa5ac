/**
 * The fused engine for the CPU: products by OpenBLAS through the foreign-function API, everything
 * else plain loops that the JIT vectorises.
 */
@NullMarked
package org.basin.engine.cpu;

import org.jspecify.annotations.NullMarked;
