package io.sluice.node;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.unixfs.DagPath;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Shows and changes the price list. */
final class PriceOperations {
  private final SluiceNode node;

  PriceOperations(SluiceNode node) {
    this.node = node;
  }

  List<Reports.AskReport> all() throws IOException {
    return node.prices().entries().entrySet().stream()
        .map(entry -> report(entry.getKey(), entry.getValue()))
        .sorted(Comparator.comparing(Reports.AskReport::cid))
        .toList();
  }

  Reports.AskReport set(Requests.PriceRequest request) throws IOException {
    Optional<Cid> cid = request.cid().map(DagPath::parseRoot);
    Terms before = node.prices().entry(cid).orElse(Terms.atPrice(request.pricePerMiB()));
    long interval = request.interval().orElse(before.interval());
    Terms terms =
        new Terms(
            request.pricePerMiB(),
            request.fee().orElse(before.fee()),
            interval,
            request.intervalIncrease().orElse(before.intervalIncrease()),
            request.intervalMax().orElse(Math.max(before.intervalMax(), interval)),
            before.validSeconds());
    node.prices().set(cid, terms);
    return report(cid, terms);
  }

  void remove(Optional<String> text) throws IOException, ServiceException {
    Optional<Cid> cid = text.map(DagPath::parseRoot);
    if (!node.prices().remove(cid)) {
      throw new ServiceException(
          ErrorCode.NO_SUCH_ASK,
          "the price list has no entry for %s; 'sluice ask show' lists them"
              .formatted(text.orElse("*")));
    }
  }

  private static Reports.AskReport report(Optional<Cid> cid, Terms terms) {
    return new Reports.AskReport(
        cid.map(Cid::toString).orElse("*"),
        terms.pricePerMiB(),
        terms.fee(),
        terms.interval(),
        terms.intervalIncrease(),
        terms.intervalMax());
  }
}
