/** The command line: commands, exit codes, progress; the only room that prints. */
@NullMarked
package org.basin.cli;

import org.jspecify.annotations.NullMarked;
