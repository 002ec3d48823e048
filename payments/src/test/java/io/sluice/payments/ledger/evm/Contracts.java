package io.sluice.payments.ledger.evm;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** The folder of the contract, and what npm brings for it: a compiler and a chain to try it on. */
final class Contracts {
  static final Path SOURCES = Path.of("contracts");
  private static final Path INSTALLED = Path.of("target", "contracts").toAbsolutePath();
  private static final int NO_TOOLCHAIN = 3;

  private Contracts() {}

  /** Installs what package-lock.json names, once; skips the test, aloud, where there is no Node. */
  static void needed() throws IOException, InterruptedException {
    int exit =
        run("../protocol/src/test/peers/js/build.sh", INSTALLED.toString(), SOURCES.toString());
    if (exit == NO_TOOLCHAIN) {
      System.err.println("SKIPPED: the tests of the contract need Node 20 or newer with npm");
    }
    Assumptions.assumeTrue(exit != NO_TOOLCHAIN, "no Node 20 or newer on this machine");
    if (exit != 0) {
      throw new IOException("the contract's tools could not be installed: exit " + exit);
    }
  }

  /** Where npm has put its packages. */
  static Path packages() {
    return INSTALLED.resolve("node_modules");
  }

  /** A script that stands beside them. */
  static Path script(String name) {
    return INSTALLED.resolve(name);
  }

  /** Runs a program until it ends; what it says against it is shown. */
  static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        // Not inherited: the test runner talks to this process over its standard input and output.
        .redirectInput(Path.of("/dev/null").toFile())
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start()
        .waitFor();
  }
}
