package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The page of commands in the reference is made from the commands themselves; {@code -Dpages=write}
 * writes it.
 */
class CommandsPageTest {
  private static final List<String> GLOBAL =
      List.of("--home", "--json", "--log", "--passphrase-file", "--help", "--version");

  @TempDir Path folder;

  @Test
  void committedPageIsThatOfTheCode() throws IOException {
    CommandLine line = Sluice.line(new TestShell(folder).surroundings());
    StringBuilder page =
        new StringBuilder(
            """
            # Commands

            Generated from the code; do not edit.

            `sluice [--home DIR] [--json] [--log LEVEL] COMMAND`: these options may stand before or after the command. Every
            command works beside a running node. With `--json` the last line on standard output is one JSON object. Amounts are
            base units or decimals with a symbol ([amounts](amounts.md)), a SIZE may have KiB, MiB or GiB, a DURATION ms, s, m, h or d.

            | option | meaning |
            |---|---|
            """);
    for (OptionSpec option : line.getCommandSpec().options()) {
      page.append("| `%s` | %s |\n".formatted(form(option), text(option.description())));
    }
    append(page, line.getCommandSpec());

    Path file = Path.of("..", "docs", "reference", "commands.md");
    if ("write".equals(System.getProperty("pages"))) {
      Files.writeString(file, page);
    }
    assertEquals(page.toString(), Files.exists(file) ? Files.readString(file) : "");
  }

  private static void append(StringBuilder page, CommandSpec group) {
    for (CommandLine line : group.subcommands().values()) {
      CommandSpec command = line.getCommandSpec();
      if (command.userObject() instanceof CommandTree.ListOfCommands) {
        append(page, command);
        continue;
      }
      if (command.usageMessage().hidden()) {
        continue;
      }
      page.append("\n## %s\n\n".formatted(command.qualifiedName()));
      page.append(text(command.usageMessage().description())).append('\n');
      StringBuilder rows = new StringBuilder();
      for (PositionalParamSpec parameter : command.positionalParameters()) {
        rows.append(
            "| `%s` | %s |\n".formatted(parameter.paramLabel(), text(parameter.description())));
      }
      for (OptionSpec option : command.options()) {
        if (!GLOBAL.contains(option.longestName())) {
          rows.append(
              "| `%s`%s | %s |\n"
                  .formatted(
                      form(option),
                      option.required() ? " (needed)" : "",
                      text(option.description())));
        }
      }
      if (!rows.isEmpty()) {
        page.append("\n| argument | meaning |\n|---|---|\n").append(rows);
      }
      append(page, command);
    }
  }

  private static String form(OptionSpec option) {
    String names = String.join("`, `", option.names());
    return option.arity().max() == 0 ? names : names + " " + option.paramLabel();
  }

  private static String text(String[] description) {
    return String.join(" ", Arrays.asList(description)).replace("$$", "$").replace("|", "\\|");
  }
}
