package io.sluice.node;

import io.sluice.node.content.ContentRecord;
import io.sluice.node.content.Contents;
import io.sluice.node.content.DenyList;
import io.sluice.node.pricing.PriceList;
import io.sluice.node.pricing.PriceTag;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Terms;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The gate of reading without a deal. A block may be read if it lies beneath a root that may be:
 * one that is given away by the price list, or, for those who were granted to read, any that is
 * listed. What is denied may be read by nobody. So nothing that is sold gets out by a side door,
 * and neither does what is merely still on the disk.
 */
final class ReadableContent {
  private final Contents contents;
  private final PriceList prices;
  private final DenyList denied;
  private final BeneathRoots beneath;
  private final Tokens tokens;

  ReadableContent(
      Contents contents, PriceList prices, DenyList denied, BeneathRoots beneath, Tokens tokens) {
    this.tokens = tokens;
    this.contents = contents;
    this.prices = prices;
    this.denied = denied;
    this.beneath = beneath;
  }

  /**
   * Why some of these may not be read: of the first that may not, its terms.
   *
   * @param granted whether the reader need not pay
   */
  Optional<String> objection(List<Cid> wanted, boolean granted) throws IOException {
    for (Cid cid : wanted) {
      if (denied.denies(cid)) {
        return Optional.of(cid + " is not served");
      }
    }
    List<Cid> left = new ArrayList<>(wanted);
    left.removeIf(Cid::isIdentity); // everybody has it
    for (Cid root : roots(left, granted)) {
      if (left.isEmpty()) {
        break;
      }
      removeBeneath(root, left);
    }
    return left.isEmpty() ? Optional.empty() : Optional.of(terms(left.getFirst()));
  }

  /** Those that may be read, and of them first what is asked for itself, or was walked before. */
  private List<Cid> roots(List<Cid> wanted, boolean granted) {
    List<Cid> readable = new ArrayList<>();
    for (Map.Entry<Cid, ContentRecord> entry : contents.all().entrySet()) {
      Cid root = entry.getKey();
      boolean free =
          entry.getValue().imported() && prices.quote(root).filter(PriceTag::isFree).isPresent();
      if ((granted || free) && !denied.denies(root)) {
        readable.add(root);
      }
    }
    Optional<Cid> first = wanted.isEmpty() ? Optional.empty() : Optional.of(wanted.getFirst());
    readable.sort(
        Comparator.comparingInt(
            root -> first.filter(root::equals).isPresent() ? 0 : beneath.knows(root) ? 1 : 2));
    return readable;
  }

  private void removeBeneath(Cid root, List<Cid> wanted) throws IOException {
    wanted.removeIf(cid -> cid.hash().equals(root.hash())); // of whatever version
    if (!wanted.isEmpty()) {
      BeneathRoots.Beneath all = beneath.of(root);
      wanted.removeIf(cid -> all.holds(cid.hash()));
    }
  }

  /** What it costs, or that it is not to be had. */
  String terms(Cid cid) {
    return prices
        .quote(cid)
        .filter(tag -> !tag.isFree())
        .flatMap(this::shown)
        .map(
            terms ->
                "%s is sold: %s; buy it by a retrieval, or ask for a grant".formatted(cid, terms))
        .orElse(cid + " is not offered here");
  }

  /** The prices that can be paid here, best first; empty if there is none. */
  private Optional<String> shown(PriceTag tag) {
    return tokens.accepted().stream()
        .flatMap(token -> tag.in(token).map(terms -> shown(terms, token)).stream())
        .reduce((some, other) -> some + ", or " + other);
  }

  private String shown(Terms terms, EvmAddress token) {
    return "%s per MiB, fee %s"
        .formatted(tokens.show(terms.pricePerMiB(), token), tokens.show(terms.fee(), token));
  }
}
