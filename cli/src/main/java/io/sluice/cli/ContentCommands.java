package io.sluice.cli;

import io.sluice.cli.arguments.Arguments;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.config.Quantities;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is here: counted, forgotten, cleared away, hashed again. */
final class ContentCommands {
  private ContentCommands() {}

  /** {@code sluice stat}: one root. */
  static final class Stat extends ServiceCommand {
    private String cid = "";

    @Override
    void declare(Arguments arguments) {
      arguments.word("CID", String.class, value -> cid = value).says("The root.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.ContentReport content = service.stat(cid);
      output.object(content, List.of(LsCommand.table(List.of(content), output.tokens())));
    }
  }

  /** {@code sluice rm}: forgets a root. */
  static final class Rm extends ServiceCommand {
    private String cid = "";

    @Override
    void declare(Arguments arguments) {
      arguments.word("CID", String.class, value -> cid = value).says("The root.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      service.removeContent(cid);
      output.object(Map.of("cid", cid, "removed", true), List.of("removed " + cid));
    }
  }

  /** {@code sluice gc}: gives back the room of what is not needed. */
  static final class Gc extends ServiceCommand {
    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.GarbageReport freed = service.collectGarbage();
      output.object(
          freed,
          List.of(
              "freed %s, %s"
                  .formatted(
                      Quantities.count(freed.freedBlocks(), "block"),
                      Quantities.show(freed.freedBytes()))));
    }
  }

  /** {@code sluice verify}: hashes what is on disk again. */
  static final class Verify extends ServiceCommand {
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
}
