package io.sluice.node.sync;

import io.sluice.dealstore.disk.StorageFullException;
import io.sluice.fsm.CrashPoint;
import io.sluice.node.sync.SyncRefusal.RefusalKind;
import io.sluice.protocol.OrderedTasks;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.car.CarLimits;
import io.sluice.protocol.car.CarReader;
import io.sluice.protocol.car.CarSection;
import io.sluice.protocol.dsync.BadManifest;
import io.sluice.protocol.dsync.DsyncNames;
import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.dsync.Manifest;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answering side of dsync, whatever the transport. A push is let in by its caller's grant,
 * brings what is missing here, and is completed in one place, once: when the last block is durable,
 * or at once if nothing is missing. Only blocks that the push's manifest names are stored, only
 * under the names that they have, and only so many bytes as were granted, by what arrives. What is
 * read is {@link SyncReads}.
 *
 * <p>Thread-safe; calls run on the threads of the requests and wait for the disk. What is refused
 * is a {@link SyncRefusal}; an {@link IOException} is of this node's disk, or of the peer's stream.
 */
public final class SyncService {
  private static final Logger LOG = LoggerFactory.getLogger(SyncService.class);
  private static final int HASHES_A_CORE = 2;

  /** Bytes of a push between two looks at the room that is left. */
  private static final long ROOM_LOOK = 8L << 20;

  /** Blocks of an archive between two syncs that say that they are here. */
  private static final int BLOCKS_A_SYNC = 256;

  private final SyncHome home;
  private final SyncHooks hooks;
  private final SyncLimits limits;
  private final ExecutorService hashing;
  private final ReceiveSessions sessions;
  private final SyncReads reads;
  private final SyncMetrics metrics;

  /**
   * @param hooks what is asked beside the node's own rules
   * @param hashing where blocks of archives are hashed, as wide as the cores
   * @param random makes the ids of sessions, which nobody must guess
   * @param metrics hears of what is done and refused
   */
  public SyncService(
      SyncHome home,
      SyncHooks hooks,
      SyncLimits limits,
      ExecutorService hashing,
      Clock clock,
      SecureRandom random,
      SyncMetrics metrics) {
    this.home = home;
    this.hooks = hooks;
    this.limits = limits;
    this.hashing = hashing;
    this.sessions = new ReceiveSessions(clock, limits, random, this::expired);
    this.reads = new SyncReads(home, hooks, limits, metrics);
    this.metrics = metrics;
  }

  /**
   * A push that was let in.
   *
   * @param sid what its blocks are sent with
   * @param missing what is to be sent
   */
  record Begun(String sid, Manifest missing) {}

  SyncHome home() {
    return home;
  }

  SyncLimits limits() {
    return limits;
  }

  /**
   * Goes on with the pushes that an earlier process left, and remembers those that come. To be
   * called once, before anybody is answered.
   */
  public void remember(ReceiveRecords where) throws IOException {
    for (ReceiveSession session : sessions.rememberIn(where, home.store()::has)) {
      if (session.lacking() == 0) { // the process died with the last block
        try {
          complete(session);
        } catch (SyncRefusal e) {
          LOG.info("a push of {} stays incomplete: {}", session.caller().name(), e.reason());
        }
      }
    }
  }

  /** Those who are told of it may take their time, and others wait for the sessions. */
  private void expired(ReceiveSession session) {
    metrics.ended(SyncMetrics.EXPIRED);
    Thread.ofVirtual()
        .name("push expired")
        .start(() -> hooks.pushExpired(session.caller(), session.info(), session.meta()));
  }

  /** Ends the pushes whose time is over. */
  public void expire() {
    sessions.expire();
  }

  /** Blocks of pushes under way, which are to be kept whatever is listed. */
  public Set<Cid> held() {
    return sessions.blocks();
  }

  /** Pushes under way. */
  public int underWay() {
    return sessions.count();
  }

  /** Something was refused, or failed, and the peer is told so. */
  void refused(RefusalKind kind) {
    metrics.refused(kind.name().toLowerCase(Locale.ROOT));
  }

  // ---- push

  /** Refuses those who may not push, before what they say is even read. */
  void requirePush(SyncCaller caller) throws SyncRefusal {
    if (!caller.push()) {
      throw SyncRefusal.because(DsyncNames.PUSH_NOT_ACCEPTED);
    }
  }

