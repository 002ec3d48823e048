package io.sluice.cli;

import io.sluice.cli.terminal.Arguments;
import io.sluice.cli.terminal.ManPage;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/** {@code sluice man}: the manual page of a command, for {@code man -l -}. */
final class ManCommand extends NodeCommand {
  private List<String> words = List.of();

  @Override
  void declare(Arguments arguments) {
    arguments
        .words(0, "COMMAND", String.class, value -> words = value)
        .says("Such as: channels open. Default: sluice itself.");
  }

  @Override
  void run(Output output) throws ServiceException {
    CommandLine at = Sluice.line(surroundings());
    for (String word : words) {
      CommandLine next = at.getSubcommands().get(word);
      if (next == null) {
        throw new ServiceException(
            ErrorCode.USAGE,
            "there is no command '%s'; see 'sluice --help'".formatted(String.join(" ", words)));
      }
      at = next;
    }
    String page = ManPage.of(at.getCommandSpec());
    output.object(Map.of("page", page), page.lines().toList());
  }
}
