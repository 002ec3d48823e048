package io.sluice.protocol.libp2p;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sluice.protocol.ClaimedLengthTest.Claim;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;

/** What a stranger may claim before anybody knows who it is. */
public final class PeerClaims {
  private static final byte[] KEY = new byte[32];

  private PeerClaims() {}

  /** Takes bytes as they come from a socket. */
  interface Decoding {
    void decode(byte[] bytes);
  }

  static List<Decoding> noise() {
    return List.of(PeerClaims::handshake, PeerClaims::transport);
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  /** One for each decoder of the host. */
  public static List<Claim> all() {
    return List.of(
        new Claim(
            "multistream message",
            () -> Multistream.tryRead(Unpooled.wrappedBuffer(hex("ff0700")))),
        new Claim("noise handshake message", () -> handshake(hex("ffff00"))),
        new Claim("noise payload, a key of 2^31", () -> NoisePayload.decode(hex("0affffffff0700"))),
        new Claim("noise transport frame", () -> transport(hex("ffff00"))),
        new Claim("yamux data frame of 2^32", () -> yamux(hex("0000000100000001ffffffff00"))),
        new Claim("yamux window of 2^32", () -> yamux(hex("0001000100000001ffffffff00"))),
        new Claim("yamux ping", () -> yamux(hex("0002000100000000ffffffff00"))),
        new Claim("identify, a field of 2^31", () -> IdentifyMessage.decode(hex("12ffffffff0700"))),
        new Claim("public key of 2^31", () -> PublicKey.decode(hex("080112ffffffff0700"))),
        new Claim(
            "certificate of 2^31",
            () -> PeerCertificate.verify(hex("30847fffffff00"), Instant.EPOCH)));
  }

  private static void handshake(byte[] bytes) {
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new NoiseHandler(
                new NoiseHandshake(false, KEY, KEY),
                new NoisePayload(KEY, KEY, List.of()),
                (ctx, peer) -> {}));
    channel.writeInbound(Unpooled.wrappedBuffer(bytes));
    channel.finishAndReleaseAll();
  }

  private static void transport(byte[] bytes) {
    EmbeddedChannel channel = new EmbeddedChannel(new NoiseDecoder(new NoiseCipher(KEY)));
    channel.writeInbound(Unpooled.wrappedBuffer(bytes));
    channel.finishAndReleaseAll();
  }

  private static void yamux(byte[] bytes) {
    PeerInputFuzzTest.session(bytes);
  }
}
