package io.sluice.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that several commands have, each group in one place. */
final class SharedOptions {
  private SharedOptions() {}

  /** Where content goes that a command writes, and in which form. */
  static final class ContentOut {
    @Option(
        names = {"-o", "--out"},
        paramLabel = "OUT",
        description = "Where to; - is standard output. Default: a file named after the content.")
    @Nullable Path out;

    @Option(names = "--car", description = "Write a CAR.")
    boolean car;

    @Option(names = "--force", description = "Replace the file if it is there.")
    boolean force;
  }

  /** The file of a command that writes one and has to be told which. */
  static final class NewFile {
    @Option(
        names = {"-o", "--out"},
        paramLabel = "FILE",
        required = true,
        description = "The file to make.")
    Path out = Path.of("");
  }

  /** The provider of a command that asks one. */
  static final class OneProvider {
    @Option(
        names = "--provider",
        paramLabel = "ADDR",
        required = true,
        description = "Multiaddr with the provider's peer id.")
    String address = "";
  }
}
