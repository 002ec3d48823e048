package io.sluice.cli;

import io.sluice.cli.terminal.Arguments;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.config.Quantities;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code sluice verify}: hashes what is on disk again. */
final class VerifyCommand extends ServiceCommand {
  private @Nullable String cid;

  @Override
  void declare(Arguments arguments) {
    arguments
        .maybe("CID", String.class, value -> cid = value)
        .says("The root; default everything.");
  }

  @Override
  void run(NodeService service, Output output) throws Exception {
    Reports.VerificationReport verified = service.verify(Optional.ofNullable(cid));
    output.object(
        verified,
        List.of(
            "%s, %s: all sound"
                .formatted(
                    Quantities.count(verified.blocks(), "block"),
                    Quantities.show(verified.bytes()))));
  }
}
