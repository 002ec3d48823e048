package io.sluice.node.pricing;

import io.sluice.dealstore.DealStore;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multihash;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What a provider asks for what.
 *
 * <p>An entry is for one imported root, or the default for all of them; the entry of a root wins.
 * Imported content that neither covers, or of which some is missing, is not offered at all; content
 * that is given away has an entry with price zero. A CID that is not an imported root, such as a
 * block from within one, costs the dearest price and the dearest fee of the list, so that nobody
 * enters a priced DAG by a side door. A CID stands for its block: of every version it costs the
 * same.
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
  private record PriceEntry(Optional<Cid> content, Terms terms) {}

  private PriceList(PriceStore store, Catalogue catalogue, long minInterval, Clock clock) {
    this.store = store;
    this.catalogue = catalogue;
    this.minInterval = minInterval;
    this.clock = clock;
    this.entries = Map.of();
  }

  /** As {@link #open(PriceStore, Catalogue, long, Clock)}, of a list kept in the deal store. */
  public static PriceList open(DealStore store, Catalogue catalogue, long minInterval, Clock clock)
      throws IOException {
    return open(new StoredPrices(store), catalogue, minInterval, clock);
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
  public Map<Optional<Cid>, Terms> entries() {
    return entries.values().stream()
        .collect(Collectors.toUnmodifiableMap(PriceEntry::content, PriceEntry::terms));
  }

  /** The entry of a root, whatever the version of its CID, or the default's; if there is one. */
  public Optional<Terms> entry(Optional<Cid> content) {
    return Optional.ofNullable(entries.get(content.map(Cid::hash))).map(PriceEntry::terms);
  }

  /**
   * Sets the terms of a root, or the default. Deals that run keep theirs.
   *
   * @throws ProtocolException {@code INTERVAL_OUT_OF_RANGE} if the first interval is too small
   */
  public synchronized void set(Optional<Cid> content, Terms terms) throws IOException {
    if (!terms.isFree() && terms.interval() < minInterval) {
      throw new ProtocolException(
          "INTERVAL_OUT_OF_RANGE",
          "the first interval is %d bytes, at least %d are allowed"
              .formatted(terms.interval(), minInterval));
    }
    change(new PriceChange(content, Optional.of(terms), clock.instant()));
  }

  /** Takes an entry off the list; false if there was none. */
  public synchronized boolean remove(Optional<Cid> content) throws IOException {
    if (entry(content).isEmpty()) {
      return false;
    }
    change(new PriceChange(content, Optional.empty(), clock.instant()));
    return true;
  }

  /** What content costs now; empty if it is not offered. */
  public Optional<Terms> quote(Cid content) {
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
   */
  public OfferMatch judge(Cid content, Terms proposed) {
    Optional<Terms> now = quote(entries, content);
    if (now.isEmpty() && !honoured(content, terms -> true)) {
      return OfferMatch.NOT_OFFERED;
    }
    if (now.filter(terms -> covers(proposed, terms)).isPresent()
        || honoured(content, terms -> covers(proposed, terms))) {
      return proposed.isFree() || proposed.interval() >= minInterval
          ? OfferMatch.OFFERED
          : OfferMatch.INTERVAL_OUT_OF_RANGE;
    }
    boolean paysEnough =
        now.filter(terms -> paysAsMuch(proposed, terms)).isPresent()
            || honoured(content, terms -> paysAsMuch(proposed, terms));
    return paysEnough ? OfferMatch.INTERVAL_OUT_OF_RANGE : OfferMatch.PRICE_TOO_LOW;
  }

  /** What {@link #judge} finds. */
  public enum OfferMatch {
    /** The terms are good. */
    OFFERED,
    /** The content has no price, or is withheld. */
    NOT_OFFERED,
    /** Price or fee are below the list's. */
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

  private synchronized boolean honoured(Cid content, Predicate<Terms> test) {
    Instant now = clock.instant();
    for (PastPrices version : past) {
      Optional<Terms> terms = quote(version.entries, content);
      if (terms.isPresent()
          && !now.isAfter(version.until.plusSeconds(terms.get().validSeconds()))
          && test.test(terms.get())) {
        return true;
      }
    }
    return false;
  }

  private Optional<Terms> quote(Map<Optional<Multihash>, PriceEntry> list, Cid content) {
    if (withheld(content).isPresent()) {
      return Optional.empty();
    }
    PriceEntry own = list.get(Optional.of(content.hash()));
    if (own != null) {
      return Optional.of(own.terms());
    }
    return catalogue.listing(content).isPresent()
        ? Optional.ofNullable(list.get(Optional.<Multihash>empty())).map(PriceEntry::terms)
        : dearest(list);
  }

  private static Optional<Terms> dearest(Map<Optional<Multihash>, PriceEntry> list) {
    return list.values().stream()
        .map(PriceEntry::terms)
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
    change
        .terms()
        .ifPresentOrElse(
            terms -> next.put(key, new PriceEntry(change.content(), terms)),
            () -> next.remove(key));
    past.addLast(new PastPrices(entries, change.at()));
    Instant now = clock.instant();
    while (past.size() > PAST_KEPT || (!past.isEmpty() && isOver(past.getFirst(), now))) {
      past.removeFirst();
    }
    entries = Map.copyOf(next);
  }

  private static boolean isOver(PastPrices version, Instant now) {
    long longest =
        version.entries.values().stream()
            .mapToLong(entry -> entry.terms().validSeconds())
            .max()
            .orElse(0);
    return now.isAfter(version.until.plus(Duration.ofSeconds(longest)));
  }
}
