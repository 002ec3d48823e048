/**
 * A node as a whole. {@link io.sluice.node.home.Home} is its folder, {@link
 * io.sluice.node.SluiceNode} opens what lies in it and connects the parts, {@link
 * io.sluice.node.LocalNodeService} answers commands.
 */
@NullMarked
package io.sluice.node;

import org.jspecify.annotations.NullMarked;
