/**
 * Saddles and stationary points of functions whose answers are known: what theory predicts stands
 * beside what the optimisers do.
 */
@NullMarked
package org.basin.theory;

import org.jspecify.annotations.NullMarked;
