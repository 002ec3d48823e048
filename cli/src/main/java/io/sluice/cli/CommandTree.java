package io.sluice.cli;

import io.sluice.cli.arguments.Arguments;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * The commands there are, as a tree of names. Most of a short command's time would go into making
 * what describes all the others: so of a command line only the command it names is made, and of the
 * others what a list of them shows.
 */
sealed interface CommandTree {
  /** As it is typed. */
  String name();

  /** One line that says what it does. */
  String description();

  /** A command that does something. */
  record Leaf(
      String name, String description, boolean hidden, Supplier<? extends NodeCommand> maker)
      implements CommandTree {}

  /**
   * A command that has commands beneath it.
   *
   * @param maker what it does itself, if anything
   */
  record Group(
      String name,
      String description,
      Optional<Supplier<? extends NodeCommand>> maker,
      List<CommandTree> commands)
      implements CommandTree {}

  static CommandTree command(
      String name, String description, Supplier<? extends NodeCommand> maker) {
    return new Leaf(name, description, false, maker);
  }

  /** One that is not for people. */
  static CommandTree hidden(
      String name, String description, Supplier<? extends NodeCommand> maker) {
    return new Leaf(name, description, true, maker);
  }

  static CommandTree group(String name, String description, CommandTree... commands) {
    return new Group(name, description, Optional.empty(), List.of(commands));
  }

  /** A command that does something, with commands beneath it that do more. */
  static CommandTree commandWith(
      String name,
      String description,
      Supplier<? extends NodeCommand> maker,
      CommandTree... commands) {
    return new Group(name, description, Optional.of(maker), List.of(commands));
  }

  /** Hangs all these commands beneath another, with all that is beneath them. */
  static void addAll(Sluice sluice, CommandSpec above, List<CommandTree> commands) {
    for (CommandTree command : commands) {
      CommandSpec spec = command.add(sluice, above);
      if (command instanceof Group group) {
        addAll(sluice, spec, group.commands());
      }
    }
  }

  /**
   * Hangs the one command beneath another that these words name; the names of all if they name
   * none, for a list, or for the one that was meant.
   */
  static void addNamed(
      Sluice sluice, CommandSpec above, List<CommandTree> commands, List<String> words) {
    Optional<CommandTree> named =
        words.isEmpty()
            ? Optional.empty()
            : commands.stream().filter(each -> each.name().equals(words.getFirst())).findFirst();
    if (named.isEmpty()) {
      for (CommandTree command : commands) {
        above.addSubcommand(command.name(), new CommandLine(command.outline()));
      }
      return;
    }
    CommandSpec spec = named.get().add(sluice, above);
    if (named.get() instanceof Group group) {
      addNamed(sluice, spec, group.commands(), words.subList(1, words.size()));
    }
  }

  /** What a list of commands shows. */
  private CommandSpec outline() {
    CommandSpec outline = CommandSpec.create().name(name());
    outline
        .usageMessage()
        .description(description())
        .hidden(this instanceof Leaf leaf && leaf.hidden());
    return outline;
  }

  private CommandSpec add(Sluice sluice, CommandSpec above) {
    CommandSpec spec = spec(sluice);
    above.addSubcommand(name(), new CommandLine(spec));
    return standard(spec); // after what all commands inherit
  }

  /** The command, with what it takes. */
  private CommandSpec spec(Sluice sluice) {
    return switch (this) {
      case Group group when group.maker().isPresent() -> spec(group.maker().get().get(), sluice);
      case Group group -> {
        ListOfCommands list = new ListOfCommands();
        CommandSpec spec = described(CommandSpec.wrapWithoutInspection(list));
        spec.usageMessage().synopsisSubcommandLabel("COMMAND");
        list.spec = spec;
        yield spec;
      }
      case Leaf leaf -> {
        CommandSpec spec = spec(leaf.maker().get(), sluice);
        spec.usageMessage().hidden(leaf.hidden());
        yield spec;
      }
    };
  }

  private CommandSpec spec(NodeCommand command, Sluice sluice) {
    command.of(sluice);
    CommandSpec spec = described(CommandSpec.wrapWithoutInspection(command));
    command.declare(Arguments.of(spec));
    return spec;
  }

  private CommandSpec described(CommandSpec spec) {
    spec.name(name()).usageMessage().description(description());
    return spec;
  }

  /** Gives a command the two options that every command has. */
  static CommandSpec standard(CommandSpec spec) {
    return spec.versionProvider(new Version())
        .addOption(
            OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .type(boolean.class)
                .description("Show this help message and exit.")
                .build())
        .addOption(
            OptionSpec.builder("-V", "--version")
                .versionHelp(true)
                .type(boolean.class)
                .description("Print version information and exit.")
                .build());
  }

  /** What a group does by itself: it says what could be asked of it. */
  final class ListOfCommands implements Runnable {
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
      CommandSpec of = Objects.requireNonNull(spec, "made without its spec");
      throw new ParameterException(
          of.commandLine(), "expected one of " + String.join(", ", of.subcommands().keySet()));
    }
  }
}
