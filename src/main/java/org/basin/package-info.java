/** Basin: what width does to the loss landscape of a neural network. */
package org.basin;
