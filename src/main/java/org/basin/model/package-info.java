/** What a network is: architecture, initialisation, flat parameter layout. */
@NullMarked
package org.basin.model;

import org.jspecify.annotations.NullMarked;
