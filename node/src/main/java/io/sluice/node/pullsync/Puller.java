package io.sluice.node.pullsync;

import io.sluice.fsm.EventType;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.sync.NeighbourSync;
import io.sluice.fsm.sync.OpenNumber;
import io.sluice.fsm.sync.SyncEvent;
import io.sluice.fsm.sync.SyncInput;
import io.sluice.node.pullsync.PullStanding.PullPhase;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multihash;
import io.sluice.protocol.pullsync.Item;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pulls from one neighbour for as long as the sync is active: whatever fails is tried again, later
 * and later. A page is recorded only when its blocks are durable, so that a process that is killed
 * repeats that page and nothing else.
 *
 * <p>The order within a page is what all rests on: what is not here is fetched and stored, the
 * store is synced, roots are listed or dropped, and last the page is recorded. Whatever dies or
 * fails in between leaves a page that is not done, and doing it again finds its blocks here. The
 * neighbour is believed in nothing that matters: blocks are hashed, roots are looked through, and
 * numbers that it says to be done are only its own. It can keep blocks back or waste time, not
 * more.
 *
 * <p>It is the life of one thread, from contact to page to rest. What is next is decided by {@link
 * PullPlan}, what is stored by {@link PullKeeper}, which numbers are done by {@link PageNumbers};
 * here stand the order of things, what is said of them, and what happens when one of them fails.
 *
 * <p>One thread runs it; the other methods may be called from any.
 */
