package io.sluice.cli;

import io.sluice.cli.terminal.CommandEnvironment;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * The command {@code sluice}: everything an operator can ask for hangs beneath it. Its options may
 * stand before or after the command's name.
 */
@Command(
    name = "sluice",
    description = "A node of a retrieval market: sells, buys and moves content.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      RehearseCommand.class,
      InitCommand.class,
      IdCommand.class,
      VersionCommand.class,
      RunCommand.class,
      StopCommand.class,
      StatusCommand.class,
      ImportCommand.class,
      ExportCommand.class,
      LsCommand.class,
      StatCommand.class,
      RmCommand.class,
      GcCommand.class,
      VerifyCommand.class,
      AskCommand.class,
      DenyCommand.class,
      QueryCommand.class,
      RetrieveCommand.class,
      DealsCommand.class,
      TransfersCommand.class,
      BooksCommand.class,
      WalletCommand.class,
      FaucetCommand.class,
      LedgerCommand.class,
      ChannelsCommand.class,
      PeersCommand.class,
      CompletionCommand.class,
      ManCommand.class,
      CommandLine.HelpCommand.class
    })
final class Sluice {
  @Option(
      names = "--home",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description = "The node's folder; default $$SLUICE_HOME, else ~/.sluice.")
  @Nullable Path home;

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "Print one JSON object as the last line of standard output.")
  boolean json;

  @Option(
      names = "--quiet",
      scope = ScopeType.INHERIT,
      description = "Print results and errors only: no progress, no hints.")
  boolean quiet;

  @Option(
      names = "--log",
      paramLabel = "LEVEL",
      scope = ScopeType.INHERIT,
      description =
          "What to log to standard error: error, warn, info or debug; default warn, info for run.")
  @Nullable String log;

  @Option(
      names = "--passphrase-file",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "File with the passphrase of the keys.")
  @Nullable Path passphraseFile;

  final CommandEnvironment surroundings;

  Sluice(CommandEnvironment surroundings) {
    this.surroundings = surroundings;
  }

  public static void main(String[] arguments) {
    int exit = execute(CommandEnvironment.ofProcess(), arguments);
    System.out.flush();
    System.err.flush();
    // Not System.exit: libraries leave threads, and what had to be closed is closed.
    Runtime.getRuntime().halt(exit);
  }

  /** Runs one command line and returns its exit code. */
  static int execute(CommandEnvironment surroundings, String... arguments) {
    return line(surroundings).execute(arguments);
  }

  static CommandLine line(CommandEnvironment surroundings) {
    Sluice sluice = new Sluice(surroundings);
    Output output = new Output(sluice);
    return ArgumentTypes.register(new CommandLine(sluice))
        .setOut(surroundings.out())
        .setErr(surroundings.err())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(output::misread)
        .setExecutionExceptionHandler(output::failed);
  }

  Map<String, String> environment() {
    return surroundings.environment();
  }
}
