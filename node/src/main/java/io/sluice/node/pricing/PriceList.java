package io.sluice.node.pricing;

import io.sluice.dealstore.DealStore;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.multiformats.Multihash;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a provider asks for what.
 *
 * <p>An entry is for one imported root, or the default for all of them; the entry of a root wins.
 * It has a price for each token that the content can be paid in, or says that it is given away.
 * Imported content that neither covers, or of which some is missing, is not offered at all. A CID
 * that is not an imported root, such as a block from within one, costs the dearest price and the
 * dearest fee of the list, so that nobody enters a priced DAG by a side door; and since prices in
 * different tokens cannot be compared, it can be paid in those tokens only that everything sold has
 * a price in. A CID stands for its block: of every version it costs the same.
 *
 * <p>Terms that went out of force are honoured as long as they themselves say, so that a client
 * that asked just before a change is served as it was told.
 *
 * <p>Thread-safe. Reading waits for nothing; changes are durable when they return.
 */
public final class PriceList {
  /** Smallest first interval that an entry may have, unless configured otherwise. */
  public static final long DEFAULT_MIN_INTERVAL = 64 << 10;

  private static final int PAST_KEPT = 256;

  private final PriceStore store;
  private final Catalogue catalogue;
  private final long minInterval;
  private final Clock clock;
  private volatile Map<Optional<Multihash>, PriceEntry> entries;
  private final Deque<PastPrices> past = new ArrayDeque<>();

  /** The list as it was, and when it ceased to be so. */
  private record PastPrices(Map<Optional<Multihash>, PriceEntry> entries, Instant until) {}

  /** An entry goes by the block's hash; the CID is the one that the operator wrote. */
  private record PriceEntry(Optional<Cid> content, PriceTag tag) {}

  private PriceList(PriceStore store, Catalogue catalogue, long minInterval, Clock clock) {
    this.store = store;
    this.catalogue = catalogue;
    this.minInterval = minInterval;
    this.clock = clock;
    this.entries = Map.of();
  }

  /**
   * As {@link #open(PriceStore, Catalogue, long, Clock)}, of a list kept in the deal store.
   *
   * @param unnamed the token of prices that were set when there was but one
   */
  public static PriceList open(
      DealStore store, EvmAddress unnamed, Catalogue catalogue, long minInterval, Clock clock)
      throws IOException {
    return open(new StoredPrices(store, unnamed), catalogue, minInterval, clock);
  }

  /**
   * Reads the list.
   *
   * @param minInterval smallest first interval of an entry that costs something, in bytes
   */
  public static PriceList open(PriceStore store, Catalogue catalogue, long minInterval, Clock clock)
      throws IOException {
    PriceList list = new PriceList(store, catalogue, minInterval, clock);
    for (PriceChange change : store.load()) {
      list.apply(change);
    }
    return list;
  }

  /** The entries; the default stands under the empty key. */
  public Map<Optional<Cid>, PriceTag> entries() {
    return entries.values().stream()
        .collect(Collectors.toUnmodifiableMap(PriceEntry::content, PriceEntry::tag));
  }

  /** The entry of a root, whatever the version of its CID, or the default's; if there is one. */
  public Optional<PriceTag> entry(Optional<Cid> content) {
    return Optional.ofNullable(entries.get(content.map(Cid::hash))).map(PriceEntry::tag);
  }

  /** As {@link #set(Optional, EvmAddress, Terms)}, in the ledger's coin. */
  public void set(Optional<Cid> content, Terms terms) throws IOException {
    set(content, EvmAddress.ZERO, terms);
  }

  /**
   * Sets the terms of a root, or the default, for who pays in a token; prices in other tokens stay,
   * but what is given away has none. Deals that run keep theirs.
   *
   * @throws ProtocolException {@code INTERVAL_OUT_OF_RANGE} if the first interval is too small
   */
  public synchronized void set(Optional<Cid> content, EvmAddress token, Terms terms)
      throws IOException {
    if (!terms.isFree() && terms.interval() < minInterval) {
      throw new ProtocolException(
          "INTERVAL_OUT_OF_RANGE",
          "the first interval is %d bytes, at least %d are allowed"
              .formatted(terms.interval(), minInterval));
    }
    change(new PriceChange(content, Optional.of(token), Optional.of(terms), clock.instant()));
  }

