package io.sluice.payments.voucher;

import io.sluice.protocol.retrieval.EvmAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.web3j.crypto.exception.CipherException;

/**
 * A directory of keys in encrypted files of the usual wallet form (web3 secret storage, version 3),
 * one file an account, readable by their owner only.
 *
 * <p>A file is complete and durable before it gets its name. Methods block for the time that key
 * derivation takes, tens of milliseconds and more by design.
 */
public final class Keystore {
  /** Default cost of scrypt, N; with r = 8 it takes 32 MiB of memory. */
  public static final int DEFAULT_SCRYPT_N = 1 << 15;

  private static final Pattern NAME = Pattern.compile("([0-9a-f]{40})\\.json");
  private static final long MAX_FILE_BYTES = 64 * 1024;

  private static final Pattern ADDRESS =
      Pattern.compile("\"address\"\\s*:\\s*\"(?:0x)?([0-9a-fA-F]{40})\"");
  private static final Pattern IV = Pattern.compile("(\"iv\"\\s*:\\s*\")([0-9a-fA-F]*)\"");
  private static final int IV_DIGITS = 32;

  /** Of scrypt n, r and p, of PBKDF2 the count, which goes alone; of both the length of the key. */
  private static final Pattern COST = Pattern.compile("\"(n|r|p|c|dklen)\"\\s*:\\s*([^,}\\s]*)");

  /** A number as everybody writes it: not in quotes, without a fraction or an exponent. */
  private static final Pattern PLAIN = Pattern.compile("[0-9]{1,8}");

  private static final long MAX_KEY_BYTES = 1024;

  /** Four times what other wallets ask for: 2^18 times 8. */
  private static final long MAX_COST = 1L << 23;

  private final Path directory;
  private final int scryptN;

  /** A keystore in that directory with the default cost; the directory is made when needed. */
  public Keystore(Path directory) {
    this(directory, DEFAULT_SCRYPT_N);
  }

  /**
   * A keystore whose new files are made with that cost.
   *
   * @param scryptN a power of two from 2 to 2^20
   */
  public Keystore(Path directory, int scryptN) {
    if (Integer.bitCount(scryptN) != 1 || scryptN < 2 || scryptN > 1 << 20) {
      throw new IllegalArgumentException("scrypt N must be a power of two to 2^20: " + scryptN);
    }
    this.directory = directory;
    this.scryptN = scryptN;
  }

