package io.sluice.cli;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The manual page of a command in roff, made from the command itself. */
final class ManPage {
  private final StringBuilder page = new StringBuilder();

  private ManPage() {}

  /** The page of one command; that of a group lists the commands beneath. */
  static String of(CommandSpec command) {
    ManPage made = new ManPage();
    made.write(command);
    return made.page.toString();
  }

  private void write(CommandSpec command) {
    String title = command.qualifiedName("-");
    page.append(".TH \"%s\" 1\n".formatted(title.toUpperCase(Locale.ROOT)));
    section("NAME");
    page.append("%s \\- %s\n".formatted(text(title), text(command.usageMessage().description())));
    section("SYNOPSIS");
    Help help = new Help(command, Help.defaultColorScheme(Help.Ansi.OFF));
    page.append(text(help.synopsis(0).strip().replaceAll("\\s+", " "))).append('\n');
    Map<String, CommandLine> below = new TreeMap<>(command.subcommands());
    below.values().removeIf(line -> line.getCommandSpec().usageMessage().hidden());
    if (!below.isEmpty()) {
      section("COMMANDS");
      below.forEach(
          (name, line) -> entry(name, line.getCommandSpec().usageMessage().description()));
    }
    if (!command.positionalParameters().isEmpty()) {
      section("ARGUMENTS");
      for (PositionalParamSpec parameter : command.positionalParameters()) {
        entry(parameter.paramLabel(), parameter.description());
      }
    }
    section("OPTIONS");
    for (OptionSpec option : command.options()) {
      String names = String.join(", ", option.names());
      entry(
          option.arity().max() == 0 ? names : names + " " + option.paramLabel(),
          option.description());
    }
  }

  private void section(String name) {
    page.append(".SH ").append(name).append('\n');
  }

  private void entry(String name, String... description) {
    page.append(".TP\n\\fB%s\\fR\n%s\n".formatted(text(name), text(description)));
  }

  /** Plain text, with what roff would read as its own taken from it. */
  private static String text(String... lines) {
    String text =
        String.join(" ", lines)
            .replace("%n", " ")
            .strip()
            .replace("$$", "$")
            .replace("\\", "\\e")
            .replace("-", "\\-");
    return text.startsWith(".") || text.startsWith("'") ? "\\&" + text : text;
  }
}
