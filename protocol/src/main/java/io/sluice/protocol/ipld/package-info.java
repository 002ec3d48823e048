/**
 * The IPLD data model: what blocks and messages are made of, and how DAGs of blocks are walked.
 *
 * <ul>
 *   <li>{@link io.sluice.protocol.ipld.Node} is a value; {@link io.sluice.protocol.ipld.DagCbor},
 *       {@link io.sluice.protocol.ipld.DagPb} and {@link io.sluice.protocol.ipld.DagJson} read and
 *       write it, {@link io.sluice.protocol.ipld.Codecs} by the codec of a CID.
 *   <li>{@link io.sluice.protocol.ipld.Block} is a named piece of a DAG, {@link
 *       io.sluice.protocol.ipld.BlockStore} the port to where blocks are kept.
 *   <li>{@link io.sluice.protocol.ipld.Selector} says which part of a DAG is meant ({@link
 *       io.sluice.protocol.ipld.Selectors} makes the usual ones), and {@link
 *       io.sluice.protocol.ipld.Walk} goes there.
 * </ul>
 *
 * <p>Decoders never copy bytes: what they return are views of the input, which must not change any
 * more.
 */
@NullMarked
package io.sluice.protocol.ipld;

import org.jspecify.annotations.NullMarked;