  /** Writes the key encrypted under the passphrase; an account already here is left as it is. */
  public void store(SigningKey key, String passphrase) throws IOException {
    Path target = file(key.address());
    if (Files.exists(target)) {
      return;
    }
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    byte[] json = encrypt(key, passphrase).getBytes(StandardCharsets.UTF_8);
    Path temporary =
        Files.createTempFile(
            directory,
            "new-",
            ".tmp",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(json);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    syncDirectory();
  }

  private void syncDirectory() throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * Decrypts one account's key.
   *
   * @throws NoSuchFileException if the account is not here
   * @throws WrongPassphraseException if the passphrase does not open it
   * @throws BadKeyFileException if no passphrase would
   */
  public SigningKey load(EvmAddress account, String passphrase) throws IOException {
    Path file = file(account);
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    SigningKey key = decrypt(file, passphrase);
    if (!key.address().equals(account)) {
      throw new BadKeyFileException("%s holds the key of %s".formatted(file, key.address()));
    }
    return key;
  }

  /** The encrypted file of one account, as it is kept. */
  public String export(EvmAddress account) throws IOException {
    return read(file(account));
  }

  /**
   * Takes over the key of a wallet file made elsewhere, encrypted again under the passphrase.
   *
   * @throws WrongPassphraseException if its passphrase does not open it
   * @throws BadKeyFileException if no passphrase would
   */
  public SigningKey importFile(Path file, String filePassphrase, String passphrase)
      throws IOException {
    SigningKey key = decrypt(file, filePassphrase);
    store(key, passphrase);
    return key;
  }

  /**
   * The accounts whose keys are here, in ascending order.
   *
   * @throws BadKeyFileException if a file says that it holds the key of another account than its
   *     name does: money that comes to that name could not be signed for
   */
  public List<EvmAddress> accounts() throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    List<EvmAddress> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
        if (name.matches()) {
          found.add(named(file, EvmAddress.parse("0x" + name.group(1))));
        }
      }
    }
    found.sort(null);
    return List.copyOf(found);
  }

  private static EvmAddress named(Path file, EvmAddress account) throws IOException {
    Optional<EvmAddress> says;
    try {
      says = says(read(file));
    } catch (BadKeyFileException e) {
      return account; // whoever loads it is told
    }
    if (says.isPresent() && !says.get().equals(account)) {
      throw new BadKeyFileException(
          "%s says that it holds the key of %s; rename it to %s"
              .formatted(file, says.get(), nameOf(says.get())));
    }
    return account;
  }

  /** The account that a wallet file names; nothing tells that the key is that account's. */
  private static Optional<EvmAddress> says(String json) {
    Matcher address = ADDRESS.matcher(json);
    return address.find()
        ? Optional.of(EvmAddress.parse("0x" + address.group(1)))
        : Optional.empty();
  }

  private Path file(EvmAddress account) {
    return directory.resolve(nameOf(account));
  }

  private static String nameOf(EvmAddress account) {
    return account.toString().substring(2) + ".json";
  }

  private static String read(Path file) throws IOException {
    if (Files.size(file) > MAX_FILE_BYTES) {
      throw new BadKeyFileException("too large for a wallet file: " + file);
    }
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new BadKeyFileException(file + " is not a wallet file: it is not text", e);
    }
  }

  /**
   * The checksum inside a wallet file covers the passphrase and the ciphertext and nothing else: a
   * changed iv gives another key without a word. What tells is the address beside it.
   */
  static SigningKey decrypt(Path file, String passphrase) throws IOException {
    String json = read(file);
    checkCost(file, json);
    SigningKey key;
    try {
      key = WalletCipher.open(wholeIv(file, json), passphrase);
    } catch (CipherException e) {
      if (String.valueOf(e.getMessage()).contains("password")) {
        throw new WrongPassphraseException("the passphrase does not open the wallet file", e);
      }
      throw new BadKeyFileException("%s: %s".formatted(file, e.getMessage()), e);
    } catch (IOException | RuntimeException e) {
      throw new BadKeyFileException(file + " is not a wallet file, or is malformed", e);
    }
    Optional<EvmAddress> says = says(json);
    if (says.isPresent() && !says.get().equals(key.address())) {
      throw new BadKeyFileException(
          "%s is damaged: it says %s and holds the key of %s"
              .formatted(file, says.get(), key.address()));
    }
    return key;
  }

  /** Some wallets take the iv for a number and leave its leading zeros out. */
  private static String wholeIv(Path file, String json) throws IOException {
    Matcher iv = IV.matcher(json);
    if (!iv.find() || iv.group(2).length() > IV_DIGITS) {
      throw new BadKeyFileException(file + " is malformed: no iv of 16 bytes");
    }
    String whole = "0".repeat(IV_DIGITS - iv.group(2).length()) + iv.group(2);
    return json.substring(0, iv.start(2)) + whole + json.substring(iv.end(2));
  }

  /**
   * Before anything is allocated: a changed digit may ask for all memory there is. The library
   * reads a name that is written with escapes, and numbers in any form; such a file nobody makes.
   */
  private static void checkCost(Path file, String json) throws IOException {
    if (json.indexOf('\\') >= 0) {
      throw new BadKeyFileException(file + " is malformed: it has escapes");
    }
    Matcher cost = COST.matcher(json);
    long product = 1;
    while (cost.find()) {
      boolean plain = PLAIN.matcher(cost.group(2)).matches();
      long value = plain ? Long.parseLong(cost.group(2)) : Long.MAX_VALUE;
      boolean length = cost.group(1).equals("dklen");
      if (!plain || (length && value > MAX_KEY_BYTES)) {
        throw new BadKeyFileException("%s asks for too much: %s".formatted(file, cost.group()));
      }
      product *= length ? 1 : Math.max(1, value);
      if (product > MAX_COST) {
        throw new BadKeyFileException("%s asks for too much: %s".formatted(file, cost.group()));
      }
    }
  }

  private String encrypt(SigningKey key, String passphrase) {
    return """
    {
      "address": "%s",
    %s,
      "id": "%s",
      "version": 3
    }
    """
        .formatted(
            key.address().toString().substring(2),
            LockedSecret.lock(key.secret(), passphrase, scryptN).text(),
            UUID.randomUUID());
  }
}
