package io.sluice.cli;

import io.sluice.cli.arguments.KnownTokens;
import io.sluice.node.api.NodeService;

/** A command that asks the home's service, and nothing else. */
abstract class ServiceCommand extends NodeCommand {
  /** Does the command's work and prints what came of it. */
  abstract void run(NodeService service, Output output) throws Exception;

  @Override
  final void run(Output output) throws Exception {
    try (NodeService service = service()) {
      run(service, output.with(KnownTokens.of(service)));
    }
  }
}
