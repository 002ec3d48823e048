package io.sluice.cli;

import io.sluice.cli.terminal.Arguments;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Options that several commands have, each group in one place. */
final class SharedOptions {
  private SharedOptions() {}

  /** Where content goes that a command writes, and in which form. */
  static final class ContentOut {
    @Nullable Path out;

    boolean car;

    boolean force;

    void declare(Arguments arguments) {
      arguments
          .option("-o,--out=OUT", Path.class, value -> out = value)
          .says("Where to; - is standard output. Default: a file named after the content.")
          .flag("--car", value -> car = value)
          .says("Write a CAR.")
          .flag("--force", value -> force = value)
          .says("Replace the file if it is there.");
    }
  }

  /** The file of a command that writes one and has to be told which. */
  static final class NewFile {
    Path out = Path.of("");

    void declare(Arguments arguments) {
      arguments.needed("-o,--out=FILE", Path.class, value -> out = value).says("The file to make.");
    }
  }

  /** The provider of a command that asks one. */
  static final class OneProvider {
    String address = "";

    void declare(Arguments arguments) {
      arguments
          .needed("--provider=ADDR", String.class, value -> address = value)
          .says("Multiaddr with the provider's peer id, or the id alone of a known peer.");
    }
  }
}
