package io.sluice.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The completion script for fish, made from the commands themselves. A line for each command and
 * option says after which words it can stand.
 */
final class FishCompletion {
  private final String program;
  private final StringBuilder script = new StringBuilder();

  private FishCompletion(String program) {
    this.program = program;
  }

  /** The script for a program and all its commands. */
  static String script(CommandLine program) {
    CommandSpec root = program.getCommandSpec();
    FishCompletion made = new FishCompletion(root.name());
    made.script.append("# Completion of %s for fish.\n".formatted(root.name()));
    made.command(root, List.of());
    return made.script.toString();
  }

  private void command(CommandSpec command, List<String> path) {
    Set<String> names = new TreeSet<>();
    for (Map.Entry<String, CommandLine> below : command.subcommands().entrySet()) {
      CommandSpec sub = below.getValue().getCommandSpec();
      if (!sub.usageMessage().hidden()) {
        names.add(below.getKey());
      }
    }
    String here = after(path);
    if (path.isEmpty()) {
      script.append("set -l %s_commands %s\n".formatted(program, String.join(" ", names)));
      here = "not __fish_seen_subcommand_from $%s_commands".formatted(program);
    } else if (!names.isEmpty()) {
      here += "; and not __fish_seen_subcommand_from " + String.join(" ", names);
    }
    for (String name : names) {
      CommandSpec sub = specOf(command, name);
      line(here, "-f -a " + name, sub.usageMessage().description());
    }
    // Options of the whole program are inherited by every command: once is enough.
    for (OptionSpec option : command.options()) {
      if (path.isEmpty() || !option.inherited()) {
        line(path.isEmpty() ? "" : here, form(option), option.description());
      }
    }
    for (String name : names) {
      List<String> longer = new ArrayList<>(path);
      longer.add(name);
      command(specOf(command, name), longer);
    }
  }

  private static CommandSpec specOf(CommandSpec command, String name) {
    CommandLine line = command.subcommands().get(name);
    if (line == null) {
      throw new IllegalArgumentException("no command " + name);
    }
    return line.getCommandSpec();
  }

  private static String after(List<String> path) {
    return path.stream()
        .map(word -> "__fish_seen_subcommand_from " + word)
        .collect(Collectors.joining("; and "));
  }

  private static String form(OptionSpec option) {
    StringBuilder form = new StringBuilder();
    for (String name : option.names()) {
      form.append(name.startsWith("--") ? " -l " : " -s ").append(name.replaceFirst("^--?", ""));
    }
    return (option.arity().max() == 0 ? "-f" : "-r") + form;
  }

  private void line(String condition, String what, String[] description) {
    script.append("complete -c ").append(program);
    if (!condition.isEmpty()) {
      // In double quotes, for the variable with the names of all commands.
      script.append(" -n \"").append(condition).append('"');
    }
    script
        .append(' ')
        .append(what)
        .append(" -d '")
        .append(
            String.join(" ", description)
                .replace("$$", "$")
                .replace("%n", " ")
                .strip()
                .replace("'", "\\'"))
        .append("'\n");
  }
}
