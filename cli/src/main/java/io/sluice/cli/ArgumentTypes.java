package io.sluice.cli;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.config.NodeConfig;
import io.sluice.node.config.Quantities;
import io.sluice.protocol.retrieval.TokenAmount;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;

/** Values on a command line that have a form of their own. */
final class ArgumentTypes {
  private ArgumentTypes() {}

  /** Money in base units. */
  record Amount(TokenAmount units) {
    static final Amount ZERO = new Amount(TokenAmount.ZERO);
  }

  /** A number of bytes. */
  record Size(long bytes) {}

  /** A length of time. */
  record Time(Duration length) {}

  /** A value that cannot be read, with the code that says what it should be. */
  static final class BadValue extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    BadValue(ErrorCode code, String message) {
      super(message);
      this.code = code;
    }

    ErrorCode code() {
      return code;
    }
  }

  /** Paths are those of options: of {@code --home=~/x} a shell makes nothing. */
  static CommandLine register(CommandLine line, Map<String, String> environment) {
    return line.registerConverter(Path.class, text -> NodeConfig.path(text, environment))
        .registerConverter(
            Amount.class, text -> new Amount(read(text, Quantities::amount, ErrorCode.BAD_AMOUNT)))
        .registerConverter(
            Size.class, text -> new Size(read(text, Quantities::size, ErrorCode.BAD_SIZE)))
        .registerConverter(
            Time.class, text -> new Time(read(text, Quantities::duration, ErrorCode.USAGE)));
  }

  private static <T> T read(String text, Function<String, T> reader, ErrorCode code) {
    try {
      return reader.apply(text);
    } catch (IllegalArgumentException e) {
      throw new BadValue(code, "" + e.getMessage());
    }
  }
}