  Begun begin(SyncCaller caller, Info info, boolean pin, Map<String, String> meta)
      throws SyncRefusal, IOException {
    requirePush(caller);
    hooks.pushBegins(caller, info, meta);
    refuseWhereFull();
    Manifest missing =
        limits.requireAll() ? info.manifest() : info.manifest().diff(home.store()::has);
    ReceiveSession session =
        new ReceiveSession(
            sessions.newSid(), caller, info, missing, pin, meta, sessions.deadline());
    if (!missing.nodes().isEmpty()) {
      sessions.forgetEldest(session);
      if (!sessions.hasRoomFor(info.manifest().nodes().size())) {
        throw new SyncRefusal(RefusalKind.RETRY, "too many pushes are under way; try again later");
      }
      sessions.log().begun(session);
      CrashPoint.DSYNC_BEGUN.reached();
      sessions.add(session);
    } else if (!info.manifest().nodes().isEmpty()) {
      home.store().sync(); // what is here may have come a moment ago
      sessions.log().begun(session);
      try {
        complete(session);
      } catch (SyncRefusal e) { // nobody knows it who could go on with it
        sessions.log().expired(session);
        throw e;
      }
    }
    return new Begun(session.sid(), missing);
  }

  /** Of the caller's own: a session is nothing to anybody else. */
  private ReceiveSession session(SyncCaller caller, String sid) throws SyncRefusal {
    return sessions
        .find(sid)
        .filter(session -> session.caller().name().equals(caller.name()))
        .orElseThrow(() -> SyncRefusal.because(DsyncNames.sessionNotFound(sid)));
  }

  /** Finds a session before its body is read. */
  void requireSession(SyncCaller caller, String sid) throws SyncRefusal {
    if (!sessions.hasEndedBeside(sid, caller)) {
      session(caller, sid);
    }
  }

  void receive(SyncCaller caller, String sid, String name, ByteBuffer data)
      throws SyncRefusal, IOException {
    Cid cid = parse(name);
    if (sessions.hasEndedBeside(sid, caller) && home.store().has(cid)) {
      return; // another session has brought it
    }
    ReceiveSession session = session(caller, sid);
    if (!session.names(cid)) {
      throw notNamed(cid);
    }
    Block block;
    try {
      block = Block.verified(cid, data);
    } catch (ProtocolException e) {
      throw SyncRefusal.because(
          e.code().equals(ProtocolException.BLOCK_HASH_MISMATCH)
              ? DsyncNames.hashMismatch(cid, Cid.sha2_256(cid.codec(), data))
              : String.valueOf(e.getMessage()));
    }
    if (session.lacks(cid)) {
      try {
        put(session, block);
        home.store().sync();
      } catch (IOException e) {
        throw unkept(e);
      }
      CrashPoint.DSYNC_BLOCKS_KEPT.reached();
      session.has(cid);
    }
    completeIfAll(session);
  }

  /** Takes an archive to its end, which is known to be good before this returns. */
  void receive(SyncCaller caller, String sid, ReadableByteChannel car)
      throws SyncRefusal, IOException {
    ReceiveSession session = session(caller, sid);
    CarLimits carLimits =
        new CarLimits(
            CarLimits.DEFAULT.headerBytes(),
            CarLimits.DEFAULT.roots(),
            CarLimits.DEFAULT.sectionBytes() - CarLimits.BLOCK_BYTES + limits.blockBytes(),
            false);
    try {
      CarReader archive = CarReader.open(car, carLimits);
      if (archive.version() != 1 || archive.roots().isEmpty()) {
        throw SyncRefusal.because(
            "an archive of version %d with %d roots"
                .formatted(archive.version(), archive.roots().size()));
      }
      take(session, archive);
    } catch (ProtocolException e) {
      throw SyncRefusal.because(String.valueOf(e.getMessage()));
    } catch (RefusedBlock e) {
      throw e.refusal;
    }
    if (session.lacking() > 0) {
      throw SyncRefusal.because(
          "%d of the blocks did not come, the first is %s"
              .formatted(session.lacking(), session.lacked().map(Cid::toString).orElse("here")));
    }
    completeIfAll(session);
  }

  private void take(ReceiveSession session, CarReader archive) throws IOException, SyncRefusal {
    int ahead = HASHES_A_CORE * Runtime.getRuntime().availableProcessors();
    SyncedBlocks came = new SyncedBlocks(session);
    try (OrderedTasks<Block> checks = new OrderedTasks<>(hashing, ahead, came::keep)) {
      for (Optional<CarSection> next = archive.next(); next.isPresent(); next = archive.next()) {
        CarSection section = next.get();
        if (!session.names(section.cid())) {
          throw notNamed(section.cid());
        }
        checks.submit(section::verified);
      }
      checks.finish();
    } finally {
      came.sync(); // also of an archive that is cut off: what came need not come again
    }
  }

  /** Keeps the blocks of an archive, and says that they are here once they are durable. */
  private final class SyncedBlocks {
    private final ReceiveSession session;
    private final List<Cid> unsynced = new ArrayList<>();

    SyncedBlocks(ReceiveSession session) {
      this.session = session;
    }

    void keep(Block block) throws IOException {
      if (!session.lacks(block.cid())) {
        return;
      }
      try {
        put(session, block);
      } catch (SyncRefusal e) {
        throw new RefusedBlock(e);
      }
      unsynced.add(block.cid());
      if (unsynced.size() >= BLOCKS_A_SYNC) {
        sync();
      }
    }

