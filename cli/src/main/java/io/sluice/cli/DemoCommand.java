package io.sluice.cli;

import picocli.CommandLine.Command;

/** {@code sluice demo}: everything on one machine. */
@Command(name = "demo", description = "Sell and buy a file on this machine, and show it all.")
final class DemoCommand extends NodeCommand {

  @Override
  void run(Answers answers) throws Exception {
    throw new IllegalStateException("not there yet");
  }
}
