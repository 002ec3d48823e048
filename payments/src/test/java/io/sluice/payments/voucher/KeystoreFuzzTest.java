package io.sluice.payments.voucher;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Wallet files from anywhere: a key, a wrong passphrase, or a file that is said to be bad. */
class KeystoreFuzzTest {
  private static final Path MEMORY = Path.of("/dev/shm");

  /** By design, keys take long to derive at such a cost. */
  private static final Pattern DEAR = Pattern.compile(":\\s*[0-9]{3}");

  @FuzzTest
  void walletFile(byte[] bytes) throws IOException {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    if (DEAR.matcher(text).find()) {
      return;
    }
    Path folder =
        Files.isDirectory(MEMORY)
            ? Files.createTempDirectory(MEMORY, "keys")
            : Files.createTempDirectory("keys");
    Path file = folder.resolve("wallet");
    try {
      Files.write(file, bytes);
      Keystore.decrypt(file, "p");
    } catch (BadKeyFileException | WrongPassphraseException e) {
      // said
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
  }
}
