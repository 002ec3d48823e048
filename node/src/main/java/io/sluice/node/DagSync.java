package io.sluice.node;

import io.sluice.dealstore.blocks.DagSummary;
import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.transfer.TransferStatus;
import io.sluice.node.SharedNetwork.NetworkUse;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.content.ContentRecord;
import io.sluice.node.sync.DsyncClient;
import io.sluice.node.sync.SyncOutcome;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.ipld.BlockMissingException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.unixfs.DagPath;
import io.sluice.protocol.unixfs.UnixFsReader;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Pushes content by dsync to URLs and peers, pulls it from there, and has it unpinned. */
final class DagSync {
  private final SluiceNode node;

  /** A root once for each call that is about it. */
  private final List<Cid> roots = new CopyOnWriteArrayList<>();

  DagSync(SluiceNode node) {
    this.node = node;
  }

  /** Roots whose blocks calls count on. */
  Set<Cid> underWay() {
    return Set.copyOf(roots);
  }

  Reports.SyncReport push(Requests.SyncRequest request, Consumer<Reports.ProgressReport> progress)
      throws Exception {
    DagPath target = DagPath.parse(request.target());
    return transfer(
        request,
        new UnixFsReader(node.blocks(), node.hashing()).resolve(target.root(), target.names()),
        "all of it was there",
        root -> {
          try (End to = end(request)) {
            return client().push(root, to.remote(), request.pin(), telling("pushing", progress));
          } catch (BlockMissingException e) {
            throw new ServiceException(
                DealCode.NOT_FOUND,
                "%s is not here as a whole; 'sluice stat' shows what is".formatted(root),
                e);
          }
        });
  }

  Reports.SyncReport pull(Requests.SyncRequest request, Consumer<Reports.ProgressReport> progress)
      throws Exception {
    node.requireRoom();
    return transfer(
        request,
        DagPath.parseRoot(request.target()),
        "all of it was here",
        root -> {
          try (End from = end(request)) {
            SyncOutcome outcome = client().pull(root, from.remote(), telling("pulling", progress));
            CrashPoint.DSYNC_PULLED.reached();
            list(root, request.place());
            return outcome;
          }
        });
  }

  Reports.UnpinReport unpin(Requests.SyncRequest request) throws Exception {
    Cid root = DagPath.parseRoot(request.target());
    try (End at = end(request)) {
      client().unpin(root, at.remote());
    }
    return new Reports.UnpinReport(root.toString(), request.place(), "UNPINNED");
  }

  private interface Transfer {
    SyncOutcome of(Cid root) throws Exception;
  }

  private Reports.SyncReport transfer(
      Requests.SyncRequest request, Cid root, String nothingToDo, Transfer transfer)
      throws Exception {
    long began = Ticker.SYSTEM.nanos();
    roots.add(root);
    try {
      SyncOutcome outcome = transfer.of(root);
      return new Reports.SyncReport(
          root.toString(),
          request.place(),
          outcome.nodes(),
          outcome.missing(),
          outcome.moved(),
          outcome.bytes(),
          TransferStatus.COMPLETED.name(),
          outcome.missing() == 0 ? Optional.of(nothingToDo) : Optional.empty(),
          Duration.ofNanos(Ticker.SYSTEM.nanos() - began).toMillis());
    } finally {
      roots.remove(root);
    }
  }

  /** What is listed was walked here, whatever the other end said of it. */
  private void list(Cid root, String url) throws IOException, ServiceException {
    DagSummary dag = node.blocks().summarize(root);
    if (!dag.complete()) {
      throw new ServiceException(
          DealCode.PARTIAL,
          "%s does not name all blocks of %s; what came is kept".formatted(url, root));
    }
    Optional<ContentRecord> known = node.contents().find(root);
    if (known.filter(ContentRecord::complete).isEmpty()) {
      node.contents()
          .put(
              root,
              new ContentRecord(
                  dag.bytes(),
                  dag.blocks(),
                  true,
                  known.filter(ContentRecord::imported).isPresent(),
                  known.map(ContentRecord::name).orElse("pulled from " + url)));
    }
  }

  private DsyncClient client() throws IOException {
    return new DsyncClient(node.blocks(), node.hashing());
  }

  /**
   * The other end of a call, as long as that takes.
   *
   * @param release lets go of what it is reached by
   */
  private record End(DsyncClient.Remote remote, Runnable release) implements AutoCloseable {
    @Override
    public void close() {
      release.run();
    }
  }

  private End end(Requests.SyncRequest request)
      throws IOException, ServiceException, InterruptedException {
    if (request.isAtUrl()) {
      return new End(
          new DsyncClient.Remote.AtUrl(request.place(), request.token(), request.meta()), () -> {});
    }
    if (request.token().isPresent()) {
      throw new ServiceException(
          ErrorCode.USAGE, "a token is for URLs: a peer knows who asks by the peer id");
    }
    Multiaddr at = new PeerOperations(node).address(request.place());
    NetworkUse use = node.network(Network.Mode.BUY); // as other pushes: it may take hours
    return new End(
        new DsyncClient.Remote.AtPeer(
            use.network().host(),
            at.peerId().orElseThrow(),
            List.of(at.withoutPeer()),
            request.meta()),
        use::close);
  }

  private static DsyncClient.Progress telling(
      String phase, Consumer<Reports.ProgressReport> progress) {
    return (bytes, expected) ->
        progress.accept(new Reports.ProgressReport(phase, bytes, boxed(expected), ""));
  }

  private static Optional<Long> boxed(OptionalLong value) {
    return value.isPresent() ? Optional.of(value.getAsLong()) : Optional.empty();
  }
}
