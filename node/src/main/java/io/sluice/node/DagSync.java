package io.sluice.node;

import io.sluice.dealstore.blocks.DagSummary;
import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.transfer.TransferStatus;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.sync.DsyncClient;
import io.sluice.node.sync.SyncOutcome;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.ipld.BlockMissingException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
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

/** Pushes content to URLs, pulls it from there, and has it unpinned. */
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
          try {
            return client()
                .push(root, remote(request), request.pin(), telling("pushing", progress));
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
          SyncOutcome outcome = client().pull(root, remote(request), telling("pulling", progress));
          CrashPoint.DSYNC_PULLED.reached();
          list(root, request.url());
          return outcome;
        });
  }

  Reports.UnpinReport unpin(Requests.SyncRequest request) throws Exception {
    Cid root = DagPath.parseRoot(request.target());
    client().unpin(root, remote(request));
    return new Reports.UnpinReport(root.toString(), request.url(), "UNPINNED");
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
          request.url(),
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

  private static DsyncClient.Remote remote(Requests.SyncRequest request) {
    return new DsyncClient.Remote(request.url(), request.token(), request.meta());
  }

  private static DsyncClient.Progress telling(
      String phase, Consumer<Reports.ProgressReport> progress) {
    return (bytes, expected) ->
        progress.accept(
            new Reports.ProgressReport(phase, bytes, boxed(expected), TokenAmount.ZERO, ""));
  }

  private static Optional<Long> boxed(OptionalLong value) {
    return value.isPresent() ? Optional.of(value.getAsLong()) : Optional.empty();
  }
}