  /** Takes an entry off the list, with its prices in all tokens; false if there was none. */
  public boolean remove(Optional<Cid> content) throws IOException {
    return remove(content, Optional.empty());
  }

  /**
   * Takes the price in a token off the list; false if there was none.
   *
   * @param token empty for all of them
   */
  public synchronized boolean remove(Optional<Cid> content, Optional<EvmAddress> token)
      throws IOException {
    Optional<PriceTag> entry = entry(content);
    if (entry.filter(tag -> token.stream().allMatch(tag.byToken()::containsKey)).isEmpty()) {
      return false;
    }
    change(new PriceChange(content, token, Optional.empty(), clock.instant()));
    return true;
  }

  /** What content costs now; empty if it is not offered. */
  public Optional<PriceTag> quote(Cid content) {
    return quote(entries, content);
  }

  /** What is known of imported content; empty for CIDs that are not imported roots. */
  public Optional<Catalogue.Listing> listing(Cid root) {
    return catalogue.listing(root);
  }

  /** Why content is not for sale whatever the list says, see {@link Catalogue#withheld}. */
  public Optional<DealCode> withheld(Cid content) {
    return catalogue.withheld(content);
  }

  /**
   * Whether a deal on these terms is one that this list offers, or offered not long ago: not
   * cheaper, and with intervals that are not longer.
   *
   * @param token what the deal pays in; empty if it pays nothing
   */
  public OfferMatch judge(Cid content, Terms proposed, Optional<EvmAddress> token) {
    Optional<PriceTag> tag = quote(entries, content);
    if (tag.isEmpty() && !isHonoured(content)) {
      return OfferMatch.NOT_OFFERED;
    }
    Optional<Terms> now = tag.flatMap(asked -> asked(asked, token));
    if (now.filter(terms -> covers(proposed, terms)).isPresent()
        || honoured(content, token, terms -> covers(proposed, terms))) {
      return proposed.isFree() || proposed.interval() >= minInterval
          ? OfferMatch.OFFERED
          : OfferMatch.INTERVAL_OUT_OF_RANGE;
    }
    boolean paysEnough =
        now.filter(terms -> paysAsMuch(proposed, terms)).isPresent()
            || honoured(content, token, terms -> paysAsMuch(proposed, terms));
    return paysEnough ? OfferMatch.INTERVAL_OUT_OF_RANGE : OfferMatch.PRICE_TOO_LOW;
  }

  /** What {@link #judge} finds. */
  public enum OfferMatch {
    /** The terms are good. */
    OFFERED,
    /** The content has no price, or is withheld. */
    NOT_OFFERED,
    /** Price or fee are below the list's, or in a token that the list has no price in. */
    PRICE_TOO_LOW,
    /** The intervals are longer than the list's, or too short to bother with. */
    INTERVAL_OUT_OF_RANGE
  }

  private static boolean covers(Terms proposed, Terms asked) {
    return paysAsMuch(proposed, asked)
        && (proposed.isFree()
            || (proposed.interval() <= asked.interval()
                && proposed.intervalIncrease() <= asked.intervalIncrease()
                && proposed.intervalMax() <= asked.intervalMax()));
  }

  private static boolean paysAsMuch(Terms proposed, Terms asked) {
    return !asked.pricePerMiB().exceeds(proposed.pricePerMiB())
        && !asked.fee().exceeds(proposed.fee());
  }

  /** Who pays in nothing gets what is given away. */
  private static Optional<Terms> asked(PriceTag tag, Optional<EvmAddress> token) {
    return tag.isFree() ? tag.in(EvmAddress.ZERO) : token.flatMap(tag::in);
  }

  private boolean isHonoured(Cid content) {
    return honoured(content, tag -> tag.byToken().values().stream(), terms -> true);
  }

  private boolean honoured(Cid content, Optional<EvmAddress> token, Predicate<Terms> test) {
    return honoured(content, tag -> asked(tag, token).stream(), test);
  }

