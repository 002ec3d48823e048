package io.sluice.cli.chain;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Node.js with npm, as it is on this machine.
 *
 * @param npm the program
 * @param path the PATH that it was found in, where it looks for others
 */
record NodeJs(Path npm, String path) {
  private static final int NEEDED = 20;

  /**
   * The first in a PATH.
   *
   * @throws ServiceException {@code NODE_JS_NEEDED} if there is none that is new enough, saying
   *     what is missing
   */
  static NodeJs find(Map<String, String> environment) throws ServiceException, IOException {
    String path = environment.getOrDefault("PATH", "");
    Optional<Path> node = program("node", path);
    Optional<Path> npm = program("npm", path);
    if (node.isEmpty() || npm.isEmpty()) {
      throw missing((node.isEmpty() ? "node" : "npm") + " is not in the PATH");
    }
    String version = version(node.get());
    if (major(version) < NEEDED) {
      throw missing("%s is %s".formatted(node.get(), version.isEmpty() ? "no node" : version));
    }
    return new NodeJs(npm.get(), path);
  }

  private static ServiceException missing(String what) {
    return new ServiceException(
        ErrorCode.NODE_JS_NEEDED,
        "a local chain needs Node.js %d or newer with npm: %s".formatted(NEEDED, what));
  }

  private static Optional<Path> program(String name, String path) {
    return Stream.of(path.split(File.pathSeparator, -1))
        .filter(Predicate.not(String::isBlank))
        .map(folder -> Path.of(folder, name))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
  }

  private static String version(Path node) throws IOException {
    Process process =
        new ProcessBuilder(node.toString(), "--version").redirectErrorStream(true).start();
    process.getOutputStream().close();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  /** Of {@code v20.1.0}: 20; 0 of what is no version. */
  static int major(String version) {
    String digits = version.replaceFirst("^v(\\d{1,6})\\..*$", "$1");
    return digits.equals(version) ? 0 : Integer.parseInt(digits);
  }

  /** A call of npm in a folder. */
  ProcessBuilder call(Path folder, List<String> words) {
    ProcessBuilder builder =
        new ProcessBuilder(Stream.concat(Stream.of(npm.toString()), words.stream()).toList())
            .directory(folder.toFile());
    builder.environment().put("PATH", path);
    return builder;
  }
}
