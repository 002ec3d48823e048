package io.sluice.protocol.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.protocol.crypto.NativeCrypto.ScryptCost;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** By the examples of RFC 7914 §12. */
class ScryptTest {
  @BeforeEach
  void needsNativeCode() {
    assumeTrue(NativeCrypto.provider().isPresent(), "no native code for this platform");
  }

  private static Optional<String> scrypt(String passphrase, String salt, ScryptCost cost) {
    return NativeCrypto.scrypt(passphrase, salt.getBytes(StandardCharsets.UTF_8), cost, 64)
        .map(HexFormat.of()::formatHex);
  }

  @Test
  void examples() {
    assertEquals(
        Optional.of(
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"),
        scrypt("password", "NaCl", new ScryptCost(1024, 8, 16)));
    assertEquals(
        Optional.of(
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"),
        scrypt("pleaseletmein", "SodiumChloride", new ScryptCost(16384, 8, 1)));
  }

  @Test
  void costThatIsNone_refused() {
    assertTrue(scrypt("password", "NaCl", new ScryptCost(1000, 8, 1)).isEmpty());
    assertTrue(scrypt("password", "NaCl", new ScryptCost(-1, 8, 1)).isEmpty());
  }
}
