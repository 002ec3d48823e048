package io.sluice.node.sync;

import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.dsync.Manifest;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** A push that is under way. Safe for any number of threads: blocks come side by side. */
final class ReceiveSession {
  private final String sid;
  private final SyncCaller caller;
  private final Info info;
  private final boolean pin;
  private final Map<String, String> meta;
  private final Instant deadline;
  private final Set<Cid> named;

  /** What is not here yet, durable; the names of blocks that came leave it. */
  private final Set<Cid> missing = ConcurrentHashMap.newKeySet();

  private final AtomicLong arrived = new AtomicLong();
  private boolean completed;

  ReceiveSession(
      String sid,
      SyncCaller caller,
      Info info,
      Manifest missing,
      boolean pin,
      Map<String, String> meta,
      Instant deadline) {
    this.sid = sid;
    this.caller = caller;
    this.info = info;
    this.pin = pin;
    this.meta = Map.copyOf(meta);
    this.deadline = deadline;
    this.named = new HashSet<>(info.manifest().nodes());
    this.missing.addAll(missing.nodes());
  }

  String sid() {
    return sid;
  }

  SyncCaller caller() {
    return caller;
  }

  Info info() {
    return info;
  }

  boolean pin() {
    return pin;
  }

  Map<String, String> meta() {
    return meta;
  }

  Instant deadline() {
    return deadline;
  }

  /** Whether somebody pushes the same twice. */
  boolean isLike(ReceiveSession other) {
    return caller.name().equals(other.caller.name())
        && info.manifest().nodes().equals(other.info.manifest().nodes());
  }

  boolean isOver(Instant now) {
    return !now.isBefore(deadline);
  }

  boolean names(Cid cid) {
    return named.contains(cid);
  }

  boolean lacks(Cid cid) {
    return missing.contains(cid);
  }

  /** A block is here, and durable. */
  void has(Cid cid) {
    missing.remove(cid);
  }

  int lacking() {
    return missing.size();
  }

  /** One of the blocks that are not here. */
  Optional<Cid> lacked() {
    return info.manifest().nodes().stream().filter(missing::contains).findFirst();
  }

  /**
   * Bytes come, or turn out not to.
   *
   * @return how many have come with them
   */
  long arrives(long bytes) {
    return arrived.addAndGet(bytes);
  }

  long arrived() {
    return arrived.get();
  }

  /** Runs what completes a push, unless that was done; others wait until it is over. */
  synchronized void completeOnce(Completing completing) throws IOException, SyncRefusal {
    if (!completed) {
      completing.run();
      completed = true;
    }
  }

  /** What completes a push; where it fails, it was not completed. */
  @FunctionalInterface
  interface Completing {
    void run() throws IOException, SyncRefusal;
  }
}
