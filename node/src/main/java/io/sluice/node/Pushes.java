package io.sluice.node;

import io.sluice.dealstore.blocks.DagSummary;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.transfer.TransferInput;
import io.sluice.fsm.transfer.TransferStatus;
import io.sluice.fsm.transfer.TransferTable;
import io.sluice.node.SharedNetwork.NetworkUse;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.transfer.PushVouchers;
import io.sluice.node.transfer.TransferManager;
import io.sluice.node.transfer.TransferRecords;
import io.sluice.node.transfer.TransferState;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.dsync.DsyncNames;
import io.sluice.protocol.ipld.DagJson;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.unixfs.DagPath;
import io.sluice.protocol.unixfs.UnixFsReader;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pushes content, and does with transfers that are no deals what users ask for.
 *
 * @param node has the content
 * @param reports how they are shown
 */
record Pushes(SluiceNode node, TransferReports reports) {
  private static final Logger LOG = LoggerFactory.getLogger(Pushes.class);
  private static final long LOOK_MILLIS = 250;

  /** How long a cancelled transfer may take to be released. */
  private static final long RELEASE_SECONDS = 15;

  Reports.PushReport push(Requests.PushRequest request, Consumer<Reports.ProgressReport> progress)
      throws Exception {
    long began = Ticker.SYSTEM.nanos();
    Multiaddr to = new PeerOperations(node).address(request.to());
    PeerId peer = to.peerId().orElseThrow();
    Cid root = root(request.target());
    DagSummary dag = node.blocks().summarize(root);
    if (!dag.complete()) {
      throw new ServiceException(
          DealCode.NOT_FOUND,
          "%s is not here as a whole; 'sluice stat' shows what is".formatted(root));
    }
    TypedVoucher voucher = voucher(request, dag.bytes());
    try (NetworkUse use = node.network(Network.Mode.BUY)) {
      TransferManager transfers = use.network().transfers();
      refuseWhereOnlyDsync(use.network().host(), peer, to);
      MachineId id =
          transfers.push(
              peer, List.of(to.withoutPeer()), root, Selectors.exploreAll().node(), voucher);
      TransferManager.TransferEnd end = watched(transfers, id, dag.bytes(), progress);
      if (end.status() != TransferStatus.COMPLETED) {
        throw failure(id, end);
      }
      TransferInput.Totals sent = end.channel().sent();
      return new Reports.PushReport(
          id.value(),
          root.toString(),
          peer.toString(),
          end.status().name(),
          sent.bytes(),
          sent.blocks(),
          Duration.ofNanos(Ticker.SYSTEM.nanos() - began).toMillis());
    }
  }

  /** Where that cannot be found out now, the push begins, and is tried again as others are. */
  private static void refuseWhereOnlyDsync(Host host, PeerId peer, Multiaddr at)
      throws ServiceException {
    try (Stream stream =
        host.open(
            peer, List.of(at.withoutPeer()), List.of(DataTransfer.PROTOCOL, DsyncNames.PROTOCOL))) {
      if (stream.protocol().equals(DsyncNames.PROTOCOL)) {
        throw new ServiceException(
            ErrorCode.DSYNC_ONLY, "%s takes no data transfers, but dsync".formatted(peer));
      }
    } catch (IOException e) {
      LOG.debug("what {} speaks is not known: {}", peer, e.toString());
    }
  }

  private Cid root(String text) throws IOException, ServiceException {
    DagPath target = DagPath.parse(text);
    return new UnixFsReader(node.blocks(), node.hashing()).resolve(target.root(), target.names());
  }

  private static TypedVoucher voucher(Requests.PushRequest request, long size)
      throws ServiceException {
    if (request.voucherType().isEmpty()) {
      if (request.voucher().isPresent()) {
        throw new ServiceException(ErrorCode.USAGE, "a voucher needs its --voucher-type");
      }
      return PushVouchers.push(size);
    }
    return voucher(request.voucherType().get(), request.voucher());
  }

  private static TypedVoucher voucher(String type, Optional<String> value) throws ServiceException {
    try {
      return new TypedVoucher(type, DagJson.decode(value.orElse("null")));
    } catch (ProtocolException e) {
      throw new ServiceException(
          ErrorCode.USAGE, "the voucher is not valid dag-json: " + e.getMessage(), e);
    }
  }

