package io.sluice.cli;

import io.sluice.cli.arguments.Arguments;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import java.util.Map;
import picocli.AutoComplete;
import picocli.CommandLine;

/** {@code sluice completion}: the script that completes commands in a shell. */
final class CompletionCommand extends NodeCommand {
  private String shell = "";

  @Override
  void declare(Arguments arguments) {
    arguments.word("SHELL", String.class, value -> shell = value).says("bash, zsh or fish.");
  }

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
