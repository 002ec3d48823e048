package io.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.cli.terminal.CommandEnvironment;
import io.sluice.cli.terminal.Terminal;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs command lines in this process and keeps what they printed. */
final class TestShell {
  private final Path folder;
  private final Map<String, String> environment = new HashMap<>();
  private InputStream in = InputStream.nullInputStream();

  TestShell(Path folder) {
    this.folder = folder;
    environment.put("SLUICE_LEDGER", folder.resolve("ledger").toString());
    environment.put("SLUICE_KEYSTORE_SCRYPT_N", "4096");
    environment.put("SLUICE_STORAGE_FREE", "0");
  }

  TestShell with(String variable, String value) {
    TestShell other = new TestShell(folder);
    other.environment.clear();
    other.environment.putAll(environment);
    other.environment.put(variable, value);
    return other;
  }

  TestShell without(String variable) {
    TestShell other = with(variable, "");
    other.environment.remove(variable);
    return other;
  }

  /** The same shell with something at its standard input. */
  TestShell reading(byte[] input) {
    return reading(new ByteArrayInputStream(input));
  }

  TestShell reading(InputStream input) {
    TestShell other = with("", "");
    other.in = input;
    return other;
  }

  CommandEnvironment surroundings() {
    return surroundings(new ByteArrayOutputStream(), new ByteArrayOutputStream());
  }

  private CommandEnvironment surroundings(ByteArrayOutputStream out, ByteArrayOutputStream err) {
    return new CommandEnvironment(
        in,
        new PrintWriter(out, true, StandardCharsets.UTF_8),
        new PrintWriter(err, true, StandardCharsets.UTF_8),
        out,
        environment,
        folder,
        Terminal.NONE,
        () -> null);
  }

  /** What a command line did. */
  record Ran(int exit, ByteArrayOutputStream raw, List<String> out, List<String> err) {
    /** Standard output as it was. */
    byte[] bytes() {
      return raw.toByteArray();
    }

    /** The last line of standard output. */
    JsonNode json() {
      return TestShell.json(out.getLast());
    }

    /** The lines of standard error that are no progress. */
    List<String> complaints() {
      return err.stream()
          .filter(line -> !line.matches("(asking|buying|receiving|not offered)\\b.*"))
          .toList();
    }
  }

  static JsonNode json(String line) {
    try {
      return new ObjectMapper().readTree(line);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new UncheckedIOException(line, e);
    }
  }

  Ran run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exit = Sluice.execute(surroundings(out, err), arguments);
    return new Ran(
        exit,
        out,
        out.toString(StandardCharsets.UTF_8).lines().toList(),
        err.toString(StandardCharsets.UTF_8).lines().toList());
  }

  /** A command that goes on until another ends it. */
  record Background(Thread thread, BufferedReader out) {
    /** What it says up to a line. */
    List<String> until(String last) throws IOException {
      List<String> said = new ArrayList<>();
      String line = out.readLine();
      while (line != null && !line.equals(last)) {
        said.add(line);
        line = out.readLine();
      }
      if (line == null) {
        throw new AssertionError("it ended after " + said);
      }
      said.add(line);
      return said;
    }
  }

  Background start(String... arguments) throws IOException {
    PipedInputStream reader = new PipedInputStream(1 << 16);
    PipedOutputStream out = new PipedOutputStream(reader);
    CommandEnvironment streams =
        new CommandEnvironment(
            in,
            new PrintWriter(out, true, StandardCharsets.UTF_8),
            new PrintWriter(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
            out,
            environment,
            folder,
            Terminal.NONE,
            () -> null);
    Thread thread =
        Thread.ofPlatform()
            .name("in the background")
            .start(
                () -> {
                  Sluice.execute(streams, arguments);
                  streams.out().close();
                });
    return new Background(
        thread, new BufferedReader(new InputStreamReader(reader, StandardCharsets.UTF_8)));
  }

  Ran ok(String... arguments) {
    Ran ran = run(arguments);
    if (ran.exit() != 0) {
      throw new AssertionError(List.of(arguments) + " failed: " + ran.err());
    }
    return ran;
  }
}
