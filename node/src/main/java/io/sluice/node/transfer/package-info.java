/** Data-transfer channels of both roles: who hears what a peer says, and their recorded course. */
@NullMarked
package io.sluice.node.transfer;

import org.jspecify.annotations.NullMarked;
