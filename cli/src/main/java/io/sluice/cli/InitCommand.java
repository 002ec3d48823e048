package io.sluice.cli;

import io.sluice.node.Home;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code sluice init}: sets a home up. */
final class InitCommand extends NodeCommand {
  @Override
  void run(Output output) throws Exception {
    Home home = home();
    Optional<String> passphrase = passphrases().given();
    home.init(passphrase, config(Map.of()).scryptN());
    try (NodeService service = service()) {
      Reports.IdentityReport identity = service.id();
      List<String> lines = new ArrayList<>(IdCommand.lines(identity));
      if (passphrase.isEmpty()) {
        lines.add(
            "The keys are locked with a passphrase made for you, in %s."
                .formatted(home.passphraseFile()));
        lines.add(
            "Whoever can read that file can spend what the keys own: keep a copy, and keep it"
                + " safe.");
      }
      output.object(identity, lines);
    }
  }
}
