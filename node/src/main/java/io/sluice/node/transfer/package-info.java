/** The data-transfer manager: messages in, machine, gate to the blocks. */
@NullMarked
package io.sluice.node.transfer;

import org.jspecify.annotations.NullMarked;
