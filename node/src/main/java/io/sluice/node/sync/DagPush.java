package io.sluice.node.sync;

import io.sluice.fsm.CrashPoint;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.dsync.Manifest;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockMissingException;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Gives a DAG to another node: asks what it lacks, and sends that. Nothing has to be remembered for
 * another try, be it after a restart: whoever has some of it asks for the rest.
 *
 * <p>Spec: dsync 0.2.0, push.
 */
final class DagPush {
  private final BlockStore store;
  private final DsyncRemote remote;
  private final Retries retries;
  private final Moved moved;
  private final Info info;
  private final boolean pin;

  /**
   * @param info of a DAG that is here as a whole
   * @param pin whether the other end is asked to keep it
   * @param moved counts what is sent
   */
  DagPush(
      BlockStore store, DsyncRemote remote, Retries retries, Moved moved, Info info, boolean pin) {
    this.store = store;
    this.remote = remote;
    this.retries = retries;
    this.moved = moved;
    this.info = info;
    this.pin = pin;
  }

  /**
   * Returns when the other end has said that it has everything.
   *
   * @throws ServiceException if it refuses, or cannot be reached long enough
   */
  SyncOutcome run() throws ServiceException, InterruptedException {
    Retries.Row row = retries.row();
    long first = -1;
    long before = Long.MAX_VALUE;
    while (true) {
      try {
        DsyncRemote.PushSession session = remote.open(info, pin);
        long missing = checked(session.missing());
        if (first < 0) {
          first = missing;
          moved.expect(ExpectedBytes.of(info, session.missing()));
        }
        if (missing < before) {
          row.moved();
          before = missing;
        }
        send(session);
        return new SyncOutcome(
            info.manifest().nodes().size(), first, moved.blocks(), moved.bytes());
      } catch (IOException e) {
        row.failed(e);
      }
    }
  }

  /** Nothing is sent that is not of this DAG, whatever the other end asks for. */
  private long checked(Manifest missing) throws ServiceException {
    Set<Cid> ours = new HashSet<>(info.manifest().nodes());
    for (Cid cid : missing.nodes()) {
      if (!ours.contains(cid)) {
        throw new ServiceException(
            DealCode.VERIFICATION_FAILED,
            "the other end asks for %s, which is no block of what is pushed".formatted(cid));
      }
    }
    return missing.nodes().size();
  }

  private void send(DsyncRemote.PushSession session)
      throws IOException, ServiceException, InterruptedException {
    if (session.missing().nodes().isEmpty()) {
      return;
    }
    if (session.streams()) {
      sendArchive(session);
    } else {
      new BlockByBlock(retries)
          .run(session.missing().nodes(), cid -> sendBlock(session.sid(), cid));
    }
  }

  private void sendArchive(DsyncRemote.PushSession session)
      throws IOException, ServiceException, InterruptedException {
    ArchiveBody body = new ArchiveBody(store, session.missing().nodes(), moved);
    try {
      remote.putArchive(session.sid(), body);
    } finally {
      body.check();
    }
    if (!body.isSent()) {
      throw new ServiceException(
          DealCode.VERIFICATION_FAILED, "the other end was content before all blocks were sent");
    }
  }

  private void sendBlock(String sid, Cid cid)
      throws IOException, ServiceException, InterruptedException {
    Block block;
    try {
      block = store.get(cid).orElseThrow(() -> new BlockMissingException(cid));
    } catch (IOException e) { // of this disk, which another try does not mend
      throw new UncheckedIOException(e);
    }
    CrashPoint.DSYNC_SENT.reached();
    remote.putBlock(sid, block);
    moved.block(block.size());
  }
}
