package io.sluice.fsm;

import io.sluice.protocol.ipld.Node;

/**
 * How a value of a machine is stored: as a node of the IPLD data model.
 *
 * <p>Equal values give equal nodes, and {@code decode(encode(v))} gives {@code v}: replay compares
 * the canonical bytes of what it computed with those that were recorded. A codec of a newer table
 * version also reads what older versions wrote, since a live machine takes its data along.
 *
 * @param <T> an immutable value
 */
public interface DataCodec<T> {

  /** The value as a node. */
  Node encode(T value);

  /**
   * The value of a node.
   *
   * @throws io.sluice.protocol.ProtocolException if the node does not hold such a value
   */
  T decode(Node node);
}
