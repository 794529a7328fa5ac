/**
 * The engine for NVIDIA GPUs: stacks of replicas on cuBLAS and on kernels that are compiled at run
 * time for the GPU at hand. Nothing is needed but the driver and two CUDA libraries, bound through
 * the foreign-function API.
 */
@NullMarked
package org.basin.engine.cuda;

import org.jspecify.annotations.NullMarked;