    void sync() throws IOException {
      if (!unsynced.isEmpty()) {
        home.store().sync();
        CrashPoint.DSYNC_BLOCKS_KEPT.reached();
        unsynced.forEach(session::has);
        unsynced.clear();
      }
    }
  }

  /** Carries a refusal through where only the disk's errors pass. */
  private static final class RefusedBlock extends IOException {
    private static final long serialVersionUID = 1L;
    private final transient SyncRefusal refusal;

    RefusedBlock(SyncRefusal refusal) {
      super(refusal);
      this.refusal = refusal;
    }
  }

  private void put(ReceiveSession session, Block block) throws IOException, SyncRefusal {
    if (block.size() > limits.blockBytes()) {
      throw new SyncRefusal(
          RefusalKind.TOO_LARGE,
          "a block of %d bytes, at most %d are taken".formatted(block.size(), limits.blockBytes()));
    }
    long bytes = session.arrives(block.size());
    boolean kept = false;
    try {
      long most = Math.min(limits.pushBytes(), session.caller().max().orElse(Long.MAX_VALUE));
      if (bytes > most) {
        throw new SyncRefusal(RefusalKind.TOO_LARGE, "it is more than %d bytes".formatted(most));
      }
      Cid root = session.info().manifest().root().orElseThrow();
      hooks.blockArrives(session.caller(), root, block.cid(), bytes);
      if (bytes / ROOM_LOOK != (bytes - block.size()) / ROOM_LOOK) {
        refuseWhereFull();
      }
      home.store().put(block);
      kept = true;
      metrics.came(block.size());
    } finally {
      if (!kept) {
        session.arrives(-block.size());
      }
    }
  }

  private void refuseWhereFull() throws IOException, SyncRefusal {
    Optional<String> full = home.lacksRoom(sessions.arriving());
    if (full.isPresent()) {
      throw new SyncRefusal(RefusalKind.TOO_LARGE, full.get());
    }
  }

  private void completeIfAll(ReceiveSession session) throws IOException, SyncRefusal {
    if (session.lacking() == 0) {
      complete(session);
    }
  }

  /**
   * The one end of a push that brought all. What refuses it leaves the session, so that it can be
   * completed by sending any of it again; who is told of it last can refuse nothing any more. Other
   * sessions for the same, such as those of a sender that began again, end with it: left alone, one
   * would list the content once more when a node starts, after it was removed.
   */
  private void complete(ReceiveSession session) throws IOException, SyncRefusal {
    session.completeOnce(
        () -> {
          hooks.pushArrived(session.caller(), session.info(), session.meta());
          home.received(
              session.caller(), session.info().manifest().root().orElseThrow(), session.pin());
          CrashPoint.DSYNC_LISTED.reached();
          ended(session);
          CrashPoint.DSYNC_COMPLETE.reached();
          hooks.pushCompleted(session.caller(), session.info(), session.meta());
        });
    for (ReceiveSession same : sessions.same(session)) {
      same.completeOnce(() -> ended(same));
      sessions.endedBeside(same);
    }
  }

  private void ended(ReceiveSession session) throws IOException {
    sessions.log().completed(session);
    sessions.remove(session);
    metrics.ended(SyncMetrics.COMPLETED);
  }

  private static SyncRefusal unkept(IOException e) {
    return StorageFullException.isFull(e)
        ? new SyncRefusal(RefusalKind.TOO_LARGE, "there is no room for it")
        : new SyncRefusal(RefusalKind.RETRY, "it cannot be kept: " + e.getMessage());
  }

  private static SyncRefusal notNamed(Cid cid) {
    return SyncRefusal.because(cid + " is not in the manifest of this push");
  }

  // ---- read

  /** Gives what may be read. */
  SyncReads reads() {
    return reads;
  }

  // ---- remove

  void remove(SyncCaller caller, String root, Map<String, String> meta)
      throws SyncRefusal, IOException {
    if (!caller.remove()) {
      throw SyncRefusal.because(DsyncNames.REMOVE_NOT_SUPPORTED);
    }
    Cid cid = parse(root);
    hooks.removalAsked(caller, cid, meta);
    if (!home.remove(cid)) {
      throw SyncRefusal.because(cid + " is not pinned here");
    }
  }

  static Cid parse(String name) throws SyncRefusal {
    try {
      return Cid.parse(name);
    } catch (ProtocolException e) {
      throw SyncRefusal.because(String.valueOf(e.getMessage()));
    }
  }

  /** What was wrong with a request, as a "no". */
  static SyncRefusal refusal(ProtocolException e) {
    boolean tooLarge =
        e.code().equals(BadManifest.TOO_LARGE)
            || e.code().equals(ProtocolException.MESSAGE_TOO_LARGE)
            || e.code().equals(ProtocolException.DECODE_BUDGET);
    return new SyncRefusal(
        tooLarge ? RefusalKind.TOO_LARGE : RefusalKind.REFUSED, String.valueOf(e.getMessage()));
  }
}
