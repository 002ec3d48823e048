package io.sluice.node.pullsync;

import io.sluice.fsm.Journal;
import io.sluice.fsm.MachineStore;
import io.sluice.fsm.engine.EngineWatch;
import io.sluice.fsm.sync.NeighbourSync;
import io.sluice.fsm.sync.SyncEvent;
import io.sluice.fsm.sync.SyncInput;
import io.sluice.fsm.sync.SyncState;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.node.pullsync.PullStanding.PullPhase;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.Multihash;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.pullsync.Lane;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The syncs of a node: what its operator asked for, and, while the node runs, the threads that
 * pull. Thread-safe.
 */
public final class Syncs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Syncs.class);

  /** More of them would each keep a stream open. */
  private static final int MOST = 64;

  private static final Pattern NAME = Pattern.compile("[\\w.-]{1,64}");
  private static final Duration ENDING = Duration.ofSeconds(4);

  /**
   * A sync and what it is doing.
   *
   * @param state {@code PAUSED}, or the phase in one word
   * @param reason why, for people
   * @param behind numbers that are not done; empty before the first contact
   * @param lag for how long something has been missing, zero if nothing is
   */
  public record SyncStatus(
      NeighbourSync sync, String state, String reason, Optional<Long> behind, Duration lag) {}

  /** A puller and the thread that runs it. */
  private record Running(Puller puller, Thread thread) {}

  private final PullHome home;
  private final Clock clock;
  private final RandomGenerator random;
  private final SyncRecords records;
  private final InFlight<Multihash> inFlight = new InFlight<>();
  private final PullRoom room;
  private final PullPace pace;
  private final PullPlan plan;

  // guarded by this
  private final Map<String, Running> running = new HashMap<>();
  private final List<Thread> ending = new ArrayList<>();
  private @Nullable Neighbours neighbours;
  private PullMetrics metrics = PullMetrics.NONE;
  private Consumer<String> appears = name -> {};

  /**
   * The syncs that are recorded there. Nothing is pulled before {@link #serve}.
   *
   * @param bytesPerSecond most that is asked of one neighbour; 0 for no limit
   */
  public Syncs(
      PullHome home,
      Journal journal,
      MachineStore store,
      Clock clock,
      RandomGenerator random,
      EngineWatch watch,
      long bytesPerSecond) {
    this(
        home,
        journal,
        store,
        clock,
        random,
        watch,
        PullPlan.STANDARD,
        PullPace.bytesPerSecond(bytesPerSecond));
  }

  Syncs(
      PullHome home,
      Journal journal,
      MachineStore store,
      Clock clock,
      RandomGenerator random,
      EngineWatch watch,
      PullPlan plan,
      PullPace pace) {
    this.home = home;
    this.clock = clock;
    this.random = random;
    this.plan = plan;
    this.room = new PullRoom(home, Ticker.SYSTEM);
    this.pace = pace;
    this.records = new SyncRecords(journal, store, clock, random, watch);
  }

  // ---- the operator

  /**
   * Begins a sync; it pulls at once if the node runs.
   *
   * @throws ServiceException {@code USAGE} if the name or the lane will not do, {@code SYNC_EXISTS}
   *     if there is one of this name, or of this neighbour and lane
   */
  public synchronized NeighbourSync add(NeighbourSync.Order order)
      throws IOException, ServiceException {
    if (!NAME.matcher(order.name()).matches()) {
      throw new ServiceException(
          ErrorCode.USAGE,
          "'%s' is no name for a sync: up to 64 letters, digits, dots and dashes"
              .formatted(order.name()));
    }
    List<SyncRecords.Recorded> all = records.all();
    if (all.size() >= MOST) {
      throw new ServiceException(
          ErrorCode.USAGE, "more than %d syncs are not kept".formatted(MOST));
    }
    for (SyncRecords.Recorded each : all) {
      NeighbourSync.Order other = each.sync().order();
      if (other.name().equals(order.name())) {
        throw new ServiceException(
            ErrorCode.SYNC_EXISTS,
            "there is a sync '%s' already, with %s; 'sluice sync rm' ends it"
                .formatted(other.name(), other.peer()));
      }
      if (other.peer().equals(order.peer()) && other.lane().equals(order.lane())) {
        throw new ServiceException(
            ErrorCode.SYNC_EXISTS,
            "'%s' pulls the same from %s already".formatted(other.name(), other.peer()));
      }
    }
    SyncRecords.Recorded begun = records.begin(NeighbourSync.of(order, home.cursor() + 1));
    start(begun);
    return begun.sync();
  }

  /**
   * Of a sync that was added to go both ways: asks the neighbour to pull from here, if the node
   * runs. One that cannot be reached now is asked later.
   *
   * @throws ServiceException {@code REFUSED} with the neighbour's reason; the sync is then gone
   */
  public void requireFollowed(NeighbourSync.Order order)
      throws IOException, ServiceException, InterruptedException {
    Neighbours to;
    synchronized (this) {
      to = neighbours;
    }
    if (to == null) {
      return;
    }
    try {
      to.askToFollow(order.peer(), order.addresses(), order.lane(), order.name());
    } catch (NeighbourException e) {
      var unused = remove(order.name());
      throw new ServiceException(DealCode.REFUSED, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      LOG.info("{} is asked to pull from here later: {}", order.peer(), e.toString());
    }
  }

  /**
   * Of a sync that went both ways and was removed: asks the neighbour to pull from here no more.
   *
   * @return why it may go on; empty if it does not
   */
  public Optional<String> requireStopped(NeighbourSync.Order order) throws InterruptedException {
    Neighbours to;
    synchronized (this) {
      to = neighbours;
    }
    if (to == null) {
      return Optional.of("this node does not run");
    }
    awaitEnding(); // it may just be asking for the opposite
    try {
      to.askToStop(order.peer(), order.addresses(), order.lane());
      return Optional.empty();
    } catch (NeighbourException | IOException e) {
      return Optional.of(Puller.message(e));
    }
  }

  /** All of them, in the order of their names. */
  public synchronized List<SyncStatus> all() throws IOException {
    List<SyncStatus> all = new ArrayList<>();
    for (SyncRecords.Recorded each : records.all()) {
      all.add(status(each));
    }
    return all;
  }

  /**
   * One of them.
   *
   * @throws ServiceException {@code NO_SUCH_SYNC}
   */
  public synchronized SyncStatus one(String name) throws IOException, ServiceException {
    return status(find(name));
  }

  private SyncRecords.Recorded find(String name) throws IOException, ServiceException {
    return records.all().stream()
        .filter(each -> each.sync().order().name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new ServiceException(
                    ErrorCode.NO_SUCH_SYNC,
                    "there is no sync '%s'; 'sluice sync ls' lists them".formatted(name)));
  }

  private SyncStatus status(SyncRecords.Recorded recorded) {
    NeighbourSync sync = recorded.sync();
    Instant now = clock.instant();
    Running run = running.get(sync.order().name());
    Optional<Long> known = sync.epoch() == 0 ? Optional.empty() : Optional.of(sync.behind());
    if (recorded.state() == SyncState.PAUSED || run == null) {
      String state =
          recorded.state() == SyncState.PAUSED ? SyncState.PAUSED.name() : PullPhase.STOPPED.name();
      return new SyncStatus(sync, state, "", known, since(sync.inSync(), now));
    }
    PullStanding standing = run.puller().standing();
    return new SyncStatus(
        sync,
        standing.phase().name(),
        standing.reason(),
        run.puller().behind(),
        since(run.puller().lagsSince(now), now));
  }

  private static Duration since(Instant time, Instant now) {
    Duration since = Duration.between(time, now);
    return since.isNegative() ? Duration.ZERO : since;
  }

  /** Lets a sync rest, until {@link #resume}. */
  public synchronized SyncStatus pause(String name) throws IOException, ServiceException {
    var unused = records.happened(find(name).id(), SyncEvent.PAUSE, SyncInput.none());
    end(name);
    return one(name);
  }

  /** Lets a sync go on; one that waits to try again does so now. */
  public synchronized SyncStatus resume(String name) throws IOException, ServiceException {
    Optional<SyncRecords.Recorded> resumed =
        records.happened(find(name).id(), SyncEvent.RESUME, SyncInput.none());
    Running run = running.get(name);
    if (run != null) {
      run.puller().wake();
    } else if (resumed.isPresent()) {
      start(resumed.get());
    }
    return one(name);
  }

  /**
   * Ends a sync. What it brought stays.
   *
   * @return what was asked for when it was added
   */
  public synchronized NeighbourSync.Order remove(String name) throws IOException, ServiceException {
    SyncRecords.Recorded found = find(name);
    var unused = records.happened(found.id(), SyncEvent.REMOVE, SyncInput.none());
    end(name);
    return found.sync().order();
  }

  /**
   * The own number from which on what came may have no root here yet, and is to stay.
   *
   * @return {@link Long#MAX_VALUE} without syncs
   */
  public static long unclaimed(MachineStore store) throws IOException {
    return SyncRecords.all(store).stream()
        .mapToLong(each -> each.sync().unclaimed())
        .min()
        .orElse(Long.MAX_VALUE);
  }

  // ---- the running node

  /**
   * Pulls from here on.
   *
   * @param to the way to neighbours
   * @param hashing where their blocks are hashed
   * @param counting where to count
   * @param appearing hears the name of each sync that pulls
   */
  public void serve(
      Host to, ExecutorService hashing, PullMetrics counting, Consumer<String> appearing)
      throws IOException {
    serve(new HostNeighbours(to, hashing), counting, appearing);
  }

  synchronized void serve(Neighbours to, PullMetrics counting, Consumer<String> appearing)
      throws IOException {
    neighbours = to;
    metrics = counting;
    appears = appearing;
    for (SyncRecords.Recorded each : records.all()) {
      start(each);
    }
  }

  private void start(SyncRecords.Recorded recorded) {
    Neighbours to = neighbours;
    if (to == null || recorded.state() != SyncState.ACTIVE) {
      return;
    }
    String name = recorded.sync().order().name();
    appears.accept(name);
    Puller puller =
        new Puller(
            recorded,
            new Puller.PullParts(
                home, to, records, inFlight, room, pace, plan, metrics, clock, random));
    Thread thread = Thread.ofVirtual().name("sync-" + name).start(puller);
    running.put(name, new Running(puller, thread));
  }

  private void end(String name) {
    Running run = running.remove(name);
    if (run != null) {
      run.puller().stop();
      ending.removeIf(thread -> !thread.isAlive());
      ending.add(run.thread());
    }
  }

  /** Pulls nothing from here on; threads end as soon as they are done with what they store. */
  public synchronized void rest() {
    neighbours = null;
    for (String name : List.copyOf(running.keySet())) {
      end(name);
    }
  }

  /** Waits for the threads, then takes no more events. */
  @Override
  public void close() {
    rest();
    try {
      awaitEnding();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    records.close();
  }

  private void awaitEnding() throws InterruptedException {
    List<Thread> last;
    synchronized (this) {
      last = List.copyOf(ending);
    }
    long until = Ticker.SYSTEM.nanos() + ENDING.toNanos();
    for (Thread thread : last) {
      var unused = thread.join(Duration.ofNanos(Math.max(1, until - Ticker.SYSTEM.nanos())));
    }
  }

  // ---- neighbours that ask

  /** A neighbour takes back that it asked this node to pull from it; if it did not, nothing is. */
  public synchronized void stopFollowing(PeerId peer, Lane lane) throws IOException {
    for (SyncRecords.Recorded each : records.all()) {
      NeighbourSync.Order order = each.sync().order();
      if (order.asked() && order.peer().equals(peer) && order.lane().equals(lane)) {
        var unused = records.happened(each.id(), SyncEvent.REMOVE, SyncInput.none());
        end(order.name());
      }
    }
  }

  /**
   * A neighbour asks this node to pull from it. The same once more changes nothing.
   *
   * @throws ServiceException as {@link #add}
   */
  public synchronized void follow(PeerId peer, List<Multiaddr> addresses, Lane lane, String name)
      throws IOException, ServiceException {
    for (SyncRecords.Recorded each : records.all()) {
      NeighbourSync.Order order = each.sync().order();
      if (order.peer().equals(peer) && order.lane().equals(lane)) {
        Running run = running.get(order.name());
        if (run != null) {
          run.puller().wake();
        }
        return;
      }
    }
    var unused =
        add(
            new NeighbourSync.Order(
                name, peer, addresses, lane, false, true, Optional.empty(), clock.instant()));
  }
}