final class Puller implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Puller.class);

  /** How long to wait for blocks that another sync is fetching. */
  private static final Duration BESIDE = Duration.ofSeconds(10);

  /** How often to look, during a pause, whether the neighbour came back by itself. */
  private static final Duration LOOK = Duration.ofMillis(500);

  /** How often to look whether what was bought is still all there is. */
  private static final Duration BOUGHT = Duration.ofMinutes(5);

  /** What belongs to no root for so long is of an import that was given up. */
  private static final Duration GIVEN_UP = Duration.ofDays(1);

  private static final String NO_ROOM =
      "there is no room for it: receive.quota or the free space of the disk is used up";

  /**
   * What all pullers of a node share.
   *
   * @param inFlight what they fetch
   * @param room for it
   * @param pace how fast
   */
  record PullParts(
      PullHome home,
      Neighbours neighbours,
      SyncRecords records,
      InFlight<Multihash> inFlight,
      PullRoom room,
      PullPace pace,
      PullPlan plan,
      PullMetrics metrics,
      Clock clock,
      RandomGenerator random) {}

  private final PullParts parts;
  private final MachineId id;
  private final StopSwitch stop = new StopSwitch(Ticker.SYSTEM);

  // Written by the running thread, read by whoever is told of the sync.
  private volatile NeighbourSync sync;
  private volatile PullStanding standing = PullStanding.of(PullPhase.CONNECTING);
  private volatile Instant confirmed;
  private volatile String notFollowed = "";

  /** How far the neighbour is; 0 before it was asked. */
  private volatile long cursor;

  // of the running thread
  private long failures;
  private Instant looked = Instant.EPOCH;
  private boolean rootsChanged = true;
  private Duration owed = Duration.ZERO;
  private long firstUnclaimed;
  private Instant unclaimedSince = Instant.EPOCH;

  Puller(SyncRecords.Recorded recorded, PullParts parts) {
    this.parts = parts;
    this.id = recorded.id();
    this.sync = recorded.sync();
    this.confirmed = recorded.sync().inSync();
  }

  /** The sync as it was recorded last. */
  NeighbourSync sync() {
    return sync;
  }

  PullStanding standing() {
    PullStanding now = standing;
    return now.reason().isEmpty() && !notFollowed.isEmpty()
        ? new PullStanding(now.phase(), notFollowed)
        : now;
  }

  /** Since when something is missing, or it is not known; the clock's time if nothing is. */
  Instant lagsSince(Instant now) {
    return standing.phase() == PullPhase.IN_SYNC ? now : confirmed;
  }

  /** Ends the thread soon; a page that is under way is not recorded. */
  void stop() {
    stop.stop();
  }

  /** Ends a pause. */
  void wake() {
    stop.wake();
  }

  @Override
  public void run() {
    try {
      while (!stop.isStopped()) {
        attempt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // only stop() interrupts
    }
  }

  private void attempt() throws InterruptedException {
    try {
      pull();
    } catch (NeighbourException e) {
      failed(e);
    } catch (IOException e) {
      failed(e);
    } catch (RuntimeException e) {
      // A mistake of ours about one neighbour: others go on, and this one is not hammered.
      LOG.error("the sync {} is wrong; it is tried again", sync.order().name(), e);
      failed(e);
    }
  }

  private void failed(NeighbourException e) throws InterruptedException {
    // An end that was asked for breaks streams, which looks like a failure and is none.
    if (stop.isStopped()) {
      return;
    }
    if (e.kind() == NeighbourException.Kind.PAYMENT_REQUIRED) {
      sold(e);
      return;
    }
    PullPhase phase =
        e.kind() == NeighbourException.Kind.REFUSED ? PullPhase.REFUSED : PullPhase.RETRYING;
    // How long depends on what it said: a refusal changes by a person, a break by itself.
    rest(phase, message(e), parts.plan().afterFailure(e.kind(), ++failures, e.after(), random()));
  }

  private void failed(Exception e) throws InterruptedException {
    if (!stop.isStopped()) {
      rest(PullPhase.RETRYING, message(e), parts.plan().afterFailure(++failures, parts.random()));
    }
  }

  private RandomGenerator random() {
    return parts.random();
  }

  static String message(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private void rest(PullPhase phase, String reason, Duration time) throws InterruptedException {
    LOG.debug("{}: {}, {}; again in {}", sync.order().name(), phase, reason, time);
    parts.metrics().failed(sync.order().name());
    standing = new PullStanding(phase, reason);
    // Who dials us during a long pause is there again: waiting on would only lose time.
    boolean cutOff = !parts.neighbours().isConnected(sync.order().peer());
    stop.pause(time, LOOK, () -> cutOff && parts.neighbours().isConnected(sync.order().peer()));
  }

  // ---- what is for sale

  private void sold(NeighbourException terms) throws InterruptedException {
    NeighbourSync.Order order = sync.order();
    Optional<Cid> root = order.lane().root();
    try {
      if (root.isPresent() && parts.home().isComplete(root.get())) {
        // Looked at now and then, since a block of it may be removed or found damaged here.
        failures = 0;
        confirmed = now();
        standing = new PullStanding(PullPhase.IN_SYNC, "all of it is here, bought");
        stop.pause(BOUGHT, BOUGHT, () -> false);
      } else if (root.isPresent() && order.limits().isPresent()) {
        standing = new PullStanding(PullPhase.BUYING, message(terms));
        parts.home().buy(order);
      } else {
        notPaid(message(terms));
      }
    } catch (PullHome.NotBoughtException e) {
      notPaid(message(e));
    } catch (IOException e) {
      failed(e);
    }
  }

  private void notPaid(String reason) throws InterruptedException {
    if (!stop.isStopped()) {
      rest(
          PullPhase.PAYMENT_REQUIRED,
          reason,
          parts
              .plan()
              .afterFailure(
                  NeighbourException.Kind.PAYMENT_REQUIRED, ++failures, Duration.ZERO, random()));
    }
  }

  // ---- pulling

  private void pull() throws IOException, NeighbourException, InterruptedException {
    NeighbourSync.Order order = sync.order();
    Neighbour neighbour = parts.neighbours().at(order.peer(), order.addresses());
    Neighbour.Position there = stop.waitFor(() -> neighbour.position(order.lane()));
    follow();
    // Before any number is asked for: by another numbering it would mean something else.
    numbered(there);
    cursor = there.cursor();
    looked = now();
    while (!stop.isStopped()) {
      show();
      switch (parts.plan().next(sync, cursor, looked, now())) {
        case PullPlan.Rest rest -> stop.pause(rest.time(), rest.time(), () -> false);
        case PullPlan.Ask ask -> {
          // The pace is paid for afterwards: how much a page brings is known when it has come.
          if (owed.isPositive()) {
            stop.pause(owed, owed, () -> false);
          }
          // Only a page that came whole is a success; contact alone would let a neighbour that
          // fails at each page be asked again at once, for ever.
          ask(neighbour, ask);
          failures = 0;
        }
      }
    }
  }

  /** The neighbour is told to pull from here as well, until it does. */
  private void follow() throws IOException, NeighbourException, InterruptedException {
    NeighbourSync.Order order = sync.order();
    if (!order.both() || sync.followed()) {
      return;
    }
    try {
      stop.waitFor(
          () -> {
            parts
                .neighbours()
                .askToFollow(order.peer(), order.addresses(), order.lane(), order.name());
            return true;
          });
      notFollowed = "";
      happened(SyncEvent.FOLLOWED, SyncInput.none());
    } catch (NeighbourException e) {
      // Told to whoever asks how the sync is, and tried again with the next contact.
      notFollowed = "it does not pull from here: " + message(e); // which keeps nobody from pulling
    }
  }

  /**
   * Numbers that went back were restored from somewhere: who knows what stands for which. Where
   * this node numbers anew, blocks that came may be gone.
   */
  private void numbered(Neighbour.Position there) throws IOException {
    boolean wentBack = Long.compareUnsigned(sync.seen().highest(), there.cursor()) > 0;
    long own = parts.home().epoch();
    if (there.epoch() != sync.epoch() || own != sync.ownEpoch() || wentBack) {
      // All is looked through once more. That costs pages, not blocks: those that are here are not
      // wanted.
      happened(
          SyncEvent.EPOCH_CHANGED, new SyncInput.NewNumbering(there.epoch(), there.cursor(), own));
    }
  }

  private <X extends SyncInput> void happened(EventType<X> event, X input) throws IOException {
    Optional<SyncRecords.Recorded> after = parts.records().happened(id, event, input);
    // The record decides, not this thread: somebody may have removed the sync while a page came.
    if (after.isPresent()) {
      sync = after.get().sync();
    } else {
      stop.stop(); // removed
    }
  }

  private void show() {
    if (missing() > 0) {
      String reason =
          sync.open().isEmpty()
              ? ""
              : "%d numbers are to be tried again, first %s: %s"
                  .formatted(
                      sync.open().size(),
                      sync.open().getFirst().cid(),
                      sync.open().getFirst().reason());
      standing = new PullStanding(PullPhase.CATCHING_UP, reason);
    } else {
      confirmed = now();
      standing = PullStanding.of(PullPhase.IN_SYNC);
    }
  }

  private long missing() {
    return sync.done().missing(cursor);
  }

  /** How many numbers are not done; unknown before the first contact. */
  Optional<Long> behind() {
    // Read once, as the thread may replace it; and by what was recorded, where a start has not yet
    // heard of the neighbour.
    NeighbourSync now = sync;
    long known = Math.max(cursor, now.cursor());
    return now.epoch() == 0 ? Optional.empty() : Optional.of(now.done().missing(known));
  }

  private void ask(Neighbour neighbour, PullPlan.Ask ask)
      throws IOException, NeighbourException, InterruptedException {
    PullKeeper keeper = new PullKeeper(parts.home().store(), parts.inFlight(), parts.room());
    Neighbour.Page page;
    try (keeper) {
      page =
          stop.waitFor(
              () ->
                  neighbour.page(
                      sync.order().lane(),
                      sync.epoch(),
                      ask.from(),
                      ask.to(),
                      ask.patience(),
                      undisturbed(keeper)));
    } finally {
      // A page that broke off has cost the neighbour and the line as much.
      owed = parts.pace().came(sync.order().peer(), keeper.bytes());
    }
    if (ask.isForNews()) {
      looked = now();
    }
    // The end of a page is the neighbour's word. One that is not within what was asked would mark
    // numbers as done that nobody looked at.
    long top = page.topmost();
    // Patience is over and nothing new came: no page, and nothing to record.
    if (top == ask.from() - 1 && ask.isForNews()) {
      return;
    }
    if (top < ask.from() || top > ask.to() || top == Neighbour.LIVE) {
      throw new NeighbourException(
          NeighbourException.Kind.WRONG,
          "of %d to %d it says that %d is the end".formatted(ask.from(), ask.to(), top),
          Duration.ZERO);
    }
    cursor = Math.max(cursor, top);
    keep(ask.from(), page, keeper);
  }

  /**
   * What is stored is stored, whoever wants this thread to end: an interrupt in the middle of a
   * write would close the store's file for everybody.
   */
  private Neighbour.PageReceiver undisturbed(PullKeeper keeper) {
    return new Neighbour.PageReceiver() {
      @Override
      public boolean wants(Item item) throws IOException {
        return stop.undisturbed(() -> keeper.wants(item));
      }

      @Override
      public void receive(Item item, Block block) throws IOException {
        stop.undisturbed(
            () -> {
              keeper.receive(item, block);
              return true;
            });
      }
    };
  }

  /** Makes durable what a page brought, then records it. */
  private void keep(long from, Neighbour.Page page, PullKeeper keeper)
      throws IOException, NeighbourException, InterruptedException {
    PageNumbers numbers =
        new PageNumbers(parts.home(), parts.plan(), parts.clock(), parts.random(), sync, from);
    for (Neighbour.Failed failed : page.failed()) {
      numbers.missed(failed.item(), failed.reason(), failed.after());
    }
    for (Item item : keeper.noRoom()) {
      numbers.missed(item, NO_ROOM, Duration.ZERO);
    }
    for (Item item : stop.waitFor(() -> keeper.broughtByNobody(BESIDE))) {
      numbers.missed(item, "another neighbour was to bring it", Duration.ZERO);
    }
    // From here on a kill costs nothing: all that came is found again. Before roots, since a root
    // that is listed says that all beneath it is here.
    parts.home().store().sync();
    for (Item item : page.items()) {
      rootsChanged |= numbers.takeRoot(item);
    }
    List<OpenNumber> open = numbers.open();
    // What is kept from gc is only worked out when the sync has caught up, and only if roots
    // changed: it goes through the log.
    boolean all = numbers.done(page.topmost()).missing(cursor) == 0;
    happened(
        SyncEvent.PAGE_DONE,
        new SyncInput.DonePage(
            from,
            page.topmost(),
            open,
            keeper.blocks(),
            keeper.bytes(),
            cursor,
            all ? Optional.of(now()) : Optional.empty(),
            all && rootsChanged ? Optional.of(unclaimed()) : Optional.empty()));
    rootsChanged &= !all;
    parts.metrics().paged(sync.order().name(), keeper.blocks(), keeper.bytes());
    if (!open.isEmpty()) {
      parts.metrics().failed(sync.order().name());
      lookThroughAgain(open);
    }
  }

  /** From which own number on blocks may belong to roots that are still to come. */
  private long unclaimed() throws IOException {
    // An import may take long at the neighbour, so its blocks come before their root; but one that
    // stands still for a day was given up, and would keep all that comes after it for ever.
    long first = parts.home().unclaimed(sync.unclaimed());
    if (first != firstUnclaimed) {
      firstUnclaimed = first;
      unclaimedSince = now();
    }
    return now().isAfter(unclaimedSince.plus(GIVEN_UP)) ? parts.home().cursor() + 1 : first;
  }

  private void lookThroughAgain(List<OpenNumber> open) throws IOException {
    for (OpenNumber each : open) {
      // All before it is done and still it is not whole: blocks were lost here after they came.
      if (each.root() && PullPlan.looksThroughAgain(sync, each)) {
        LOG.info("{}: {} is not whole; looked through again", sync.order().name(), each.cid());
        happened(SyncEvent.SET_BACK, new SyncInput.UpTo(each.number() - 1));
      }
    }
  }

  private Instant now() {
    return parts.clock().instant();
  }
}
