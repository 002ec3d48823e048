package io.sluice.node.provider;

import io.sluice.node.pricing.Catalogue.Listing;
import io.sluice.protocol.LatestEntries;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.WalkLedger;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.LoadResult;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Path;
import io.sluice.protocol.ipld.Selector;
import io.sluice.protocol.ipld.Walk;
import io.sluice.protocol.ipld.WalkBudget;
import io.sluice.protocol.ipld.WalkListener;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.multiformats.Multihash;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a selector leads to here: the bytes that a deal for it would be charged, found by making the
 * deal's walk and counting as the deal does ({@link WalkLedger}).
 *
 * <p>Who asks pays nothing, so looking has bounds: of visits, of bytes read, of time; one walk at a
 * time, and all of them together a quarter of the time. What is beyond them has an unknown size.
 * What lies in raw blocks steers no walk, so of those only the length is looked up. Answers are
 * kept for a minute.
 */
final class SelectionSizes {
  /** As many visits as a deal may make, so that the time is what ends most of them. */
  private static final WalkBudget WALK =
      new WalkBudget(
          WalkBudget.DEFAULT.blocks(),
          WalkBudget.DEFAULT.bytes(),
          WalkBudget.DEFAULT.depth(),
          WalkBudget.DEFAULT.linksPerBlock(),
          4_000_000);

  private static final int KEPT = 1024;
  private static final long KEPT_NANOS = Duration.ofMinutes(1).toNanos();

  /** Of four units of time, one may be spent walking. */
  private static final int SHARE = 4;

  private final BlockStore store;
  private final QuoteBounds bounds;
  private final Ticker ticker;
  private final Semaphore turn = new Semaphore(1, true);
  private final ZeroBlocks zeros = new ZeroBlocks();

  // guarded by this
  private final Map<Question, Answer> kept = LatestEntries.byUse(KEPT);
  private long spare;
  private long lookedAt;

  /**
   * How much looking a question may cost.
   *
   * @param readBytes bytes of blocks that are read, raw ones not counted
   * @param time how long a walk may take; questions wait as long for their turn
   */
  record QuoteBounds(long readBytes, Duration time) {
    static final QuoteBounds DEFAULT = new QuoteBounds(64L << 20, Duration.ofSeconds(1));
  }

  /**
   * What was found.
   *
   * @param complete whether all of it is here, as far as was looked
   * @param size what a deal would be charged for; empty if that was too much to find out
   * @param absent where a path that it begins with ends too early, in words
   */
  record Selection(boolean complete, Optional<Listing> size, Optional<String> absent) {
    private static final Selection UNKNOWN =
        new Selection(true, Optional.empty(), Optional.empty());
  }

  /** {@code wayOnly}: whether its path leads anywhere, and no more. */
  private record Question(Cid root, Multihash selector, boolean wayOnly) {}

  private record Answer(Selection selection, long until) {}

  SelectionSizes(BlockStore store, QuoteBounds bounds, Ticker ticker) {
    this.store = store;
    this.bounds = bounds;
    this.ticker = ticker;
    this.spare = mostSpare();
    this.lookedAt = ticker.nanos();
  }

  /**
   * Looks, or remembers. Blocks for about twice the time that a walk may take.
   *
   * @throws ProtocolException if the selector is not valid
   */
  Selection of(Cid root, Node selector) throws IOException {
    return of(root, Selector.parse(selector), false);
  }

  /**
   * Where a path that a selector begins with ends too early; looks no further than its end, so that
   * a deal need not wait for more. Else as {@link #of}.
   */
  Optional<String> absent(Cid root, Node selector) throws IOException {
    Selector parsed = Selector.parse(selector);
    return parsed.way().length() == 0 ? Optional.empty() : of(root, parsed, true).absent();
  }

