package io.sluice.cli;

import io.sluice.cli.arguments.Arguments;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.config.Quantities;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import java.util.ArrayList;
import java.util.List;

/** {@code sluice query}: what it would cost. */
final class QueryCommand extends ServiceCommand {
  private static final String AVAILABLE = "available";
  private static final String UNAVAILABLE = "unavailable";

  private String cid = "";
  private final SharedOptions.ContentPart part = new SharedOptions.ContentPart();
  private SharedOptions.OneProvider provider = new SharedOptions.OneProvider();

  @Override
  void declare(Arguments arguments) {
    arguments.word("CID[/path]", String.class, value -> cid = value).says("The content.");
    provider.declare(arguments);
    part.declare(arguments);
  }

  @Override
  void run(NodeService service, Output output) throws Exception {
    Reports.QuoteReport quote =
        service.query(
            new Requests.QueryRequest(
                cid,
                provider.address,
                textOf(part.selector, "the selector"),
                part.scope(),
                part.bytes()));
    List<String> lines = new ArrayList<>();
    lines.add("%s  %s".formatted(quote.cid(), quote.status()));
    if (quote.status().equals(AVAILABLE)) {
      lines.add("size       " + quote.size().map(Quantities::show).orElse("unknown"));
    }
    Tokens tokens = output.tokens();
    for (Reports.OfferReport offer : quote.offers()) {
      EvmAddress token = EvmAddress.parse(offer.payee().token());
      Reports.PriceReport terms = offer.terms();
      lines.add("price/MiB  " + tokens.show(terms.pricePerMiB(), token));
      lines.add("fee        " + tokens.show(terms.fee(), token));
      offer.total().ifPresent(total -> lines.add("total      " + tokens.show(total, token)));
    }
    if (quote.offers().isEmpty()) {
      quote.total().ifPresent(total -> lines.add("total      " + tokens.show(total)));
    }
    if (!quote.message().isEmpty()) {
      lines.add(quote.message());
    }
    output.object(quote, lines);
    exit =
        switch (quote.status()) {
          case AVAILABLE -> 0;
          case UNAVAILABLE -> DealCode.NOT_FOUND.exit();
          default -> DealCode.REFUSED.exit(); // it does not answer, or not this peer
        };
  }
}
