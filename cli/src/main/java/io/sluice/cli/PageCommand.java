package io.sluice.cli;

import io.sluice.cli.arguments.Arguments;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * {@code sluice help} and {@code sluice man}: the page of a command, however deep it lies; as its
 * {@code --help} has it, or for {@code man -l -}.
 */
final class PageCommand extends NodeCommand {
  private final Function<CommandLine, String> form;
  private List<String> words = List.of();

  PageCommand(Function<CommandLine, String> form) {
    this.form = form;
  }

  @Override
  void declare(Arguments arguments) {
    arguments
        .words(0, "COMMAND", String.class, value -> words = value)
        .says("Such as: channels open. Default: sluice itself.");
  }

  @Override
  void run(Output output) {
    CommandLine at = Sluice.line(surroundings());
    for (String word : words) {
      CommandLine next = at.getSubcommands().get(word);
      if (next == null) {
        throw new UnmatchedArgumentException(at, List.of(word)); // which knows what was meant
      }
      at = next;
    }
    String page = form.apply(at);
    output.object(Map.of("page", page), page.lines().toList());
  }
}
