package io.sluice.cli;

import io.sluice.node.Faults;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.node.http.Json;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Prints what a command found: lines for people, or one JSON object. A failure is one line on
 * standard error; with {@code --json} that line is the error object, and standard output ends with
 * it too.
 */
final class Output {
  private final Sluice sluice;

  Output(Sluice sluice) {
    this.sluice = sluice;
  }

  boolean json() {
    return sluice.json;
  }

  private PrintWriter out() {
    return sluice.surroundings.out();
  }

  /** One object: JSON of it, or the lines. */
  void object(Object value, List<String> lines) {
    if (sluice.json) {
      out().println(Json.write(value));
    } else {
      lines.forEach(out()::println);
    }
    out().flush();
  }

  /** A list: JSON of it, or a table. */
  void items(List<?> items, Table table) {
    object(Map.of("items", items), table.lines());
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
            "%s; see '%s --help'".formatted(oneLine(e), line.getCommandSpec().qualifiedName())));
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
