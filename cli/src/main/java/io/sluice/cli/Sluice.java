package io.sluice.cli;

import static io.sluice.cli.CommandTree.command;
import static io.sluice.cli.CommandTree.hidden;

import io.sluice.cli.arguments.ArgumentTypes;
import io.sluice.cli.arguments.Arguments;
import io.sluice.cli.terminal.CommandEnvironment;
import io.sluice.cli.terminal.ProcessExit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The command {@code sluice}: everything an operator can ask for hangs beneath it. Its options may
 * stand before or after the command's name.
 */
final class Sluice {
  /** The program's own options that have a value, which might be a command's name too. */
  private static final Set<String> WITH_VALUE = Set.of("--home", "--log", "--passphrase-file");

  private static final List<CommandTree> COMMANDS =
      List.of(
          command(
              "demo", "Sell and buy a file on this machine, and show it all.", DemoCommand::new),
          BenchCommand.TREE,
          hidden(
              "rehearse",
              "Sell and buy a little inside this process, for the JVM to learn from.",
              RehearseCommand::new),
          command("init", "Set up a home: keys, configuration, folders.", HomeCommands.Init::new),
          command("id", "Show this node's names and addresses.", HomeCommands.Id::new),
          command("version", "Print the version.", VersionCommand::new),
          command("run", "Run the node until it is stopped.", RunCommand::new),
          command("stop", "Let the running node finish and end.", HomeCommands.Stop::new),
          command("status", "Show what the node is doing.", HomeCommands.Status::new),
          command(
              "import",
              "Bring files, folders or CARs in; print their root CIDs.",
              ImportCommand::new),
          command(
              "export",
              "Write content that is here to a file, a folder or a CAR.",
              ExportCommand::new),
          command("ls", "List the content that is here.", LsCommand::new),
          command("stat", "Count what lies beneath a CID.", ContentCommands.Stat::new),
          command(
              "rm",
              "Forget a root: it is not listed and not offered any more.",
              ContentCommands.Rm::new),
          command(
              "gc",
              "Give back the room of blocks that no listed content and no deal needs.",
              ContentCommands.Gc::new),
          command(
              "verify",
              "Hash what is on disk again, all of it or one root.",
              ContentCommands.Verify::new),
          AskCommand.TREE,
          DenyCommand.TREE,
          command("query", "Ask a provider what some content costs.", QueryCommand::new),
          command(
              "retrieve",
              "Buy content and write it to a file; goes on where an earlier run stopped.",
              RetrieveCommand::new),
          command(
              "push",
              "Give content to a peer that takes it; goes on where an earlier run stopped.",
              PushCommand::new),
          command(
              "pull",
              "Fetch content from a URL; goes on where an earlier run stopped.",
              PullCommand::new),
          command("unpin", "Ask a node at a URL to keep content no longer.", UnpinCommand::new),
          ReceiveCommand.TREE,
          GrantsCommand.TREE,
          SyncCommand.TREE,
          DealsCommand.TREE,
          TransfersCommand.TREE,
          BooksCommand.TREE,
          WalletCommand.TREE,
          command(
              "faucet",
              "Give an account money; on the embedded ledger only.",
              LedgerCommand.Faucet::new),
          LedgerCommand.TREE,
          ChainCommand.TREE,
          ChannelsCommand.TREE,
          ChannelsCommand.AUTOPILOT,
          PeersCommand.TREE,
          command(
              "completion",
              "Print the script that completes commands in a shell, for its start-up file.",
              CompletionCommand::new),
          command(
              "man",
              "Print the manual page of a command, for 'man -l -'.",
              () -> new PageCommand(line -> ManPage.of(line.getCommandSpec()))),
          command(
              "help",
              "Show what a command does and takes, as its --help does.",
              () -> new PageCommand(CommandLine::getUsageMessage)));

  @Nullable Path home;
  boolean json;
  boolean quiet;
  @Nullable String log;
  @Nullable Path passphraseFile;

  final CommandEnvironment surroundings;

  Sluice(CommandEnvironment surroundings) {
    this.surroundings = surroundings;
  }

  public static void main(String[] arguments) {
    ProcessExit.with(execute(CommandEnvironment.ofProcess(), arguments));
  }

  /** Runs one command line and returns its exit code. */
  static int execute(CommandEnvironment surroundings, String... arguments) {
    Sluice sluice = new Sluice(surroundings);
    CommandSpec spec = sluice.spec();
    Optional<List<String>> words = commandWords(arguments);
    if (words.isPresent()) {
      CommandTree.addNamed(sluice, spec, COMMANDS, words.get());
    } else {
      CommandTree.addAll(sluice, spec, COMMANDS);
    }
    return sluice.line(spec).execute(arguments);
  }

  /** The program with all its commands. */
  static CommandLine line(CommandEnvironment surroundings) {
    Sluice sluice = new Sluice(surroundings);
    CommandSpec spec = sluice.spec();
    CommandTree.addAll(sluice, spec, COMMANDS);
    return sluice.line(spec);
  }

  private CommandSpec spec() {
    CommandSpec spec = CommandSpec.wrapWithoutInspection(this);
    spec.name("sluice")
        .usageMessage()
        .description("A node of a retrieval market: sells, buys and moves content.")
        .synopsisSubcommandLabel("COMMAND");
    Arguments.ofAllBeneath(spec)
        .option("--home=DIR", Path.class, value -> home = value)
        .says("The node's folder; default $$SLUICE_HOME, else ~/.sluice.")
        .flag("--json", value -> json = value)
        .says("Print one JSON object as the last line of standard output.")
        .flag("--quiet", value -> quiet = value)
        .says("Print results and errors only: no progress, no hints.")
        .option("--log=LEVEL", String.class, value -> log = value)
        .says(
            "What to log to standard error: error, warn, info or debug; default warn, info for"
                + " run.")
        .option("--passphrase-file=FILE", Path.class, value -> passphraseFile = value)
        .says("File with the passphrase of the keys.");
    return CommandTree.standard(spec);
  }

  private CommandLine line(CommandSpec spec) {
    Output output = new Output(this);
    return ArgumentTypes.register(new CommandLine(spec), environment())
        .setOut(surroundings.out())
        .setErr(surroundings.err())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(output::misread)
        .setExecutionExceptionHandler(output::failed);
  }

  /**
   * The words of a command line that may name a command: those that are neither options nor values
   * of the program's own options. Empty where that cannot be said without reading all of it.
   */
  private static Optional<List<String>> commandWords(String... arguments) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < arguments.length; i++) {
      String argument = arguments[i];
      if (argument.startsWith("@") || argument.equals("--")) {
        return Optional.empty(); // a file with arguments; the end of options
      }
      if (WITH_VALUE.contains(argument)) {
        i++;
        if (i < arguments.length && isCommand(arguments[i])) {
          return Optional.empty(); // the library takes it for the command, and says so
        }
      } else if (!argument.startsWith("-")) {
        words.add(argument);
      }
    }
    return Optional.of(words);
  }

  private static boolean isCommand(String word) {
    return COMMANDS.stream().anyMatch(command -> command.name().equals(word));
  }

  Map<String, String> environment() {
    return surroundings.environment();
  }
}
