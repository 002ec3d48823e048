/**
 * What dsync 0.2.0 says: whole DAGs pushed to and pulled from another node over HTTP or libp2p,
 * after one look at the list of their blocks. {@link io.sluice.protocol.dsync.Manifest} is that
 * list, {@link io.sluice.protocol.dsync.Info} what travels about a DAG; {@link
 * io.sluice.protocol.dsync.ManifestGenerator} makes one of what lies in a store. The names of the
 * wire stand in {@link io.sluice.protocol.dsync.DsyncNames}.
 */
@NullMarked
package io.sluice.protocol.dsync;

import org.jspecify.annotations.NullMarked;
