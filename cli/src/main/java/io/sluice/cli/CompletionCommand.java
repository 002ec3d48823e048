package io.sluice.cli;

import io.sluice.cli.terminal.FishCompletion;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import java.util.Map;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sluice completion}: the script that completes commands in a shell. */
@Command(
    name = "completion",
    description = "Print the script that completes commands in a shell, for its start-up file.")
final class CompletionCommand extends NodeCommand {
  @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.")
  String shell = "";

  @Override
  void run(Output output) throws ServiceException {
    CommandLine program = Sluice.line(surroundings());
    String script =
        switch (shell) {
          // The one script is for both: it switches zsh to understand bash's.
          case "bash", "zsh" -> AutoComplete.bash("sluice", program);
          case "fish" -> FishCompletion.script(program);
          default ->
              throw new ServiceException(
                  ErrorCode.USAGE,
                  "no completion for '%s'; expected bash, zsh or fish".formatted(shell));
        };
    output.object(Map.of("shell", shell, "script", script), script.lines().toList());
  }
}
