package io.sluice.protocol.libp2p;

import io.sluice.protocol.multiformats.Multiaddr;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** The js-libp2p host of {@code src/test/peers/js}, in a process of its own. */
final class JsPeer implements AutoCloseable {
  static final String ECHO = "/sluice-test/echo/1.0.0";

  /** Takes all until the opener's half is closed, and answers then with length and SHA-256. */
  static final String DIGEST = "/sluice-test/digest/1.0.0";

  /** Resets the stream at its first byte. */
  static final String ABORT = "/sluice-test/abort/1.0.0";

  private static final int NO_TOOLCHAIN = 3;
  private static final Path TARGET = Path.of("target", "peers", "js").toAbsolutePath();

  private final Process process;
  private final BufferedReader out;

  private JsPeer(Process process) {
    this.process = process;
    this.out = process.inputReader(StandardCharsets.UTF_8);
  }

  /**
   * Installs it where that has not been done yet; skips the test, aloud, on a machine without Node.
   */
  static void require() throws IOException, InterruptedException {
    int exit =
        new ProcessBuilder("src/test/peers/js/build.sh", TARGET.toString())
            // Not inherited: the test runner talks to this process over its standard input and
            // output.
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start()
            .waitFor();
    if (exit == NO_TOOLCHAIN) {
      System.err.println("SKIPPED: the tests against js-libp2p need Node 20 or newer");
    }
    Assumptions.assumeTrue(exit != NO_TOOLCHAIN, "no Node 20 or newer on this machine");
    if (exit != 0) {
      throw new IOException("the js peer could not be built: exit " + exit);
    }
  }

  static JsPeer run(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("node", TARGET.resolve("peer.mjs").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    return new JsPeer(builder.start());
  }

  /** Of a listening peer: where. Returns once it is ready. */
  Multiaddr address() throws IOException {
    Multiaddr address = null;
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith("listening ")) {
        address = Multiaddr.parse(line.substring("listening ".length()));
      } else if (line.equals("ready") && address != null) {
        return address;
      }
    }
    throw new IOException("the js peer ended before it listened");
  }

  /** Of a dialling peer: the JSON object it prints at the end. */
  String result() throws IOException, InterruptedException {
    String last = "";
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      last = line;
    }
    process.waitFor();
    return last;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
