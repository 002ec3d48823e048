package io.sluice.protocol.libp2p;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.multiformats.Varint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells peers who we are and learns who they are: asked on every new connection, pushed when our
 * protocols or addresses change. A peer's addresses are best believed when it has signed them.
 *
 * <p>Spec: libp2p identify 1.0.0 and push; RFC 0003, peer records.
 */
final class Identify {
  private static final Logger log = LoggerFactory.getLogger(Identify.class);

  static final String PROTOCOL = "/ipfs/id/1.0.0";
  static final String PUSH = "/ipfs/id/push/1.0.0";

  private static final int MAX_MESSAGES = 10;
  private static final int MAX_LENGTH_BYTES = 3;

  private final Libp2pHost host;
  private final HostTimeouts timeouts;

  Identify(Libp2pHost host, HostTimeouts timeouts) {
    this.host = host;
    this.timeouts = timeouts;
  }

  /** Answers who we are. */
  void answer(PeerConnection connection, Stream stream) throws IOException {
    stream.timeout(timeouts.identify());
    send(connection, stream);
  }

  /** Hears what has changed at the peer. */
  void hear(PeerConnection connection, Stream stream) throws IOException {
    stream.timeout(timeouts.identify());
    learn(connection, stream);
  }

  /** Asks who the peer is. */
  void ask(PeerConnection connection) throws IOException {
    try (Stream stream = host.open(connection, List.of(PROTOCOL))) {
      stream.timeout(timeouts.identify());
      stream.closeWrite();
      learn(connection, stream);
    }
  }

  /** Tells the peer what has changed here, if it wants to know. */
  void push(PeerConnection connection) throws IOException {
    if (connection.knownToSpeak(List.of(PUSH)) == null) {
      return;
    }
    try (Stream stream = host.open(connection, List.of(PUSH))) {
      stream.timeout(timeouts.identify());
      send(connection, stream);
    }
  }

  private void send(PeerConnection connection, Stream stream) throws IOException {
    byte[] message = describe(connection).encoded();
    stream.write(ByteBuffer.wrap(Varint.encode(message.length)), ByteBuffer.wrap(message));
    stream.closeWrite();
  }

  private IdentifyMessage describe(PeerConnection connection) {
    boolean near = connection.remoteIp().isLoopbackAddress();
    List<Multiaddr> listen =
        host.addresses().stream().filter(each -> near || !loopback(each)).toList();
    IdentifyMessage full = describe(connection, listen, near);
    return full.encoded().length <= IdentifyMessage.MAX_SENT
        ? full
        // A machine with very many addresses: the first few will do.
        : describe(connection, listen.subList(0, Math.min(8, listen.size())), near);
  }

  private IdentifyMessage describe(
      PeerConnection connection, List<Multiaddr> listen, boolean near) {
    return new IdentifyMessage(
        host.publicKey().encoded(),
        listen,
        host.protocols(),
        Optional.of(connection.remoteAddress()),
        host.agent(),
        Optional.of(host.records().of(listen, near)));
  }

  private static boolean loopback(Multiaddr address) {
    String value = address.components().getFirst().value();
    return value.startsWith("127.") || value.equals("::1");
  }

  private void learn(PeerConnection connection, Stream stream) throws IOException {
    IdentifyMessage told;
    try {
      told = IdentifyMessage.decode(readAll(stream));
      byte[] key = told.publicKey();
      if (key.length > 0 && !PublicKey.decode(key).equals(connection.key())) {
        throw new ProtocolException("DECODE_MALFORMED", "peer identifies itself by another's key");
      }
    } catch (ProtocolException malformed) {
      throw new HandshakeException("identify: " + malformed.getMessage(), malformed);
    }
    connection.identified(told);
    PeerBook book = host.book();
    book.told(connection.peer(), dialable(connection, told.listen()), told.protocols());
    told.signedRecord()
        .flatMap(envelope -> record(connection, envelope))
        .ifPresent(
            record ->
                book.signed(
                    connection.peer(),
                    record.sequence(),
                    dialable(connection, record.addresses())));
  }

  /** What the peer has signed; what is not its own, or broken, is as if it were not there. */
  private static Optional<PeerRecord> record(PeerConnection connection, byte[] envelope) {
    try {
      PeerRecord record = PeerRecord.open(envelope);
      if (record.peer().equals(connection.peer())) {
        return Optional.of(record);
      }
      log.debug("{} hands on a record of {}", connection.peer(), record.peer());
    } catch (ProtocolException bad) {
      log.debug("record of {}: {}", connection.peer(), bad.getMessage());
    }
    return Optional.empty();
  }

  /** A peer cannot have us dial whatever we alone can reach. */
  private static List<Multiaddr> dialable(PeerConnection connection, List<Multiaddr> told) {
    PeerId peer = connection.peer();
    return told.stream()
        .filter(each -> each.peerId().map(peer::equals).orElse(true))
        .filter(each -> each.components().size() > 1) // not of a peer alone
        .map(Multiaddr::withoutPeer)
        .filter(each -> TcpAddress.trustworthy(each, connection.remoteIp()))
        .toList();
  }

  /** The messages of a stream without their lengths: protobuf merges by appending. */
  private static byte[] readAll(Stream stream) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(IdentifyMessage.MAX_LENGTH + Varint.MAX_SIZE);
    int messages = 0;
    boolean open = true;
    while (open && messages < MAX_MESSAGES) {
      open = stream.read(buffer) >= 0;
      buffer.flip();
      for (byte[] next = next(buffer); next != null; next = next(buffer)) {
        all.writeBytes(next);
        messages++;
      }
      buffer.compact();
    }
    if (messages == 0) {
      throw new ProtocolException("DECODE_TRUNCATED", "peer said nothing");
    }
    return all.toByteArray();
  }

  private static byte @Nullable [] next(ByteBuffer buffer) {
    ByteBuffer ahead = buffer.duplicate();
    Varint.Partial length = new Varint.Partial();
    boolean whole = false;
    while (!whole) {
      if (!ahead.hasRemaining()) {
        return null;
      }
      whole = length.take(ahead.get());
      if (length.value() > IdentifyMessage.MAX_LENGTH || length.size() > MAX_LENGTH_BYTES) {
        throw new ProtocolException(
            "MESSAGE_TOO_LARGE", "identify message of " + length.value() + " bytes");
      }
    }
    if (ahead.remaining() < length.value()) {
      return null;
    }
    byte[] message = new byte[(int) length.value()];
    ahead.get(message);
    buffer.position(ahead.position());
    return message;
  }
}