  private static TransferManager.TransferEnd watched(
      TransferManager transfers, MachineId id, long size, Consumer<Reports.ProgressReport> progress)
      throws Exception {
    CompletableFuture<TransferManager.TransferEnd> end = transfers.await(id);
    Optional<ChannelId> channel = transfers.channel(id);
    while (true) {
      try {
        return end.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        Optional<TransferInput.Totals> moved = channel.flatMap(transfers::moved);
        if (moved.isPresent()) {
          boolean waits = transfers.state(id).filter(Pushes::waitsForPeer).isPresent();
          progress.accept(
              new Reports.ProgressReport(
                  waits ? "the peer waits, perhaps for a voucher" : "pushing",
                  waits ? 0 : Math.min(moved.get().bytes(), size),
                  Optional.of(size),
                  waits ? "transfer " + id : ""));
        }
      } catch (ExecutionException e) {
        throw new IOException("the transfer cannot be watched", e);
      }
    }
  }

  private static boolean waitsForPeer(TransferState transfer) {
    return transfer.channel().responderPaused()
        || transfer.status() == TransferStatus.RESPONDER_FINALIZING
        || transfer.status() == TransferStatus.RESPONDER_FINALIZING_TRANSFER_FINISHED;
  }

  /** The record of a failure begins with its code. */
  private static ServiceException failure(MachineId id, TransferManager.TransferEnd end) {
    String text = end.message();
    int colon = text.indexOf(": ");
    if (end.status() == TransferStatus.CANCELLED) {
      return new ServiceException(DealCode.CANCELLED, "transfer %s was called off".formatted(id));
    }
    if (colon < 0) {
      return new ServiceException(DealCode.FAILED, "transfer %s failed".formatted(id));
    }
    return new ServiceException(
        ErrorCode.named(text.substring(0, colon)),
        "%s (transfer %s)".formatted(text.substring(colon + 2), id));
  }

  /** Something that the manager does with a transfer; false if that has ended. */
  interface TransferAct {
    boolean run(TransferManager transfers, MachineId id) throws IOException;
  }

  Reports.TransferReport act(String text, TransferAct act) throws Exception {
    MachineId id = own(text);
    try (NetworkUse use = node.network(Network.Mode.BUY)) {
      if (!act.run(use.network().transfers(), id)) {
        throw ended(id);
      }
    }
    return reports.one(text);
  }

  /** Gives a further voucher, and waits until it is on its way. */
  Reports.TransferReport giveVoucher(Requests.VoucherRequest request) throws Exception {
    TypedVoucher voucher = voucher(request.type(), request.value());
    MachineId id = own(request.id());
    try (NetworkUse use = node.network(Network.Mode.BUY)) {
      TransferManager transfers = use.network().transfers();
      TransferState state = transfers.state(id).orElseThrow();
      if (!state.channel().opening().initiated()) {
        throw new ServiceException(
            ErrorCode.TRANSFER_OF_PEER,
            "transfer %s was opened by %s, who alone gives vouchers for it"
                .formatted(id, state.channel().opening().id().initiator()));
      }
      if (TransferTable.TABLE.isEnd(state.status())) {
        throw ended(id);
      }
      transfers.sendVoucher(id, voucher).get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException unsent ? unsent : e;
    }
    return reports.one(request.id());
  }

  private static ServiceException ended(MachineId id) {
    return new ServiceException(
        ErrorCode.TRANSFER_ENDED, "transfer %s has ended already".formatted(id));
  }

  /** Waits until it is released, which is when the other end has been told. */
  Reports.TransferReport cancel(String text) throws Exception {
    return act(
        text,
        (transfers, id) -> {
          CompletableFuture<TransferManager.TransferEnd> end = transfers.await(id);
          boolean live = transfers.cancel(id);
          try {
            var unused = live ? end.get(RELEASE_SECONDS, TimeUnit.SECONDS) : null;
          } catch (TimeoutException | ExecutionException e) {
            throw new IOException("the transfer is not released yet", e);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
          }
          return live;
        });
  }

  private MachineId own(String text) throws IOException, ServiceException {
    MachineId id = new MachineId(reports.one(text).id());
    if (!TransferRecords.isOwn(id)) {
      throw new ServiceException(
          ErrorCode.TRANSFER_OF_DEAL,
          "transfer %s belongs to deal %s; 'sluice deals' has commands for that"
              .formatted(id, id.stripeKey()));
    }
    return id;
  }
}
