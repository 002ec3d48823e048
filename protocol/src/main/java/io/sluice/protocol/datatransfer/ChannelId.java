package io.sluice.protocol.datatransfer;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.PeerId;
import java.math.BigInteger;
import java.util.List;

/**
 * The name of a transfer channel. Spec: data transfer 1.2.0, ChannelID.
 *
 * @param initiator who opened it and sends requests
 * @param responder the other one
 * @param transfer the number that the initiator gave it, unsigned
 */
public record ChannelId(PeerId initiator, PeerId responder, long transfer) {
  /** The name in text: initiator, responder and number with hyphens between. */
  @Override
  public String toString() {
    return initiator + "-" + responder + "-" + Long.toUnsignedString(transfer);
  }

  /** The peer that is not {@code self}. */
  public PeerId other(PeerId self) {
    return self.equals(initiator) ? responder : initiator;
  }

  /**
   * Key of GraphSync's dedup-by-key extension, as Go clients with a store for each channel build
   * it.
   */
  public String dedupKey() {
    return "data-transfer-" + this;
  }

  // Peer ids are raw bytes in text strings, which most of them could not be were they really text.
  Node node() {
    return Node.list(
        Node.Text.ofBytes(initiator.bytes()),
        Node.Text.ofBytes(responder.bytes()),
        number(transfer));
  }

  static Node emptyNode() {
    return Node.list(Node.of(""), Node.of(""), Node.of(0));
  }

  static boolean isEmpty(Node node) {
    List<Node> items = node.asList();
    return items.size() == 3 && items.get(0).asRawText().bytes().length == 0;
  }

  static ChannelId of(Node node) {
    List<Node> items = node.asList();
    if (items.size() != 3) {
      throw new ProtocolException(
          ProtocolException.DECODE_SCHEMA, "channel id of " + items.size() + " parts, not 3");
    }
    return new ChannelId(
        PeerId.of(items.get(0).asRawText().bytes()),
        PeerId.of(items.get(1).asRawText().bytes()),
        number(items.get(2)));
  }

  static Node number(long unsigned) {
    return unsigned >= 0
        ? Node.of(unsigned)
        : Node.of(new BigInteger(Long.toUnsignedString(unsigned)));
  }

  static long number(Node node) {
    BigInteger value = node.asBigInteger();
    if (value.signum() < 0 || value.bitLength() > Long.SIZE) {
      throw new ProtocolException(
          ProtocolException.DECODE_SCHEMA, value + " where an unsigned number of 64 bits stands");
    }
    return value.longValue();
  }
}
