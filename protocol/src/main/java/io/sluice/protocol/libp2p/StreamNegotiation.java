package io.sluice.protocol.libp2p;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.multiformats.Varint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Agrees on the protocol of one stream, within one deadline. Blocking. Spec: multistream-select
 * 1.0.0.
 */
final class StreamNegotiation {
  private final YamuxStream stream;
  private final long deadline;

  StreamNegotiation(YamuxStream stream, Duration timeout) {
    this.stream = stream;
    this.deadline = Ticker.SYSTEM.nanos() + timeout.toNanos();
  }

  /** What an initiator sends first; on its own if the answer will be read later. */
  static byte[] opening(String protocol) {
    return Multistream.encode(Multistream.HEADER, protocol);
  }

  /** Proposes one after the other; the first that the peer takes. */
  String propose(PeerId peer, List<String> protocols) throws IOException {
    write(opening(protocols.getFirst()));
    readHeader();
    for (int at = 0; ; ) {
      String proposal = protocols.get(at);
      if (accepted(proposal)) {
        return proposal;
      }
      at++;
      if (at == protocols.size()) {
        throw new ProtocolNotSupportedException(peer, protocols);
      }
      write(Multistream.encode(protocols.get(at)));
    }
  }

  /** Reads the answer to an {@link #opening} that went out long ago. */
  void confirm(PeerId peer, String protocol) throws IOException {
    readHeader();
    if (!accepted(protocol)) {
      throw new ProtocolNotSupportedException(peer, List.of(protocol));
    }
  }

  private boolean accepted(String proposal) throws IOException {
    String answer = read();
    if (answer.equals(proposal)) {
      return true;
    }
    if (answer.equals(Multistream.NOT_AVAILABLE)) {
      return false;
    }
    throw new ProtocolException("DECODE_MALFORMED", "peer answered a proposal with something else");
  }

  /** Hears proposals until one is served here; null if the peer gave up. */
  @Nullable String respond(Predicate<String> served) throws IOException {
    write(Multistream.encode(Multistream.HEADER));
    readHeader();
    for (int i = 0; i < Multistream.MAX_PROPOSALS; i++) {
      String proposal = read();
      if (served.test(proposal)) {
        write(Multistream.encode(proposal));
        return proposal;
      }
      write(Multistream.encode(Multistream.NOT_AVAILABLE));
    }
    return null;
  }

  private void readHeader() throws IOException {
    if (!read().equals(Multistream.HEADER)) {
      throw new ProtocolException("DECODE_MALFORMED", "peer does not speak multistream-select");
    }
  }

  private String read() throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    Varint.Partial length = new Varint.Partial();
    do {
      fill(one.clear());
    } while (!Multistream.takeLength(length, one.get(0)));
    ByteBuffer message = ByteBuffer.allocate((int) length.value());
    fill(message);
    return Multistream.text(message.array());
  }

  private void fill(ByteBuffer target) throws IOException {
    while (target.hasRemaining()) {
      if (stream.read(target, left()) < 0) {
        throw new HandshakeException("peer closed the stream before a protocol was agreed on");
      }
    }
  }

  private void write(byte[] bytes) throws IOException {
    stream.write(new ByteBuffer[] {ByteBuffer.wrap(bytes)}, left());
  }

  private long left() {
    return Math.max(0, deadline - Ticker.SYSTEM.nanos());
  }
}
