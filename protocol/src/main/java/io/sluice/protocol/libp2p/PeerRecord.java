package io.sluice.protocol.libp2p;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.protobuf.ProtobufReader;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a peer says it can be reached, signed by itself. Spec: libp2p RFC 0003, with the domain and
 * the type that are in use.
 *
 * @param peer who says it
 * @param sequence unsigned; of two records the one with the higher number is the newer
 * @param addresses those of kinds unknown here are left out
 */
record PeerRecord(PeerId peer, long sequence, List<Multiaddr> addresses) {
  private static final String DOMAIN = "libp2p-peer-record";
  private static final byte[] TYPE = {3, 1};
  private static final int MAX_ADDRESSES = 100;

  PeerRecord {
    addresses = List.copyOf(addresses);
  }

  /** In an envelope, signed. */
  byte[] sealed(Identity identity) {
    ProtobufWriter out = new ProtobufWriter().bytes(1, peer.bytes()).number(2, sequence);
    addresses.forEach(each -> out.message(3, new ProtobufWriter().bytes(1, each.bytes())));
    return SignedEnvelope.seal(identity, DOMAIN, TYPE, out.toBytes());
  }

  /**
   * Reads a record out of its envelope.
   *
   * @throws ProtocolException if it is not one, or not signed by the peer that it is about
   */
  static PeerRecord open(byte[] envelope) {
    SignedEnvelope opened = SignedEnvelope.open(envelope, DOMAIN, TYPE);
    byte[] peer = {};
    long sequence = 0;
    List<Multiaddr> addresses = new ArrayList<>();
    ProtobufReader in =
        new ProtobufReader(ByteBuffer.wrap(opened.payload()), ProtobufReader.Dialect.LIBP2P);
    while (in.next()) {
      switch (in.field()) {
        case 1 -> peer = in.byteArray();
        case 2 -> sequence = in.number();
        case 3 -> {
          ProtobufReader entry = in.message();
          if (addresses.size() < MAX_ADDRESSES) {
            address(entry, addresses);
          }
        }
        default -> in.skip();
      }
    }
    PeerId named = PeerId.of(peer);
    PeerId signer = opened.key().peerId();
    if (!named.equals(signer)) {
      throw new ProtocolException(
          "SIGNATURE_INVALID", "record of %s is signed by %s".formatted(named, signer));
    }
    return new PeerRecord(named, sequence, addresses);
  }

  private static void address(ProtobufReader entry, List<Multiaddr> addresses) {
    while (entry.next()) {
      if (entry.field() == 1) {
        IdentifyMessage.address(entry.byteArray()).ifPresent(addresses::add);
      } else {
        entry.skip();
      }
    }
  }
}
