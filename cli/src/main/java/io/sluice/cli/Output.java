package io.sluice.cli;

import io.sluice.cli.arguments.ArgumentTypes.BadValue;
import io.sluice.cli.terminal.Table;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Faults;
import io.sluice.node.api.ServiceException;
import io.sluice.node.http.Json;
import io.sluice.payments.token.Tokens;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Prints what a command found: lines for people, or one JSON object. A failure is one line on
 * standard error; with {@code --json} that line is the error object, and standard output ends with
 * it too.
 */
final class Output {
  private final Sluice sluice;
  private Optional<Tokens> tokens = Optional.empty();

  Output(Sluice sluice) {
    this.sluice = sluice;
  }

  /**
   * Amounts are shown in these from here on. They are asked for before anything is done: what was
   * done must not fail for want of a way to say it.
   */
  Output with(Tokens known) {
    tokens = Optional.of(known);
    return this;
  }

  /** The tokens that amounts are shown in. */
  Tokens tokens() {
    return tokens.orElseThrow(() -> new IllegalStateException("nobody was asked for tokens"));
  }

  boolean json() {
    return sluice.json;
  }

  private PrintWriter out() {
    return sluice.surroundings.out();
  }

  /** A list: JSON of it, or a table. */
  void items(List<?> items, Table table) {
    object(Map.of("items", items), List.of(table));
  }

  /**
   * One object: JSON of it, or lines and {@link Table}s. On a terminal tables fit its window; for
   * programs they are whole.
   */
  void object(Object value, List<?> parts) {
    if (sluice.json) {
      out().println(json(value));
      out().flush();
      return;
    }
    boolean tables = parts.stream().anyMatch(Table.class::isInstance);
    int window = tables ? sluice.surroundings.terminal().outColumns() : 0;
    int columns = window == 0 ? Integer.MAX_VALUE : window;
    boolean cut = false;
    int widest = columns; // where figures alone are wider, for they stay whole
    for (Object part : parts) {
      if (part instanceof Table table) {
        for (String line : table.lines(columns)) {
          out().println(line);
          widest = Math.max(widest, line.length());
        }
        cut |= table.isCut(columns);
      } else {
        out().println(part);
      }
    }
    out().flush();
    if (cut) {
      aside(List.of("cut to %d columns; '| cat' or --json shows all of it".formatted(widest)));
    }
  }

  /** One line; amounts have a text beside them where tokens are known. */
  String json(Object value) {
    return tokens.map(known -> Json.write(value, known)).orElseGet(() -> Json.write(value));
  }

  /** What a person may want to know beside the result. */
  void aside(List<String> lines) {
    if (!sluice.quiet && !sluice.json) {
      lines.forEach(sluice.surroundings.err()::println);
      sluice.surroundings.err().flush();
    }
  }

  /** A command line that cannot be read. */
  int misread(ParameterException e, String[] arguments) {
    // Options after the mistake were not read.
    if (List.of(arguments).contains("--json")) {
      sluice.json = true;
    }
    ErrorCode code = e.getCause() instanceof BadValue bad ? bad.code() : ErrorCode.USAGE;
    CommandLine line = e.getCommandLine();
    return failed(
        new ServiceException(
            code,
            "%s%s; see '%s --help'"
                .formatted(oneLine(e), suggestion(e), line.getCommandSpec().qualifiedName())));
  }

  /** What was meant, if what was typed is nearly that, or is content without a command. */
  private static String suggestion(ParameterException e) {
    if (!(e instanceof UnmatchedArgumentException unmatched)) {
      return "";
    }
    String typed = unmatched.getUnmatched().getFirst();
    if (typed.matches("(Qm|baf|ipfs://|/ipfs/|https?://).*")) {
      return "; did you mean 'sluice retrieve %s --provider ADDR'?".formatted(typed);
    }
    // The library's idea of nearness reaches far; who mistypes mostly begins right.
    return unmatched.getSuggestions().stream()
        .filter(near -> near.regionMatches(0, typed, 0, typed.startsWith("--") ? 3 : 1))
        .min(Comparator.comparing(near -> !letters(near).equals(letters(typed)))) // two swapped
        .map("; did you mean '%s'?"::formatted)
        .orElse("");
  }

  private static String letters(String word) {
    char[] letters = word.toCharArray();
    Arrays.sort(letters);
    return new String(letters);
  }

  private static String oneLine(ParameterException e) {
    Throwable cause = e.getCause();
    String message = cause instanceof BadValue ? cause.getMessage() : e.getMessage();
    return String.valueOf(message).replaceAll("\\s*\\R\\s*", " ");
  }

  /** A command that could not be done. */
  int failed(Exception e, CommandLine line, ParseResult result) {
    if (e instanceof ServiceException known) {
      return failed(known);
    }
    return failed(Faults.of(e, line.getCommandSpec().name() + " failed"));
  }

  private int failed(ServiceException e) {
    String message = e.reason().replaceAll("\\s*\\R\\s*", " ");
    String prefix = e.code().name() + ": "; // as it came over the wire
    if (message.startsWith(prefix)) {
      message = message.substring(prefix.length());
    }
    int exit = e.code().exit();
    PrintWriter err = sluice.surroundings.err();
    if (sluice.json) {
      Map<String, Object> error = new LinkedHashMap<>();
      error.put("code", e.code().name());
      error.put("message", message);
      error.put("exit", exit);
      String text = Json.write(Map.of("error", error));
      err.println(text);
      out().println(text);
      out().flush();
    } else {
      err.println("sluice: " + message);
    }
    if ("debug".equals(sluice.log)) {
      e.printStackTrace(err);
    }
    err.flush();
    return exit;
  }
}
