/**
 * dsync: whole DAGs pushed to this node and pulled from it, over HTTP ({@link
 * io.sluice.node.sync.ContentListener}) and over libp2p. {@link io.sluice.node.sync.SyncService}
 * decides, the same for both; what it asks of the node is {@link io.sluice.node.sync.SyncHome}.
 *
 * <p>{@link io.sluice.node.sync.DsyncClient} is the end that asks others.
 */
@NullMarked
package io.sluice.node.sync;

import org.jspecify.annotations.NullMarked;