  private Selection of(Cid root, Selector parsed, boolean wayOnly) throws IOException {
    Question question =
        new Question(
            root, Multihash.sha2_256(ByteBuffer.wrap(DagCbor.encode(parsed.node()))), wayOnly);
    Optional<Selection> known = recall(question);
    if (known.isPresent()) {
      return known.get();
    }
    try {
      if (!turn.tryAcquire(bounds.time().toNanos(), TimeUnit.NANOSECONDS)) {
        return Selection.UNKNOWN;
      }
      try {
        return look(question, parsed);
      } finally {
        turn.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a selection was looked at");
    }
  }

  private Selection look(Question question, Selector selector)
      throws IOException, InterruptedException {
    Optional<Selection> meanwhile = recall(question);
    if (meanwhile.isPresent()) {
      return meanwhile.get();
    }
    if (!hasTime()) {
      return Selection.UNKNOWN;
    }
    long began = ticker.nanos();
    Looking looking = new Looking(began, question, selector.way());
    Selection found;
    try {
      Walk.run(question.root(), selector, visit -> looking.load(visit.cid()), WALK, looking);
      found = looking.result();
    } catch (ProtocolException e) {
      found = Selection.UNKNOWN; // too much, or a deal for it would fail as this walk did
    }
    long now = ticker.nanos();
    synchronized (this) {
      spare -= now - began;
      if (found.complete()) { // what is missing may come at any time
        kept.put(question, new Answer(found, now + KEPT_NANOS));
      }
    }
    return found;
  }

  private synchronized Optional<Selection> recall(Question question) {
    return Optional.ofNullable(kept.get(question))
        .filter(answer -> answer.until() - ticker.nanos() > 0)
        .map(Answer::selection);
  }

  private synchronized boolean hasTime() {
    long now = ticker.nanos();
    spare = Math.min(mostSpare(), spare + (now - lookedAt) / SHARE);
    lookedAt = now;
    return spare > 0;
  }

  private long mostSpare() {
    return bounds.time().toNanos() * SHARE;
  }

  /** One walk, counted as a deal without exclusions counts it. */
  private final class Looking implements WalkListener {
    private final WalkLedger ledger = new WalkLedger(Exclusions.NONE);
    private final long began;
    private final Question question;
    private final Path way;
    private long read;
    private boolean complete = true;
    private int come;

    Looking(long began, Question question, Path way) {
      this.began = began;
      this.question = question;
      this.way = way;
    }

    /** A path has no branches: as far as its length goes, what is visited lies on it. */
    @Override
    public void visited(Path path, Node node, boolean matched) {
      come = Math.max(come, Math.min(path.length(), way.length()));
    }

    LoadResult load(Cid cid) throws IOException {
      if (question.wayOnly() && come == way.length()) {
        return new LoadResult.Skip();
      }
      if (read > bounds.readBytes() || ticker.nanos() - began > bounds.time().toNanos()) {
        throw new ProtocolException(ProtocolException.BYTE_BUDGET, "more than a quote may cost");
      }
      Optional<ByteBuffer> data = data(cid);
      if (data.isEmpty()) {
        ledger.missing();
        complete = false;
        return new LoadResult.Skip();
      }
      ledger.visit(cid, data.get().remaining());
      return new LoadResult.Loaded(data.get());
    }

    private Optional<ByteBuffer> data(Cid cid) throws IOException {
      if (cid.isIdentity()) {
        return Optional.of(cid.hash().digestBuffer());
      }
      if (cid.codec() == Codec.RAW) {
        OptionalInt size = store.size(cid);
        return size.isPresent() ? Optional.of(zeros.of(size.getAsInt())) : Optional.empty();
      }
      Optional<ByteBuffer> data = store.get(cid).map(Block::data);
      read += data.map(ByteBuffer::remaining).orElse(0);
      return data;
    }

    Selection result() {
      return new Selection(
          complete,
          Optional.of(new Listing(ledger.charged(), ledger.chargedBlocks())),
          complete && come < way.length() ? Optional.of(whereItEnds()) : Optional.empty());
    }

    private String whereItEnds() {
      List<String> names = way.segments();
      return "there is no '%s' in %s"
          .formatted(
              names.get(come),
              Stream.concat(Stream.of(question.root().toString()), names.stream().limit(come))
                  .collect(Collectors.joining("/")));
    }
  }

  /** Stand-ins for raw blocks: of the same length, all from one buffer. */
  private static final class ZeroBlocks {
    private ByteBuffer longest = ByteBuffer.allocate(0);

    ByteBuffer of(int size) {
      if (longest.capacity() < size) {
        longest = ByteBuffer.allocate(size);
      }
      return longest.slice(0, size);
    }
  }
}
