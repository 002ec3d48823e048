package io.sluice.protocol.libp2p;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.protobuf.ProtobufReader;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a peer says about itself. Spec: libp2p identify.
 *
 * @param publicKey encoded; must be the one the connection proved
 * @param listen where it listens; addresses of kinds unknown here are left out
 * @param protocols what it serves
 * @param observed what the asker's address looks like from there
 * @param agent name and version of its software
 * @param signedRecord where it listens, in its own envelope, which is not opened here
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record IdentifyMessage(
    byte[] publicKey,
    List<Multiaddr> listen,
    Set<String> protocols,
    Optional<Multiaddr> observed,
    String agent,
    Optional<byte[]> signedRecord) {
  static final int MAX_LENGTH = 8 * 1024;

  /** What peers take at least. */
  static final int MAX_SENT = 4 * 1024;

  private static final int MAX_ADDRESSES = 100;
  private static final int MAX_PROTOCOLS = 500;
  private static final int MAX_AGENT = 256;
  private static final String PROTOCOL_VERSION = "ipfs/0.1.0";

  byte[] encoded() {
    ProtobufWriter out = new ProtobufWriter().bytes(1, publicKey);
    listen.forEach(address -> out.bytes(2, address.bytes()));
    protocols.forEach(protocol -> out.text(3, protocol));
    observed.ifPresent(address -> out.bytes(4, address.bytes()));
    out.text(5, PROTOCOL_VERSION).text(6, agent);
    signedRecord.ifPresent(envelope -> out.bytes(8, envelope));
    return out.toBytes();
  }

  /** Reads one or more messages one behind the other, whose fields add up. */
  static IdentifyMessage decode(byte[] encoded) {
    byte[] key = {};
    List<Multiaddr> listen = new ArrayList<>();
    Set<String> protocols = new LinkedHashSet<>();
    Optional<Multiaddr> observed = Optional.empty();
    String agent = "";
    Optional<byte[]> signedRecord = Optional.empty();
    ProtobufReader in = new ProtobufReader(ByteBuffer.wrap(encoded), ProtobufReader.Dialect.LIBP2P);
    while (in.next()) {
      switch (in.field()) {
        case 1 -> key = in.byteArray();
        case 2 ->
            address(in.byteArray())
                .filter(each -> listen.size() < MAX_ADDRESSES)
                .ifPresent(listen::add);
        case 3 -> {
          String protocol = in.text();
          if (protocols.size() < MAX_PROTOCOLS && protocol.length() < Multistream.MAX_MESSAGE) {
            protocols.add(protocol);
          }
        }
        case 4 -> observed = address(in.byteArray());
        case 6 -> agent = in.text();
        case 8 -> signedRecord = Optional.of(in.byteArray());
        default -> in.skip();
      }
    }
    return new IdentifyMessage(
        key,
        List.copyOf(listen),
        Set.copyOf(protocols),
        observed,
        agent.substring(0, Math.min(agent.length(), MAX_AGENT)),
        signedRecord);
  }

  static Optional<Multiaddr> address(byte[] bytes) {
    try {
      return Optional.of(Multiaddr.of(bytes));
    } catch (ProtocolException unknownKind) {
      return Optional.empty();
    }
  }
}
