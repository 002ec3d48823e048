package io.sluice.cli.chain;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.NodeConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The packages that the lock file carried by this program names, installed in the user's cache:
 * each lock file has a folder of its own there, which is installed once and then only read.
 */
final class NpmPackages {
  private static final List<String> NAMING = List.of("package.json", "package-lock.json");

  private NpmPackages() {}

  /**
   * Installs them unless they are there; waits for another process that does.
   *
   * @param say takes what somebody should know
   * @return the folder of packages
   * @throws ServiceException {@code IO} if npm fails, with its last words
   */
  static Path installed(NodeJs node, Map<String, String> environment, Consumer<String> say)
      throws ServiceException, IOException, InterruptedException {
    Path folder = Files.createDirectories(folder(environment));
    Path done = folder.resolve("installed");
    if (!Files.exists(done)) {
      try (FileChannel channel =
              FileChannel.open(
                  folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock held = channel.lock()) {
        if (held.isValid() && !Files.exists(done)) {
          say.accept("npm installs what a local chain needs in " + folder);
          install(node, folder);
          Files.createFile(done);
        }
      }
    }
    return folder.resolve("node_modules");
  }

  private static void install(NodeJs node, Path folder)
      throws ServiceException, IOException, InterruptedException {
    for (String name : NAMING) {
      Files.write(folder.resolve(name), resource(name));
    }
    // Scripts of packages are not run: the program is in a package as it is.
    Process npm =
        node.call(
                folder,
                List.of(
                    "ci",
                    "--omit=dev",
                    "--ignore-scripts",
                    "--no-audit",
                    "--no-fund",
                    "--loglevel=error"))
            .redirectErrorStream(true)
            .start();
    npm.getOutputStream().close();
    String said = new String(npm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (npm.waitFor() != 0) {
      throw new ServiceException(
          ErrorCode.IO, "npm could not install what a local chain needs: " + said.strip());
    }
  }

  private static Path folder(Map<String, String> environment) throws IOException {
    String cache = environment.get("XDG_CACHE_HOME");
    Path base =
        cache == null || cache.isBlank()
            ? NodeConfig.userHome(environment).resolve(".cache")
            : Path.of(cache);
    return base.resolve("sluice").resolve("chain-" + fingerprint()).toAbsolutePath();
  }

  private static String fingerprint() throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String name : NAMING) {
        digest.update(resource(name));
      }
      return HexFormat.of().formatHex(Arrays.copyOf(digest.digest(), 8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(NpmPackages.class.getResourceAsStream(name), name)) {
      return in.readAllBytes();
    }
  }
}
