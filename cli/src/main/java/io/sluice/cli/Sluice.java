package io.sluice.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code sluice}: everything an operator can ask for hangs beneath it. */
@Command(
    name = "sluice",
    description = "A node of a retrieval market: sells, buys and moves content.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {VersionCommand.class})
final class Sluice {

  private Sluice() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Sluice()).execute(arguments));
  }
}
