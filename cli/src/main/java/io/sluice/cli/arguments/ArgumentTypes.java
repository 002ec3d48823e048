package io.sluice.cli.arguments;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.NodeConfig;
import io.sluice.node.config.Quantities;
import io.sluice.payments.token.TokenSum;
import io.sluice.payments.token.Tokens;
import io.sluice.payments.token.WrittenAmount;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** Values on a command line that have a form of their own. */
public final class ArgumentTypes {
  private ArgumentTypes() {}

  /** Money as it was written; what that is in base units depends on the tokens that are known. */
  public record Amount(WrittenAmount written) {
    /** Nothing, of whatever token. */
    public static final Amount ZERO = new Amount(WrittenAmount.ZERO);

    /** Of the token that its symbol names, or of the first that channels pay in. */
    public TokenSum sum(Tokens tokens) throws ServiceException {
      try {
        return tokens.sum(written);
      } catch (IllegalArgumentException e) {
        throw new ServiceException(ErrorCode.BAD_AMOUNT, "" + e.getMessage(), e);
      }
    }

    /** In base units of the token of that address. */
    public TokenAmount units(Tokens tokens, EvmAddress token) throws ServiceException {
      try {
        return tokens.read(written, token);
      } catch (IllegalArgumentException e) {
        throw new ServiceException(ErrorCode.BAD_AMOUNT, "" + e.getMessage(), e);
      }
    }

    /** The same, in a given token, of an amount that may not have been given. */
    public static Optional<TokenAmount> ifGiven(
        @Nullable Amount amount, Tokens tokens, EvmAddress token) throws ServiceException {
      return amount == null ? Optional.empty() : Optional.of(amount.units(tokens, token));
    }
  }

  /** A number of bytes. */
  public record Size(long bytes) {}

  /** A length of time. */
  public record Time(Duration length) {}

  /** A value that cannot be read, with the code that says what it should be. */
  public static final class BadValue extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    BadValue(ErrorCode code, String message) {
      super(message);
      this.code = code;
    }

    /** What the process ends with. */
    public ErrorCode code() {
      return code;
    }
  }

  /** Paths are those of options: of {@code --home=~/x} a shell makes nothing. */
  public static CommandLine register(CommandLine line, Map<String, String> environment) {
    return line.registerConverter(Path.class, text -> NodeConfig.path(text, environment))
        .registerConverter(
            Amount.class,
            text -> new Amount(read(text, WrittenAmount::parse, ErrorCode.BAD_AMOUNT)))
        .registerConverter(
            LocalDate.class, text -> read(text, ArgumentTypes::date, ErrorCode.BAD_DATE))
        .registerConverter(
            Size.class, text -> new Size(read(text, Quantities::size, ErrorCode.BAD_SIZE)))
        .registerConverter(
            Time.class, text -> new Time(read(text, Quantities::duration, ErrorCode.USAGE)));
  }

  private static LocalDate date(String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "'%s' is not a valid date; expected one such as 2026-11-28".formatted(text), e);
    }
  }

  private static <T> T read(String text, Function<String, T> reader, ErrorCode code) {
    try {
      return reader.apply(text);
    } catch (IllegalArgumentException e) {
      throw new BadValue(code, "" + e.getMessage());
    }
  }
}
