/** Run folders: writing whole files, reading back, resume, collection. */
@NullMarked
package org.basin.store;

import org.jspecify.annotations.NullMarked;
