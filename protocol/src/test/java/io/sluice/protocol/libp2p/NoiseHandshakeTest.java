package io.sluice.protocol.libp2p;

import static io.sluice.protocol.libp2p.IdentityTest.hex;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A handshake with known keys, whose bytes were confirmed by an independent implementation of
 * Noise.
 */
class NoiseHandshakeTest {
  private static final byte[] NOTHING = {};

  private NoiseHandshake initiator;
  private NoiseHandshake responder;

  private static byte[] key(int octet) {
    byte[] key = new byte[32];
    Arrays.fill(key, (byte) octet);
    return key;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @BeforeEach
  void prepare() {
    initiator = new NoiseHandshake(true, key(0x11), key(0x33));
    responder = new NoiseHandshake(false, key(0x22), key(0x44));
  }

  @Test
  void givenKnownKeys_thenKnownBytes() {
    byte[] first = initiator.write(NOTHING);
    assertArrayEquals(
        hex("7b0d47d93427f8311160781c7c733fd89f88970aef490d8aa0ee19a4cb8a1b14"), first);
    assertArrayEquals(NOTHING, responder.read(first));

    byte[] second = responder.write(ascii("payload-responder"));
    assertArrayEquals(
        hex(
            "ff2ee45601ec1b67310c7790404585ae697331eee1c1f8cf2419731c1fff3e6bfcadb15080d9fd0434a18565751d3b60"
                + "22bec571f33b6212486a1bffa54d1a1ee7712455070d4e3666e35c1eca6c109eaea2a0d8b5ca364e1b2a429f849d9d"
                + "f6918ac0a4c4b6c8ee1a9e3d4666d915e384"),
        second);
    assertArrayEquals(ascii("payload-responder"), initiator.read(second));

    byte[] third = initiator.write(ascii("payload-initiator"));
    assertArrayEquals(
        hex(
            "a7ea7dd47dddbcfcd736b91b174c6107b2ad26c161965a119a7b644e0c6b3d06e71196368dadc650f65f2099d316cc7c"
                + "01db374da83c5292ba75f0604e0b84c776c68d0d0cce77d093d654a0fa2c4e1430"),
        third);
    assertArrayEquals(ascii("payload-initiator"), responder.read(third));

    assertArrayEquals(NoiseHandshake.publicOf(key(0x22)), initiator.remoteStatic());
    assertArrayEquals(NoiseHandshake.publicOf(key(0x11)), responder.remoteStatic());
    assertArrayEquals(
        hex("30448890b990f5aa968002f84ff6b8acf3cdf5f9aa69cb2d23d5740dfebbf539"), initiator.hash());
    assertArrayEquals(initiator.hash(), responder.hash());
    assertArrayEquals(
        hex("87545187bdfc0130ee12184489f9d74da5b391ee6e64846190bc39165d273c7d"),
        initiator.transportKeys()[0]);
    byte[] sealed = initiator.transport().out().seal(NOTHING, ascii("hello"));
    assertArrayEquals(hex("ba55be97fa66e48a762932740de22240fe3f66270c"), sealed);
    assertArrayEquals(ascii("hello"), responder.transport().in().open(NOTHING, sealed));
  }

  @Test
  void givenAnyPrefixOrFlippedByteOfMessageTwo_thenTypedError() {
    responder.read(initiator.write(NOTHING));
    byte[] second = responder.write(ascii("payload"));

    for (int length = 0; length < second.length; length++) {
      byte[] prefix = Arrays.copyOf(second, length);
      assertThrows(ProtocolException.class, () -> fresh().read(prefix));
    }
    for (int at = 0; at < second.length; at++) {
      byte[] changed = second.clone();
      changed[at] ^= 0x10;
      assertThrows(ProtocolException.class, () -> fresh().read(changed));
    }
  }

  private static NoiseHandshake fresh() {
    NoiseHandshake handshake = new NoiseHandshake(true, key(0x11), key(0x33));
    handshake.write(NOTHING);
    return handshake;
  }

  @Test
  void givenMessageOutOfTurn_thenTypedError() {
    assertThrows(ProtocolException.class, () -> initiator.read(new byte[32]));
  }

  @Test
  void givenKeyOfSmallOrder_thenRefused() {
    byte[] zero = new byte[32];

    assertThrows(
        ProtocolException.class,
        () -> {
          responder.read(zero);
          responder.write(ascii("payload"));
        });
  }

  @Test
  void givenPayload_thenReadBackAndVerified() {
    Identity identity = Identity.generate();
    byte[] staticKey = NoiseHandshake.publicOf(key(0x11));
    NoisePayload payload = NoisePayload.of(identity, staticKey, List.of(Yamux.PROTOCOL));

    NoisePayload read = NoisePayload.decode(payload.encoded());

    assertEquals(identity.peerId(), read.verify(staticKey).peerId());
    assertEquals(List.of(Yamux.PROTOCOL), read.muxers());
    assertThrows(ProtocolException.class, () -> read.verify(key(1)));
  }

  @Test
  void givenMessagesInOtherOrder_thenRefused() {
    responder.read(initiator.write(NOTHING));
    initiator.read(responder.write(NOTHING));
    responder.read(initiator.write(NOTHING));
    NoiseCipher out = initiator.transport().out();
    out.seal(NOTHING, ascii("first"));
    byte[] second = out.seal(NOTHING, ascii("second"));

    assertThrows(ProtocolException.class, () -> responder.transport().in().open(NOTHING, second));
  }
}
