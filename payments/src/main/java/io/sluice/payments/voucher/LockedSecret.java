package io.sluice.payments.voucher;

import io.sluice.protocol.crypto.NativeCrypto;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.generators.SCrypt;

/**
 * 32 secret bytes behind a passphrase, as web3 secret storage (version 3) has them: scrypt, AES-128
 * in counter mode, and a checksum that covers passphrase and ciphertext. It does not cover the iv:
 * whoever opens one has to compare what comes out with a name beside it.
 *
 * <p>The text form is the member {@code crypto} of such a file, always laid out the same, so that
 * no JSON parser has to be woken for it.
 */
public final class LockedSecret {
  /** How many bytes are kept. */
  public static final int SECRET_BYTES = 32;

  static final String CIPHER = "aes-128-ctr";
  static final int DERIVED_BYTES = 32;
  static final int CIPHER_KEY_BYTES = 16;

  private static final int BLOCK_SIZE = 8;
  private static final int LANES = 1;
  private static final int MAX_SCRYPT_N = 1 << 20;
  private static final int SALT_BYTES = 32;
  private static final int IV_BYTES = 16;
  private static final SecureRandom RANDOM = new SecureRandom();

  private static final String TEXT =
      """
        "crypto": {
          "cipher": "aes-128-ctr",
          "cipherparams": {"iv": "%s"},
          "ciphertext": "%s",
          "kdf": "scrypt",
          "kdfparams": {"dklen": 32, "n": %d, "p": 1, "r": 8, "salt": "%s"},
          "mac": "%s"
        }\
      """;

  private static final Pattern FORM =
      Pattern.compile(
          Pattern.quote(TEXT)
              .replace("iv\": \"%s", "iv\": \"\\E([0-9a-f]{32})\\Q")
              .replace("%d", "\\E([0-9]{1,7})\\Q")
              .replace("%s", "\\E([0-9a-f]{64})\\Q"));

  private final int scryptN;
  private final byte[] salt;
  private final byte[] iv;
  private final byte[] hidden;
  private final byte[] mac;

  private LockedSecret(int scryptN, byte[] salt, byte[] iv, byte[] hidden, byte[] mac) {
    this.scryptN = scryptN;
    this.salt = salt;
    this.iv = iv;
    this.hidden = hidden;
    this.mac = mac;
  }

  /**
   * Locks a secret. Takes the time of the derivation, by design.
   *
   * @param secret {@link #SECRET_BYTES}
   * @param scryptN cost of each guess at the passphrase, a power of two from 2 to 2^20
   */
  public static LockedSecret lock(byte[] secret, String passphrase, int scryptN) {
    if (secret.length != SECRET_BYTES || !isCost(scryptN)) {
      throw new IllegalArgumentException(
          "%d bytes at a cost of %d".formatted(secret.length, scryptN));
    }
    byte[] salt = random(SALT_BYTES);
    byte[] iv = random(IV_BYTES);
    byte[] derived = derived(passphrase, salt, scryptN);
    byte[] hidden = crypt(Cipher.ENCRYPT_MODE, secret, derived, iv);
    return new LockedSecret(scryptN, salt, iv, hidden, mac(derived, hidden));
  }

  /** The first in a text, if there is one in the form that {@link #text} has. */
  public static Optional<LockedSecret> find(String text) {
    Matcher found = FORM.matcher(text);
    if (!found.find() || !isCost(Integer.parseInt(found.group(3)))) {
      return Optional.empty();
    }
    HexFormat hex = HexFormat.of();
    return Optional.of(
        new LockedSecret(
            Integer.parseInt(found.group(3)),
            hex.parseHex(found.group(4)),
            hex.parseHex(found.group(1)),
            hex.parseHex(found.group(2)),
            hex.parseHex(found.group(5))));
  }

  private static boolean isCost(int scryptN) {
    return Integer.bitCount(scryptN) == 1 && scryptN >= 2 && scryptN <= MAX_SCRYPT_N;
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  /**
   * The secret. Takes the time of the derivation.
   *
   * @throws WrongPassphraseException if the passphrase is another one, or salt or checksum were
   *     changed
   */
  public byte[] open(String passphrase) throws WrongPassphraseException {
    byte[] derived = derived(passphrase, salt, scryptN);
    if (!MessageDigest.isEqual(mac(derived, hidden), mac)) {
      throw new WrongPassphraseException("the passphrase does not open the key");
    }
    return crypt(Cipher.DECRYPT_MODE, hidden, derived, iv);
  }

  private static byte[] derived(String passphrase, byte[] salt, int scryptN) {
    return NativeCrypto.scrypt(
            passphrase,
            salt,
            new NativeCrypto.ScryptCost(scryptN, BLOCK_SIZE, LANES),
            DERIVED_BYTES)
        .orElseGet(
            () ->
                SCrypt.generate(
                    passphrase.getBytes(StandardCharsets.UTF_8),
                    salt,
                    scryptN,
                    BLOCK_SIZE,
                    LANES,
                    DERIVED_BYTES));
  }

  private static byte[] mac(byte[] derived, byte[] hidden) {
    return Keccak.hash(Arrays.copyOfRange(derived, CIPHER_KEY_BYTES, DERIVED_BYTES), hidden)
        .bytes();
  }

  /** AES in counter mode with the first half of what was derived. */
  static byte[] crypt(int mode, byte[] text, byte[] derived, byte[] iv) {
    try {
      Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
      cipher.init(
          mode, new SecretKeySpec(derived, 0, CIPHER_KEY_BYTES, "AES"), new IvParameterSpec(iv));
      return cipher.doFinal(text);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("not to be encrypted or decrypted", e);
    }
  }

  /** The member {@code crypto}, indented for a place in an object, without a comma behind it. */
  public String text() {
    HexFormat hex = HexFormat.of();
    return TEXT.formatted(
        hex.formatHex(iv), hex.formatHex(hidden), scryptN, hex.formatHex(salt), hex.formatHex(mac));
  }

  /** Names the cost, nothing that is secret. */
  @Override
  public String toString() {
    return "LockedSecret[n=" + scryptN + "]";
  }
}
