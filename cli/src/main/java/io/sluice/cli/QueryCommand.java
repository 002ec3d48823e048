package io.sluice.cli;

import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.config.Quantities;
import io.sluice.protocol.retrieval.DealCode;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code sluice query}: what it would cost. */
@Command(name = "query", description = "Ask a provider what some content costs.")
final class QueryCommand extends ServiceCommand {
  private static final String AVAILABLE = "available";

  @Parameters(paramLabel = "CID[/path]", description = "The content.")
  String cid = "";

  @Mixin SharedOptions.OneProvider provider = new SharedOptions.OneProvider();

  @Override
  void run(NodeService service, Output output) throws Exception {
    Reports.QuoteReport quote = service.query(cid, provider.address);
    List<String> lines = new ArrayList<>();
    lines.add("%s  %s".formatted(quote.cid(), quote.status()));
    if (quote.status().equals(AVAILABLE)) {
      lines.add("size       " + quote.size().map(Quantities::show).orElse("unknown"));
    }
    quote.terms().ifPresent(terms -> lines.add("price/MiB  " + terms.pricePerMiB()));
    quote.terms().ifPresent(terms -> lines.add("fee        " + terms.fee()));
    quote.total().ifPresent(total -> lines.add("total      " + total));
    if (!quote.message().isEmpty()) {
      lines.add(quote.message());
    }
    output.object(quote, lines);
    if (!quote.status().equals(AVAILABLE)) {
      exit = DealCode.NOT_FOUND.exit();
    }
  }
}
