package io.sluice.cli;

import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.config.Quantities;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sluice verify}: hashes what is on disk again. */
@Command(name = "verify", description = "Hash what is on disk again, all of it or one root.")
final class VerifyCommand extends ServiceCommand {
  @Parameters(paramLabel = "CID", arity = "0..1", description = "The root; default everything.")
  @Nullable String cid;

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
