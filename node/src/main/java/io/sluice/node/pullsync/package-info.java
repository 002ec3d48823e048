/**
 * Neighbours that keep each other filled: what a node tells of its block log, and what it pulls out
 * of the logs of its neighbours.
 */
@NullMarked
package io.sluice.node.pullsync;

import org.jspecify.annotations.NullMarked;
