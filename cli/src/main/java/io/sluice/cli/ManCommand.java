package io.sluice.cli;

import io.sluice.cli.terminal.ManPage;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sluice man}: the manual page of a command, for {@code man -l -}. */
@Command(name = "man", description = "Print the manual page of a command, for 'man -l -'.")
final class ManCommand extends NodeCommand {
  @Parameters(
      paramLabel = "COMMAND",
      arity = "0..*",
      description = "Such as: channels open. Default: sluice itself.")
  List<String> words = List.of();

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
