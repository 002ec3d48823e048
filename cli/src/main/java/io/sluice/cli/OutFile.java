package io.sluice.cli;

import io.sluice.node.Faults;
import io.sluice.node.api.ServiceException;
import io.sluice.node.http.Json;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.unixfs.DagPath;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where content goes: a file, or standard output by way of a file that goes away. The node writes
 * files only, since it may be another process.
 */
final class OutFile implements AutoCloseable {
  private final NodeCommand command;
  private final Path path;
  private final Optional<Path> passing;

  private OutFile(NodeCommand command, Path path, Optional<Path> passing) {
    this.command = command;
    this.path = path;
    this.passing = passing;
  }

  /** The file for some content; without a name given, one after the content. */
  static OutFile of(NodeCommand command, @Nullable Path given, String target, boolean car)
      throws ServiceException {
    DagPath content;
    try {
      content = DagPath.parse(target);
    } catch (ProtocolException e) {
      throw Faults.of(e, "'" + target + "' names no content");
    }
    if (given != null && given.toString().equals("-")) {
      try {
        Path folder = Files.createTempDirectory("sluice-out");
        return new OutFile(command, folder.resolve("content"), Optional.of(folder));
      } catch (IOException e) {
        throw Faults.of(e, "no room to pass content through");
      }
    }
    String name = content.names().isEmpty() ? content.root().toString() : content.names().getLast();
    Path path = given != null ? given : Path.of(car ? name + ".car" : name);
    return new OutFile(command, Path.of(command.absolute(path)), Optional.empty());
  }

  /** The path the node writes to. */
  String written() {
    return path.toString();
  }

  boolean isStream() {
    return passing.isPresent();
  }

  /** Passes content on to standard output, if that is where it goes, and says what was done. */
  void deliver(Output output, Object report, List<String> lines) throws IOException {
    if (passing.isEmpty()) {
      output.object(report, lines);
      return;
    }
    OutputStream raw = command.surroundings().raw();
    Files.copy(path, raw);
    raw.flush();
    if (output.json()) {
      command.surroundings().err().println(Json.write(report));
    } else {
      lines.forEach(command.surroundings().err()::println);
    }
  }

  @Override
  public void close() throws IOException {
    if (passing.isPresent()) {
      Files.deleteIfExists(path);
      Files.deleteIfExists(passing.get());
    }
  }
}
