/**
 * The folder of a node and what is locked in it. Start at {@link io.sluice.node.home.Home}; {@link
 * io.sluice.node.home.HomeLock} is whose it is, {@link io.sluice.node.home.HomeKeys} what it signs
 * with.
 */
@NullMarked
package io.sluice.node.home;

import org.jspecify.annotations.NullMarked;
