package io.sluice.cli;

import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code sluice version}: says which build this is. */
@Command(name = "version", description = "Print the version.")
final class VersionCommand extends NodeCommand {
  @Override
  void run(Output output) {
    output.object(Map.of("version", Version.number()), List.of(Version.current()));
  }
}
