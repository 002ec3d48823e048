package io.sluice.cli.terminal;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a command sees of the process it runs in; tests hand in others.
 *
 * @param in standard input, for {@code import -}
 * @param out for output
 * @param err for errors, progress and logs
 * @param raw standard output as bytes, for {@code -o -}
 * @param environment variables
 * @param folder what relative paths are relative to
 * @param terminal whether a person looks at {@code out} and {@code err}
 * @param ask asks a person for a secret; gives null if there is nobody
 */
public record CommandEnvironment(
    InputStream in,
    PrintWriter out,
    PrintWriter err,
    OutputStream raw,
    Map<String, String> environment,
    Path folder,
    Terminal terminal,
    Supplier<char @Nullable []> ask) {

  /** That of this process. */
  public static CommandEnvironment ofProcess() {
    OutputStream raw = new FileOutputStream(FileDescriptor.out);
    Optional<Console> console = Optional.ofNullable(System.console()).filter(Console::isTerminal);
    return new CommandEnvironment(
        new FileInputStream(FileDescriptor.in),
        new PrintWriter(raw, true, StandardCharsets.UTF_8),
        new PrintWriter(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
        raw,
        System.getenv(),
        Path.of("").toAbsolutePath(),
        Terminal.ofProcess(System.getenv()),
        () -> console.map(it -> it.readPassword("Passphrase: ")).orElse(null));
  }
}
