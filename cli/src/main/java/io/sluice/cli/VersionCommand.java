package io.sluice.cli;

import java.util.List;
import java.util.Map;

/** {@code sluice version}: says which build this is. */
final class VersionCommand extends NodeCommand {
  @Override
  void run(Output output) {
    output.object(Map.of("version", Version.number()), List.of(Version.current()));
  }
}
