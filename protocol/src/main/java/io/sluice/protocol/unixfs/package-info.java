/** Files and directories as DAGs: building them from bytes and reading them back. */
@NullMarked
package io.sluice.protocol.unixfs;

import org.jspecify.annotations.NullMarked;
