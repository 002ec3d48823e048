package io.sluice.payments.voucher;

import io.sluice.protocol.retrieval.EvmAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.web3j.crypto.Credentials;
import org.web3j.crypto.Wallet;
import org.web3j.crypto.WalletFile;
import org.web3j.crypto.WalletUtils;
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
   */
  public SigningKey load(EvmAddress account, String passphrase) throws IOException {
    Path file = file(account);
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    SigningKey key = decrypt(read(file), passphrase);
    if (!key.address().equals(account)) {
      throw new IOException("%s holds the key of %s".formatted(file, key.address()));
    }
    return key;
  }

  /** The encrypted file of one account, as it is kept. */
  public String export(EvmAddress account) throws IOException {
    return read(file(account));
  }

  /** Takes over the key of a wallet file made elsewhere, encrypted again under the passphrase. */
  public SigningKey importFile(Path file, String filePassphrase, String passphrase)
      throws IOException {
    SigningKey key = decrypt(read(file), filePassphrase);
    store(key, passphrase);
    return key;
  }

  /** The accounts whose keys are here, in ascending order. */
  public List<EvmAddress> accounts() throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    List<EvmAddress> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
        if (name.matches()) {
          found.add(EvmAddress.parse("0x" + name.group(1)));
        }
      }
    }
    found.sort(null);
    return List.copyOf(found);
  }

  private Path file(EvmAddress account) {
    return directory.resolve(account.toString().substring(2) + ".json");
  }

  private static String read(Path file) throws IOException {
    if (Files.size(file) > MAX_FILE_BYTES) {
      throw new IOException("too large for a wallet file: " + file);
    }
    return Files.readString(file);
  }

  private static SigningKey decrypt(String json, String passphrase) throws IOException {
    try {
      Credentials credentials = WalletUtils.loadJsonCredentials(passphrase, json);
      return new SigningKey(credentials.getEcKeyPair());
    } catch (CipherException e) {
      throw new WrongPassphraseException("the passphrase does not open the wallet file", e);
    }
  }

  private String encrypt(SigningKey key, String passphrase) throws IOException {
    try {
      return json(Wallet.create(passphrase, key.pair(), scryptN, 1));
    } catch (CipherException e) {
      throw new IOException("cannot encrypt the key of " + key.address(), e);
    }
  }

  /** Every value is a number, hex digits or a fixed word, so nothing needs escaping. */
  private static String json(WalletFile file) {
    WalletFile.Crypto crypto = file.getCrypto();
    WalletFile.ScryptKdfParams kdf = (WalletFile.ScryptKdfParams) crypto.getKdfparams();
    return """
    {
      "address": "%s",
      "crypto": {
        "cipher": "%s",
        "cipherparams": {"iv": "%s"},
        "ciphertext": "%s",
        "kdf": "%s",
        "kdfparams": {"dklen": %d, "n": %d, "p": %d, "r": %d, "salt": "%s"},
        "mac": "%s"
      },
      "id": "%s",
      "version": 3
    }
    """
        .formatted(
            file.getAddress(),
            crypto.getCipher(),
            crypto.getCipherparams().getIv(),
            crypto.getCiphertext(),
            crypto.getKdf(),
            kdf.getDklen(),
            kdf.getN(),
            kdf.getP(),
            kdf.getR(),
            kdf.getSalt(),
            crypto.getMac(),
            file.getId());
  }
}
