package io.sluice.cli;

import io.sluice.node.api.Faults;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.unixfs.DagPath;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Where content goes: to a file, which the node writes, or to this process's standard output, which
 * the node may not have and is written here.
 */
final class OutFile {
  /** Names of a process's own standard output; at the node they would be another's. */
  private static final Set<String> STANDARD_OUTPUT =
      Set.of("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1");

  private final NodeCommand command;
  private final String written;
  private final boolean stream;

  private OutFile(NodeCommand command, String written, boolean stream) {
    this.command = command;
    this.written = written;
    this.stream = stream;
  }

  /** The file for some content; without a name given, one after the content. */
  static OutFile of(NodeCommand command, SharedOptions.ContentOut given, String target, boolean car)
      throws ServiceException {
    DagPath content;
    try {
      content = DagPath.parse(target);
    } catch (ProtocolException e) {
      throw Faults.of(e, "");
    }
    if (given.out != null && STANDARD_OUTPUT.contains(given.out.toString())) {
      return new OutFile(command, "-", true);
    }
    String name = content.names().isEmpty() ? content.root().toString() : content.names().getLast();
    Path path = given.out != null ? given.out : Path.of(car ? name + ".car" : name);
    return new OutFile(command, command.absolute(path), false);
  }

  /** The path the node writes to; {@code -} for a stream. */
  String written() {
    return written;
  }

  boolean isStream() {
    return stream;
  }

  WritableByteChannel stream() {
    return Channels.newChannel(command.surroundings().raw());
  }

  /** Says what was done, and what was not: beside the content, if that is on standard output. */
  void report(Output output, Object report, List<String> lines, List<String> leftOut) {
    List<String> all = new ArrayList<>(lines);
    leftOut.forEach(entry -> all.add("left out: " + entry));
    if (!stream) {
      output.object(report, all);
    } else if (output.json()) {
      command.surroundings().err().println(output.json(report));
    } else {
      output.aside(all);
    }
  }
}
