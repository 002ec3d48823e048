package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Vectors: libp2p specs, peer-ids/peer-ids.md, "Test vectors". */
class IdentityTest {
  private static final byte[] PRIVATE =
      hex(
          "080112407e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d"
              + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e");
  private static final byte[] PUBLIC =
      hex("080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e");
  private static final String PEER = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";
  private static final byte[] HELLO = "hello".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SIGNED_HELLO =
      hex(
          "54f7fd037768d6479d14967d3df9500ba0720166b931e5e9912e58a0ac49fbfc"
              + "ef7aa3adc9b89d736d7411749dee70eb00ff8792ecc5e8c8c39c0b97f710d40c");

  static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  @Test
  void givenPublishedKey_thenSamePeerAndSignature() {
    Identity identity = Identity.decode(PRIVATE);

    assertEquals(PEER, identity.peerId().toString());
    assertArrayEquals(PUBLIC, identity.publicKey().encoded());
    assertArrayEquals(PRIVATE, identity.encoded());
    assertArrayEquals(SIGNED_HELLO, identity.sign(HELLO));
  }

  @Test
  void givenPublicKeyTwice_thenRead() {
    byte[] older = Arrays.copyOf(PRIVATE, PRIVATE.length + 32);
    older[3] = 96;
    System.arraycopy(PRIVATE, PRIVATE.length - 32, older, PRIVATE.length, 32);

    assertEquals(PEER, Identity.decode(older).peerId().toString());
  }

  @Test
  void givenHalvesOfTwoKeys_thenRefused() {
    byte[] mixed = PRIVATE.clone();
    mixed[mixed.length - 1] ^= 1;

    assertThrows(ProtocolException.class, () -> Identity.decode(mixed));
  }

  @Test
  void givenAnyPrefix_thenTypedError() {
    for (int length = 0; length < PRIVATE.length; length++) {
      byte[] prefix = Arrays.copyOf(PRIVATE, length);
      assertThrows(ProtocolException.class, () -> Identity.decode(prefix));
    }
  }

  @Test
  void whenGenerated_thenReadBack() {
    Identity identity = Identity.generate();

    assertEquals(identity.peerId(), Identity.decode(identity.encoded()).peerId());
  }

  @Test
  void givenChangedMessageOrSignature_thenNotVerified() {
    PublicKey key = PublicKey.decode(PUBLIC);

    assertTrue(key.verifies(HELLO, SIGNED_HELLO));
    assertFalse(key.verifies(new byte[] {1}, SIGNED_HELLO));
    assertFalse(key.verifies(HELLO, Arrays.copyOf(SIGNED_HELLO, 63)));
    assertFalse(new PublicKey(PublicKey.ED25519, new byte[3]).verifies(HELLO, SIGNED_HELLO));
    assertFalse(new PublicKey(77, new byte[32]).verifies(HELLO, SIGNED_HELLO));
  }

  @Test
  void givenOtherKinds_thenPublishedPeers() {
    assertEquals(
        "16Uiu2HAmLhLvBoYaoZfaMUKuibM6ac163GwKY74c5kiSLg5KvLpY",
        PublicKey.decode(
                hex("08021221037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99"))
            .peerId()
            .toString());
    assertEquals(
        "QmVMT29id3TUASyfZZ6k9hmNyc2nYabCo4uMSpDw4zrgDk",
        PublicKey.decode(
                hex(
                    "0803125b3059301306072a8648ce3d020106082a8648ce3d03010703420004de3d300fa36ae0e8f5d530899d"
                        + "83abab44abf3161f162a4bc901d8e6ecda020e8b6d5f8da30525e71d6851510c098e5c47c646a597fb4dce"
                        + "c034e9f77c409e62"))
            .peerId()
            .toString());
  }
}
