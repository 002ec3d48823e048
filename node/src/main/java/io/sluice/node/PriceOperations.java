package io.sluice.node;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.pricing.PriceTag;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.unixfs.DagPath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Shows and changes the price list. */
final class PriceOperations {
  private final SluiceNode node;

  PriceOperations(SluiceNode node) {
    this.node = node;
  }

  /** A line for each price; those of one root in the order of the configuration. */
  List<Reports.AskReport> all() throws IOException {
    List<Reports.AskReport> all = new ArrayList<>();
    for (Map.Entry<Optional<Cid>, PriceTag> entry : node.prices().entries().entrySet()) {
      entry
          .getValue()
          .byToken()
          .forEach((token, terms) -> all.add(report(entry.getKey(), token, terms)));
    }
    List<String> order =
        node.config().tokens().accepted().stream().map(EvmAddress::toString).toList();
    all.sort(
        Comparator.comparing(Reports.AskReport::cid)
            .thenComparing(ask -> rank(order, ask.token().orElseThrow()))
            .thenComparing(ask -> ask.token().orElseThrow()));
    return all;
  }

  /** Prices in tokens that are not accepted any more come last. */
  private static int rank(List<String> order, String token) {
    int at = order.indexOf(token);
    return at < 0 ? order.size() : at;
  }

  Reports.AskReport set(Requests.PriceRequest request) throws IOException, ServiceException {
    Optional<Cid> cid = request.cid().map(DagPath::parseRoot);
    EvmAddress token = node.money().token(request.token());
    Terms before =
        node.prices()
            .entry(cid)
            .flatMap(tag -> tag.in(token))
            .orElse(Terms.atPrice(request.pricePerMiB()));
    long interval = request.interval().orElse(before.interval());
    Terms terms =
        new Terms(
            request.pricePerMiB(),
            request.fee().orElse(before.fee()),
            interval,
            request.intervalIncrease().orElse(before.intervalIncrease()),
            request.intervalMax().orElse(Math.max(before.intervalMax(), interval)),
            before.validSeconds());
    node.prices().set(cid, token, terms);
    return report(cid, token, terms);
  }

  /** A price may be in a token that is not accepted any more: then its address names it. */
  void remove(Optional<String> text, Optional<String> named) throws IOException, ServiceException {
    Optional<Cid> cid = text.map(DagPath::parseRoot);
    Optional<EvmAddress> token = Optional.empty();
    if (named.isPresent()) {
      token =
          Optional.of(
              named.get().startsWith("0x")
                  ? WalletOperations.account(named.get())
                  : node.money().token(named));
    }
    if (!node.prices().remove(cid, token)) {
      throw new ServiceException(
          ErrorCode.NO_SUCH_ASK,
          "the price list has no entry for %s%s; 'sluice ask show' lists them"
              .formatted(
                  text.orElse("*"),
                  token.map(it -> " in " + node.money().known().name(it)).orElse("")));
    }
  }

  private static Reports.AskReport report(Optional<Cid> cid, EvmAddress token, Terms terms) {
    return new Reports.AskReport(
        cid.map(Cid::toString).orElse("*"),
        Optional.of(token.toString()),
        terms.pricePerMiB(),
        terms.fee(),
        terms.interval(),
        terms.intervalIncrease(),
        terms.intervalMax());
  }
}
