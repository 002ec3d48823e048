package io.sluice.payments.voucher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.web3j.crypto.WalletUtils;

class KeystoreTest {
  private static final int CHEAP = 1 << 4;
  private final SecureRandom random = new SecureRandom();
  @TempDir Path home;

  @Test
  void stored_loadedWithItsPassphraseOnly() throws Exception {
    Keystore keystore = new Keystore(home.resolve("keys"), CHEAP);
    SigningKey key = SigningKey.generate(random);

    keystore.store(key, "open sesame");

    SigningKey loaded = keystore.load(key.address(), "open sesame");
    assertArrayEquals(key.secret(), loaded.secret());
    assertEquals(List.of(key.address()), keystore.accounts());
    assertThrows(WrongPassphraseException.class, () -> keystore.load(key.address(), "open barley"));
  }

  @Test
  void file_forItsOwnerOnlyAndReadableByOtherWallets() throws Exception {
    Keystore keystore = new Keystore(home.resolve("keys"));
    SigningKey key = SigningKey.generate(random);

    keystore.store(key, "p");

    Path file;
    try (var files = Files.list(home.resolve("keys"))) {
      file = files.findFirst().orElseThrow();
    }
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals(
        "rwx------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve("keys"))));
    assertEquals(
        key.address().toString(), WalletUtils.loadCredentials("p", file.toFile()).getAddress());
    assertTrue(Files.readString(file).contains("\"n\": " + Keystore.DEFAULT_SCRYPT_N));
  }

  @Test
  void storedAgain_leftAsItIs() throws Exception {
    Keystore keystore = new Keystore(home, CHEAP);
    SigningKey key = SigningKey.generate(random);
    keystore.store(key, "first");

    keystore.store(key, "second");

    assertArrayEquals(key.secret(), keystore.load(key.address(), "first").secret());
  }

  @Test
  void fileOfAnotherWallet_imported() throws Exception {
    SigningKey key = SigningKey.generate(random);
    String name = WalletUtils.generateWalletFile("theirs", key.pair(), home.toFile(), false);
    Keystore keystore = new Keystore(home.resolve("keys"), CHEAP);

    keystore.importFile(home.resolve(name), "theirs", "ours");

    assertArrayEquals(key.secret(), keystore.load(key.address(), "ours").secret());
  }

  @Test
  void unknownAccount_said() {
    Keystore keystore = new Keystore(home.resolve("none"), CHEAP);

    assertThrows(
        NoSuchFileException.class, () -> keystore.load(SigningKey.generate(random).address(), "p"));
  }

  @Test
  void text_hidesTheSecret() {
    SigningKey key = SigningKey.of(new SecureRandom().generateSeed(32));

    assertFalse(key.toString().contains(java.util.HexFormat.of().formatHex(key.secret())));
  }

  @Test
  void secretsOutOfRange_refused() {
    assertThrows(IllegalArgumentException.class, () -> SigningKey.of(new byte[32]));
    assertThrows(IllegalArgumentException.class, () -> SigningKey.of(new byte[31]));
    byte[] tooLarge = new byte[32];
    java.util.Arrays.fill(tooLarge, (byte) 0xff);
    assertThrows(IllegalArgumentException.class, () -> SigningKey.of(tooLarge));
  }
}
