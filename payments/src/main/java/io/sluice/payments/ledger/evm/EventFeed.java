package io.sluice.payments.ledger.evm;

import io.sluice.payments.ledger.Cursor;
import io.sluice.payments.ledger.EventPage;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.LedgerEvent;
import io.sluice.payments.ledger.LedgerEvent.Stamp;
import io.sluice.payments.ledger.LedgerStanding.Reorganisations;
import io.sluice.payments.ledger.evm.LogCursor.BlockName;
import io.sluice.payments.ledger.evm.contract.ContractEvents;
import io.sluice.protocol.retrieval.Bytes32;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The contract's events in order, out of a chain whose end may change.
 *
 * <p>Where the blocks that a cursor names are not in the chain any more, the feed goes back to the
 * newest one that is. It says of each channel that had events after it that they are void, and then
 * tells what the chain has there now. What it told in this process it knows by heart; whoever keeps
 * a cursor for longer has to ask for all channels when it starts. Safe for many threads.
 */
final class EventFeed {
  /** Questions for logs in one page: with more to read, the next page goes on. */
  private static final int MAX_QUESTIONS = 20;

  /** Farther back no channel is remembered. */
  private static final int REMEMBERED_BLOCKS = 4096;

  private final Endpoints endpoints;
  private final Chain chain;
  private final long firstBlock;
  private final long pageBlocks;
  private final Function<Bytes32, Optional<String>> keys;
  private final TreeMap<Long, Set<Bytes32>> told = new TreeMap<>();

  /** The newest block of a cursor that was found to be gone: it is counted once. */
  private @Nullable BlockName lastGone;

  private volatile Reorganisations reorganisations = new Reorganisations(0, 0);

  /** A feed from that block on; {@code keys} says what a transaction of ours was for. */
  EventFeed(
      Endpoints endpoints,
      Chain chain,
      long firstBlock,
      long pageBlocks,
      Function<Bytes32, Optional<String>> keys) {
    this.endpoints = endpoints;
    this.chain = chain;
    this.firstBlock = firstBlock;
    this.pageBlocks = pageBlocks;
    this.keys = keys;
  }

  Cursor end() throws IOException {
    return LogCursor.after(chain.block()).cursor();
  }

  /**
   * As {@link io.sluice.payments.ledger.ChannelLedger#before}: by halves, since time only grows.
   */
  Cursor before(Instant time) throws IOException {
    Optional<Block> last = Optional.empty();
    long from = firstBlock;
    long to = chain.block().number();
    while (from <= to) {
      long middle = from + (to - from) / 2;
      Optional<Block> block = atOrBefore(middle, from);
      if (block.filter(it -> !it.time().isBefore(time)).isPresent()) {
        to = block.get().number() - 1;
      } else {
        last = block.isPresent() ? block : last;
        from = middle + 1;
      }
    }
    return last.map(block -> LogCursor.after(block).cursor()).orElse(Cursor.START);
  }

  /** Some chains have numbers without a block. */
  private Optional<Block> atOrBefore(long number, long least) throws IOException {
    Optional<Block> block = Optional.empty();
    for (long at = number; at >= least && block.isEmpty(); at--) {
      long height = at;
      block = endpoints.ask(node -> node.block(height));
    }
    return block;
  }

  /** As {@link io.sluice.payments.ledger.ChannelLedger#events}. */
  EventPage page(Cursor after, int max) throws IOException {
    List<LedgerEvent> events = new ArrayList<>();
    Optional<LogCursor> place = Optional.empty();
    if (!after.equals(Cursor.START)) {
      LogCursor known = LogCursor.parse(after);
      if (known.isAtEndOf(chain.block())) {
        return new EventPage(List.of(), after);
      }
      place = inChain(known);
      if (!place.equals(Optional.of(known))) {
        long lastGood = place.map(p -> p.newest().number()).orElse(firstBlock - 1);
        count(known, place);
        takeBack(lastGood, events);
      }
    }
    return read(place, max, events);
  }

  /** The place itself if its chain is still the chain, else the newest one before where it is. */
  private Optional<LogCursor> inChain(LogCursor known) throws IOException {
    for (int index = 0; index < known.blocks().size(); index++) {
      BlockName name = known.blocks().get(index);
      Optional<Block> block = endpoints.ask(node -> node.block(name.number()));
      if (block.filter(b -> b.hash().equals(name.hash())).isPresent()) {
        return Optional.of(index == 0 ? known : known.backTo(index));
      }
    }
    // None of them: as far back as anything is remembered.
    long before = known.blocks().getLast().number() - REMEMBERED_BLOCKS;
    if (before < firstBlock) {
      return Optional.empty();
    }
    return endpoints.ask(node -> node.block(before)).map(LogCursor::after);
  }

  /** From the newest block of before to the newest known one that is still there. */
  private synchronized void count(LogCursor known, Optional<LogCursor> good) {
    if (known.newest().equals(lastGone)) {
      return;
    }
    lastGone = known.newest();
    boolean isAmongThem = good.filter(place -> known.blocks().contains(place.newest())).isPresent();
    long last =
        isAmongThem
            ? good.orElseThrow().newest().number()
            : known.blocks().getLast().number() - 1; // at least all that are known
    reorganisations =
        new Reorganisations(
            reorganisations.count() + 1,
            Math.max(reorganisations.deepest(), known.newest().number() - last));
  }

  /** How often the chain's end was found to be another one. */
  Reorganisations reorganisations() {
    return reorganisations;
  }

