package io.sluice.cli;

import io.sluice.node.api.ServiceException;
import java.util.List;
import java.util.Map;

/** {@code sluice version}: says which build this is. */
final class VersionCommand extends NodeCommand {
  @Override
  void run(Output output) throws ServiceException {
    output.object(Map.of("version", Version.number()), List.of(Version.current()));
  }
}
