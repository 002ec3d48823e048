package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.sluice.protocol.ProtocolException;
import java.time.Instant;

/** Bytes of strangers: a value or a typed error, and nothing is left behind. */
class PeerInputFuzzTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final byte[] KEY = new byte[32];

  private interface Read {
    Object read() throws ProtocolException;
  }

  private static void valueOrTypedError(Read read) {
    try {
      assertNotNull(read.read());
    } catch (ProtocolException typed) {
      assertNotNull(typed.code());
    }
  }

  @FuzzTest
  void certificate(byte[] bytes) {
    valueOrTypedError(() -> PeerCertificate.verify(bytes, NOW));
  }

  @FuzzTest
  void noisePayload(byte[] bytes) {
    valueOrTypedError(() -> NoisePayload.decode(bytes).verify(KEY));
  }

  @FuzzTest
  void noiseMessage(byte[] bytes) {
    valueOrTypedError(
        () -> {
          NoiseHandshake handshake = new NoiseHandshake(true, KEY, KEY);
          handshake.write(new byte[0]);
          return handshake.read(bytes);
        });
  }

  @FuzzTest
  void identify(byte[] bytes) {
    valueOrTypedError(() -> IdentifyMessage.decode(bytes).encoded());
  }

  @FuzzTest
  void privateKey(byte[] bytes) {
    valueOrTypedError(() -> Identity.decode(bytes));
  }

  @FuzzTest
  void multistream(byte[] bytes) {
    valueOrTypedError(
        () -> {
          ByteBuf in = Unpooled.wrappedBuffer(bytes);
          while (Multistream.tryRead(in) != null) {}
          return in;
        });
  }

  @FuzzTest
  void yamux(byte[] bytes) {
    session(bytes);
  }

  static void session(byte[] bytes) {
    WindowBudget budget = new WindowBudget(HostLimits.DEFAULT.windowMemory());
    EmbeddedChannel channel = new EmbeddedChannel();
    YamuxSession session =
        new YamuxSession(
            channel,
            false,
            new YamuxSession.SessionLimits(HostLimits.DEFAULT, HostTimeouts.DEFAULT, budget, 1000),
            new YamuxSession.SessionListener() {
              @Override
              public void onStream(YamuxStream stream) {}

              @Override
              public void onClosed(YamuxSession over) {}
            });
    channel.pipeline().addLast(session);
    channel.writeInbound(Unpooled.wrappedBuffer(bytes));
    channel.finishAndReleaseAll();
    if (budget.free() != HostLimits.DEFAULT.windowMemory()) {
      throw new IllegalStateException("window memory leaked: " + budget.free());
    }
  }

  /** What comes before anybody is known, and what comes in the name of somebody. */
  @FuzzTest
  void noiseFrames(byte[] bytes) {
    for (PeerClaims.Decoding decoding : PeerClaims.noise()) {
      try {
        decoding.decode(bytes);
      } catch (DecoderException typed) {
        assertNotNull(typed.getCause());
      }
    }
  }
}