  private synchronized void takeBack(long lastGood, List<LedgerEvent> into) throws IOException {
    Block head = chain.block();
    Stamp now = new Stamp(head.number(), head.time(), new IntentId("reorganisation"));
    Set<Bytes32> channels = new HashSet<>();
    told.tailMap(lastGood, false).values().forEach(channels::addAll);
    told.tailMap(lastGood, false).clear();
    for (Bytes32 channel : channels) {
      into.add(new LedgerEvent.Voided(now, channel));
    }
  }

  private EventPage read(Optional<LogCursor> from, int max, List<LedgerEvent> events)
      throws IOException {
    Optional<LogCursor> place = from;
    long head = chain.block().number();
    // Voided channels come in front, whatever there is room for.
    int room = Math.max(events.size(), max);
    for (int questions = 0; questions < MAX_QUESTIONS; questions++) {
      long start = place.map(EventFeed::nextBlock).orElse(firstBlock);
      if (start > head || events.size() >= room) {
        break;
      }
      long end = Math.min(head, start + pageBlocks - 1);
      LogCursor before = place.orElse(null);
      LogRange range = endpoints.ask(node -> range(node, start, end));
      place = Optional.of(take(range, before, room, events));
    }
    return new EventPage(events, place.map(LogCursor::cursor).orElse(Cursor.START));
  }

  private static long nextBlock(LogCursor place) {
    return place.taken() == LogCursor.ALL ? place.newest().number() + 1 : place.newest().number();
  }

  /** Some logs and the blocks they are in, by one node's word. */
  private record LogRange(List<ChainLog> logs, TreeMap<Long, Block> blocks, Block last) {}

  private static LogRange range(ChainNode node, long start, long end) throws IOException {
    List<ChainLog> logs = node.logs(start, end);
    TreeMap<Long, Block> blocks = new TreeMap<>();
    for (ChainLog log : logs) {
      Block block = blocks.get(log.block());
      if (block == null) {
        block = block(node, log.block());
        blocks.put(log.block(), block);
      }
      if (!block.hash().equals(log.blockHash())) {
        // The chain's end changed between two questions, or the node does not know its own.
        throw EndpointException.behind("logs of a block that is not in the chain");
      }
    }
    return new LogRange(logs, blocks, lastBlock(node, start, end));
  }

  private static Block block(ChainNode node, long number) throws IOException {
    return node.block(number)
        .orElseThrow(() -> EndpointException.behind("block %d is missing".formatted(number)));
  }

  /** Some chains have numbers without a block: the last one that there is. */
  private static Block lastBlock(ChainNode node, long start, long end) throws IOException {
    for (long number = end; number >= start; number--) {
      Optional<Block> block = node.block(number);
      if (block.isPresent()) {
        return block.get();
      }
    }
    throw EndpointException.behind("blocks %d to %d are missing".formatted(start, end));
  }

  private LogCursor take(
      LogRange range, @Nullable LogCursor before, int room, List<LedgerEvent> into)
      throws IOException {
    LogCursor place = before;
    long current = place == null ? -1 : place.newest().number();
    int skipped = place == null ? 0 : Math.max(0, place.taken());
    int inBlock = 0;
    for (ChainLog log : range.logs()) {
      inBlock = log.block() == current ? inBlock + 1 : 1;
      boolean isOld =
          before != null && log.block() == before.newest().number() && inBlock <= skipped;
      current = log.block();
      if (isOld) {
        continue;
      }
      if (into.size() >= room) {
        return Objects.requireNonNull(place);
      }
      read(log, range.blocks().get(log.block())).ifPresent(into::add);
      BlockName name = new BlockName(log.block(), log.blockHash());
      place = place == null ? new LogCursor(inBlock, List.of(name)) : place.movedTo(name, inBlock);
    }
    BlockName last = new BlockName(range.last().number(), range.last().hash());
    return place == null
        ? new LogCursor(LogCursor.ALL, List.of(last))
        : place.movedTo(last, LogCursor.ALL);
  }

  private Optional<LedgerEvent> read(ChainLog log, @Nullable Block block) throws IOException {
    try {
      Optional<LedgerEvent> event =
          ContractEvents.read(
              log.topics(), log.data().bytes(), stamp(log, Objects.requireNonNull(block)));
      if (event.isPresent() && event.get() instanceof LedgerEvent.OfChannel ofChannel) {
        remember(log.block(), ofChannel.channel());
      }
      return event;
    } catch (IllegalArgumentException e) {
      throw new IOException("a log of block %d cannot be read".formatted(log.block()), e);
    }
  }

  private synchronized void remember(long block, Bytes32 channel) {
    told.computeIfAbsent(block, any -> new HashSet<>()).add(channel);
    while (told.size() > REMEMBERED_BLOCKS) {
      told.pollFirstEntry();
    }
  }

  /** Where a log stands, and which of our intents it is of; others are named by transaction. */
  private Stamp stamp(ChainLog log, Block block) {
    String key = keys.apply(log.transaction()).orElse(log.transaction().toString().substring(2));
    return new Stamp(log.block(), block.time(), new IntentId(key));
  }

  /** What a transaction of ours did. */
  List<LedgerEvent> of(Receipt receipt, Block block) throws IOException {
    List<LedgerEvent> events = new ArrayList<>();
    for (ChainLog log : receipt.logs()) {
      read(log, block).ifPresent(events::add);
    }
    return events;
  }
}
