package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.ProtocolException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Vectors: libp2p specs, tls/tls.md, "Test vectors"; two of the four name no issuer. */
class PeerCertificateTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static byte[] published(String name) throws IOException {
    try (InputStream in = PeerCertificateTest.class.getResourceAsStream("tls/" + name + ".hex")) {
      String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ed25519, 12D3KooWM6CgA9iBFZmcYAHA6A2qvbAxqfkmrYiRQuz3XEsk4Ksv",
    "ecdsa, QmfXbAwNjJLXfesgztEHe8HwgVDCMMpZ9Eax1HYq6hn9uE",
    "secp256k1, 16Uiu2HAkutTMoTzDw1tCvSRtu6YoixJwS46S1ZFxW8hSx9fWHiPs"
  })
  void givenPublishedCertificate_thenItsPeer(String name, String peer) throws IOException {
    assertEquals(peer, PeerCertificate.verify(published(name), NOW).peerId().toString());
  }

  @Test
  void givenForgedHostSignature_thenRefused() throws IOException {
    byte[] forged = published("bad-signature");

    assertThrows(ProtocolException.class, () -> PeerCertificate.verify(forged, NOW));
  }

  @Test
  void whenGenerated_thenProvesItsHost() throws Exception {
    Identity identity = Identity.generate();

    HostCertificate certificate = HostCertificate.generate(identity, NOW);

    assertEquals(identity.peerId(), PeerCertificate.verify(certificate.der(), NOW).peerId());
  }

  @Test
  void givenOutsideItsTime_thenRefused() throws Exception {
    byte[] der = HostCertificate.generate(Identity.generate(), NOW).der();

    assertThrows(
        ProtocolException.class, () -> PeerCertificate.verify(der, NOW.minus(Duration.ofHours(2))));
    assertThrows(
        ProtocolException.class,
        () -> PeerCertificate.verify(der, NOW.plus(Duration.ofDays(40_000))));
  }

  @Test
  void givenAnyPrefixOrFlippedByte_thenTypedError() throws Exception {
    Identity identity = Identity.generate();
    byte[] der = HostCertificate.generate(identity, NOW).der();
    Random random = new Random(25);

    for (int length = 0; length < der.length; length++) {
      byte[] prefix = Arrays.copyOf(der, length);
      assertThrows(ProtocolException.class, () -> PeerCertificate.verify(prefix, NOW));
    }
    for (int at = 0; at < der.length; at++) {
      byte[] changed = der.clone();
      changed[at] ^= (byte) (1 << random.nextInt(8));
      int where = at;
      assertThrows(
          ProtocolException.class,
          () -> PeerCertificate.verify(changed, NOW),
          () -> "byte " + where);
    }
  }
}
