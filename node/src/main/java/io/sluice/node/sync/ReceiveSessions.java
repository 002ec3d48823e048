package io.sluice.node.sync;

import io.sluice.protocol.LatestEntries;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The pushes that are under way, by their ids. Thread-safe. */
final class ReceiveSessions {
  /** Clients put ids into URLs as they are. */
  private static final String LETTERS =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

  /** With 62 letters, 130 bits and more. */
  private static final int SID_LENGTH = 22;

  /** Of one caller for the same blocks; two commands may well push the same. */
  private static final int SAME_AT_ONCE = 2;

  /**
   * Bounded, since each caller can make as many as it likes; the oldest are told "unknown" then.
   */
  private static final int ENDED_KEPT = 256;

  private final Clock clock;
  private final SyncLimits limits;
  private final SecureRandom random;
  private final Consumer<ReceiveSession> expired;
  private final Map<String, ReceiveSession> sessions = new HashMap<>();

  /** The callers of sessions that ended because another brought the same, by their ids. */
  private final Map<String, String> endedBeside = LatestEntries.byInsertion(ENDED_KEPT);

  private SessionLog log = SessionLog.NONE;

  /**
   * @param expired hears of each whose time is over; must not wait for anything
   */
  ReceiveSessions(
      Clock clock, SyncLimits limits, SecureRandom random, Consumer<ReceiveSession> expired) {
    this.clock = clock;
    this.limits = limits;
    this.random = random;
    this.expired = expired;
  }

  String newSid() {
    StringBuilder sid = new StringBuilder();
    for (int i = 0; i < SID_LENGTH; i++) {
      sid.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return sid.toString();
  }

  Instant deadline() {
    return clock.instant().plus(limits.session());
  }

  /** Whether one more push finds room. */
  synchronized boolean hasRoomFor(int nodes) {
    expire();
    // By what manifests name, not by what has come: that is what the sessions hold in memory.
    long taken = nodes;
    for (ReceiveSession session : sessions.values()) {
      taken += session.info().manifest().nodes().size();
    }
    return sessions.size() < limits.sessions() && taken <= limits.sessionNodes();
  }

  /**
   * Goes on with what an earlier process left, and remembers what comes from here on.
   *
   * @return what it goes on with
   */
  synchronized List<ReceiveSession> rememberIn(SessionLog where, Predicate<Cid> has)
      throws IOException {
    log = where;
    List<ReceiveSession> left = where.underWay(has);
    left.forEach(session -> sessions.put(session.sid(), session));
    expire(); // the process may have been away for longer than a session lasts
    return left.stream().filter(session -> sessions.containsKey(session.sid())).toList();
  }

  synchronized SessionLog log() {
    return log;
  }

  synchronized void add(ReceiveSession session) {
    sessions.put(session.sid(), session);
  }

  /** A push, if it is under way and its time is not over. */
  synchronized Optional<ReceiveSession> find(String sid) {
    expire();
    return Optional.ofNullable(sessions.get(sid));
  }

  synchronized void remove(ReceiveSession session) {
    sessions.remove(session.sid());
  }

  /** Other sessions of the same caller for the same blocks. */
  synchronized List<ReceiveSession> same(ReceiveSession session) {
    return sessions.values().stream()
        .filter(each -> each != session && each.isLike(session))
        .toList();
  }

  /**
   * Of a sender that begins the same again and again, only the last are kept: what it does not go
   * on with would take the room of others until its time is over.
   */
  synchronized void forgetEldest(ReceiveSession session) {
    List<ReceiveSession> same =
        same(session).stream().sorted(Comparator.comparing(ReceiveSession::deadline)).toList();
    for (ReceiveSession eldest : same.subList(0, Math.max(0, same.size() - SAME_AT_ONCE + 1))) {
      sessions.remove(eldest.sid());
      log.expired(eldest);
    }
  }

  /** A session is over because another has brought the same: who sends its blocks may go on. */
  synchronized void endedBeside(ReceiveSession session) {
    endedBeside.put(session.sid(), session.caller().name());
  }

  synchronized boolean hasEndedBeside(String sid, SyncCaller caller) {
    return caller.name().equals(endedBeside.get(sid));
  }

  /** Bytes that pushes which are under way have brought. */
  synchronized long arriving() {
    return sessions.values().stream().mapToLong(ReceiveSession::arrived).sum();
  }

  /** The blocks that pushes under way are made of: any may be here without those above it. */
  synchronized Set<Cid> blocks() {
    expire();
    Set<Cid> blocks = new HashSet<>();
    sessions.values().forEach(session -> blocks.addAll(session.info().manifest().nodes()));
    return blocks;
  }

  synchronized int count() {
    expire();
    return sessions.size();
  }

  synchronized void expire() {
    Instant now = clock.instant();
    for (ReceiveSession session : List.copyOf(sessions.values())) {
      if (session.isOver(now)) {
        sessions.remove(session.sid());
        log.expired(session);
        expired.accept(session);
      }
    }
  }
}
