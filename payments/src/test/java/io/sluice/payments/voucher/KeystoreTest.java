package io.sluice.payments.voucher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.retrieval.EvmAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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

  /** Some wallets take the iv for a number: one in 256 of their files has a shorter one. */
  @Test
  void ivWithoutItsLeadingZeros_read() throws Exception {
    Path file =
        Files.writeString(
            home.resolve("short"),
            """
            {"version":3,"id":"d336e6c8-ca3f-432b-bcf9-7a4c9e12d166",
            "address":"88922bcfadd7f33e65ae0e08fe19164301b5b895","crypto":{"cipher":"aes-128-ctr",
            "ciphertext":"2382ee07471d3396349c7fa99562139548b452389cfb3f0323e1f41fb54e4147",
            "cipherparams":{"iv":"048a4db4f9390450644800171a130e"},"kdf":"scrypt","kdfparams":
            {"dklen":32,"n":4096,"r":8,"p":1,
            "salt":"44bdae8d795d4e7da5466798db02236d4d4e1b92e4b7fcd281c8fa89b68f8f32"},
            "mac":"78230007081f712a62658826b2f5fbf763d2b582c74242f49c0bdf0b0cca900c"}}
            """);

    SigningKey read =
        new Keystore(home.resolve("keys"), CHEAP).importFile(file, "testpassword", "ours");

    assertEquals("0x88922bcfadd7f33e65ae0e08fe19164301b5b895", read.address().toString());
  }

  @Test
  void passphraseWithBlanks_isAllOfIt() throws Exception {
    Keystore keystore = new Keystore(home, CHEAP);
    SigningKey key = SigningKey.generate(random);
    keystore.store(key, " lea d ");

    assertArrayEquals(key.secret(), keystore.load(key.address(), " lea d ").secret());
    assertThrows(WrongPassphraseException.class, () -> keystore.load(key.address(), "lea d"));
  }

  /** Whatever form a number has in which the library reads it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "'n': 16|'n': 99999999",
        "'n': 16|'n': 1e9",
        "'n': 16|'n': '1000000000'",
        "'n': 16|'n': 16.0E7",
        "'n': 16|'\\u006e': 99999999",
        "'dklen': 32|'dklen': 2000000000"
      })
  void fileThatAsksForTooMuch_refusedBeforeItGetsIt(String change) throws Exception {
    Keystore keystore = new Keystore(home, CHEAP);
    SigningKey key = SigningKey.generate(random);
    keystore.store(key, "p");
    Path file = home.resolve(key.address().toString().substring(2) + ".json");
    String[] sides = change.replace('\'', '"').split("[|]");
    String good = Files.readString(file);
    assertTrue(good.contains(sides[0]));
    Files.writeString(file, good.replace(sides[0], sides[1]));

    BadKeyFileException refusal =
        assertThrows(BadKeyFileException.class, () -> keystore.load(key.address(), "p"));

    assertTrue(
        refusal.getMessage().matches(".* (asks for too much|is malformed: it has escapes).*"),
        refusal.getMessage());
  }

  @Test
  void fileThatIsNoText_saidSo() throws Exception {
    Path file = Files.write(home.resolve("binary"), new byte[] {'{', (byte) 0xff, '}'});

    assertThrows(
        BadKeyFileException.class,
        () -> new Keystore(home.resolve("keys"), CHEAP).importFile(file, "p", "ours"));
  }

  /** Its checksum covers the ciphertext only: a wrong iv gives another key without a word. */
  @Test
  void anyByteChangedOrLost_refusedOrHarmless() throws Exception {
    Keystore keystore = new Keystore(home, CHEAP);
    SigningKey key = SigningKey.generate(random);
    keystore.store(key, "p");
    Path file = home.resolve(key.address().toString().substring(2) + ".json");
    byte[] good = Files.readAllBytes(file);
    int refused = 0;
    for (int at = 0; at < good.length; at += 2) {
      byte[] flipped = good.clone();
      flipped[at] ^= (byte) (1 << at % 7);
      byte[] cut = java.util.Arrays.copyOf(good, good.length - 1);
      System.arraycopy(good, at + 1, cut, at, cut.length - at);
      for (byte[] bad : List.of(flipped, cut, java.util.Arrays.copyOf(good, at))) {
        Files.write(file, bad);
        try {
          assertArrayEquals(key.secret(), keystore.load(key.address(), "p").secret(), "at " + at);
        } catch (BadKeyFileException | WrongPassphraseException e) {
          refused++;
        }
      }
    }
    assertTrue(refused > good.length / 2, "only " + refused);
  }

  @Test
  void changedIv_damagedAlsoWhenImported() throws Exception {
    SigningKey key = SigningKey.generate(random);
    String name = WalletUtils.generateWalletFile("p", key.pair(), home.toFile(), false);
    String json = Files.readString(home.resolve(name));
    int digit = json.indexOf("\"iv\":\"") + 10;
    char other = json.charAt(digit) == '0' ? '1' : '0';
    Path file =
        Files.writeString(
            home.resolve("bad"), json.substring(0, digit) + other + json.substring(digit + 1));

    assertThrows(
        BadKeyFileException.class,
        () -> new Keystore(home.resolve("keys"), CHEAP).importFile(file, "p", "p"));
  }

  @Test
  void fileThatAsksForAllMemory_refusedBeforeItGetsIt() throws Exception {
    SigningKey key = SigningKey.generate(random);
    Keystore keystore = new Keystore(home, CHEAP);
    keystore.store(key, "p");
    Path file = home.resolve(key.address().toString().substring(2) + ".json");
    String json = Files.readString(file).replace("\"n\": " + CHEAP, "\"n\": 2097152");
    Files.writeString(file, json);

    assertThrows(BadKeyFileException.class, () -> keystore.load(key.address(), "p"));
    Files.writeString(file, json.replace("2097152", "99999999999999999999"));
    assertThrows(BadKeyFileException.class, () -> keystore.load(key.address(), "p"));
  }

  /** Money that comes to an account by that name could not be signed for. */
  @Test
  void fileNamedAfterAnotherAccount_isNoneOfTheAccounts() throws Exception {
    Keystore keystore = new Keystore(home.resolve("keys"), CHEAP);
    SigningKey key = SigningKey.generate(random);
    EvmAddress other = SigningKey.generate(random).address();
    keystore.store(key, "p");
    Path named = home.resolve("keys").resolve(key.address().toString().substring(2) + ".json");
    Path renamed = named.resolveSibling(other.toString().substring(2) + ".json");
    Files.move(named, renamed);

    BadKeyFileException refused =
        assertThrows(BadKeyFileException.class, () -> keystore.accounts());

    assertEquals(
        "%s says that it holds the key of %s; rename it to %s"
            .formatted(renamed, key.address(), named.getFileName()),
        refused.getMessage());
    Files.writeString(renamed, "no wallet file");
    assertEquals(List.of(other), keystore.accounts());
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