  private synchronized boolean honoured(
      Cid content, Function<PriceTag, Stream<Terms>> asked, Predicate<Terms> test) {
    Instant now = clock.instant();
    for (PastPrices version : past) {
      if (quote(version.entries, content).stream()
          .flatMap(asked)
          .filter(terms -> !now.isAfter(version.until.plusSeconds(terms.validSeconds())))
          .anyMatch(test)) {
        return true;
      }
    }
    return false;
  }

  private Optional<PriceTag> quote(Map<Optional<Multihash>, PriceEntry> list, Cid content) {
    if (withheld(content).isPresent()) {
      return Optional.empty();
    }
    PriceEntry own = list.get(Optional.of(content.hash()));
    if (own != null) {
      return Optional.of(own.tag());
    }
    return catalogue.listing(content).isPresent()
        ? Optional.ofNullable(list.get(Optional.<Multihash>empty())).map(PriceEntry::tag)
        : dearest(list, content);
  }

  private static Optional<PriceTag> dearest(
      Map<Optional<Multihash>, PriceEntry> list, Cid content) {
    List<PriceTag> tags = list.values().stream().map(PriceEntry::tag).toList();
    List<PriceTag> sold = tags.stream().filter(tag -> !tag.isFree()).toList();
    if (sold.isEmpty()) {
      return dearest(tags, EvmAddress.ZERO).map(terms -> PriceTag.of(EvmAddress.ZERO, terms));
    }
    Set<EvmAddress> tokens = new HashSet<>();
    sold.forEach(tag -> tokens.addAll(tag.tokens()));
    if (!content.isIdentity() || content.codec() != Codec.RAW) { // else there is nothing behind it
      sold.forEach(tag -> tokens.retainAll(tag.tokens()));
    }
    Map<EvmAddress, Terms> all = new HashMap<>();
    tokens.forEach(token -> dearest(tags, token).ifPresent(terms -> all.put(token, terms)));
    return all.isEmpty() ? Optional.empty() : Optional.of(new PriceTag(all));
  }

  private static Optional<Terms> dearest(List<PriceTag> tags, EvmAddress token) {
    return tags.stream()
        .flatMap(tag -> tag.in(token).stream())
        .reduce(
            (a, b) -> {
              Terms dearer = a.pricePerMiB().exceeds(b.pricePerMiB()) ? a : b;
              TokenAmount fee = a.fee().max(b.fee());
              return new Terms(
                  dearer.pricePerMiB(),
                  fee,
                  Math.min(a.interval(), b.interval()),
                  Math.min(a.intervalIncrease(), b.intervalIncrease()),
                  Math.max(
                      Math.min(a.intervalMax(), b.intervalMax()),
                      Math.min(a.interval(), b.interval())),
                  Math.min(a.validSeconds(), b.validSeconds()));
            });
  }

  private void change(PriceChange change) throws IOException {
    store.append(change);
    apply(change);
  }

  private synchronized void apply(PriceChange change) {
    Map<Optional<Multihash>, PriceEntry> next = new LinkedHashMap<>(entries);
    Optional<Multihash> key = change.content().map(Cid::hash);
    tag(Optional.ofNullable(next.get(key)).map(PriceEntry::tag), change)
        .ifPresentOrElse(
            tag -> next.put(key, new PriceEntry(change.content(), tag)), () -> next.remove(key));
    past.addLast(new PastPrices(entries, change.at()));
    Instant now = clock.instant();
    while (past.size() > PAST_KEPT || (!past.isEmpty() && isOver(past.getFirst(), now))) {
      past.removeFirst();
    }
    entries = Map.copyOf(next);
  }

  private static Optional<PriceTag> tag(Optional<PriceTag> before, PriceChange change) {
    if (change.terms().isPresent()) {
      EvmAddress token = change.token().orElseThrow();
      Terms terms = change.terms().get();
      return Optional.of(
          before.map(tag -> tag.with(token, terms)).orElseGet(() -> PriceTag.of(token, terms)));
    }
    return change.token().flatMap(token -> before.flatMap(tag -> tag.without(token)));
  }

  private static boolean isOver(PastPrices version, Instant now) {
    long longest =
        version.entries.values().stream()
            .flatMap(entry -> entry.tag().byToken().values().stream())
            .mapToLong(Terms::validSeconds)
            .max()
            .orElse(0);
    return now.isAfter(version.until.plus(Duration.ofSeconds(longest)));
  }
}
