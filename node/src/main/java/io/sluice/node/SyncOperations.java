package io.sluice.node;

import io.sluice.fsm.sync.NeighbourSync;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.pullsync.Syncs;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.pullsync.Lane;
import io.sluice.protocol.retrieval.TokenAmount;
import io.sluice.protocol.unixfs.DagPath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What operators do about neighbours: whom this node pulls from.
 *
 * @param node has the syncs
 */
record SyncOperations(SluiceNode node) {
  private static final String EVERYTHING = "everything";

  List<Reports.NeighbourReport> all() throws IOException {
    List<Reports.NeighbourReport> all = new ArrayList<>();
    for (Syncs.SyncStatus each : node.syncs().all()) {
      all.add(report(each));
    }
    return all;
  }

  Reports.NeighbourReport one(String name) throws IOException, ServiceException {
    return report(node.syncs().one(name));
  }

  Reports.NeighbourReport pause(String name) throws IOException, ServiceException {
    return report(node.syncs().pause(name));
  }

  Reports.NeighbourReport resume(String name) throws IOException, ServiceException {
    return report(node.syncs().resume(name));
  }

  Reports.NeighbourReport add(Requests.NeighbourRequest request)
      throws IOException, ServiceException, InterruptedException {
    node.requireRoom();
    NeighbourSync.Order order = order(request);
    if (!order.both()) {
      node.syncs().add(order);
      return one(order.name());
    }
    Grants.Undo undo = new Grants(node).addRead(order.peer());
    try {
      node.syncs().add(order);
      node.syncs().requireFollowed(order);
      return one(order.name());
    } catch (ServiceException e) {
      undo.run();
      throw e;
    }
  }

  /** Ends a sync, and what {@code --both} had done for it. */
  Reports.SyncRemovalReport remove(String name)
      throws IOException, ServiceException, InterruptedException {
    NeighbourSync.Order order = node.syncs().remove(name);
    String peer = order.peer().toString();
    if (!order.both()) {
      return new Reports.SyncRemovalReport(name, peer, Optional.empty(), Optional.empty());
    }
    Optional<String> why = node.syncs().requireStopped(order);
    boolean needed =
        node.syncs().all().stream()
            .map(each -> each.sync().order())
            .anyMatch(other -> other.both() && other.peer().equals(order.peer()));
    if (!needed) {
      new Grants(node).withdrawRead(order.peer());
    }
    return new Reports.SyncRemovalReport(
        name,
        peer,
        Optional.of(why.isEmpty()),
        why.map(
            reason ->
                "it was not reached to be told to stop pulling from here (%s); run 'sluice sync rm %s' there"
                    .formatted(reason, name)));
  }

  private NeighbourSync.Order order(Requests.NeighbourRequest request)
      throws IOException, ServiceException {
    Multiaddr address = new PeerOperations(node).address(request.peer());
    PeerId peer = address.peerId().orElseThrow();
    if (peer.equals(node.home().peerId())) {
      throw new ServiceException(ErrorCode.USAGE, "a node is no neighbour of its own");
    }
    Lane lane =
        request.lane().equals(EVERYTHING) || request.lane().equals(Lane.EVERYTHING.toString())
            ? Lane.EVERYTHING
            : new Lane(Optional.of(DagPath.parseRoot(request.lane())));
    return new NeighbourSync.Order(
        request.name(),
        peer,
        List.of(address.withoutPeer()),
        lane,
        request.both(),
        false,
        limits(request, lane),
        node.clock().instant());
  }

  private Optional<NeighbourSync.PurchaseLimits> limits(
      Requests.NeighbourRequest request, Lane lane) throws ServiceException {
    if (request.maxPricePerMiB().isEmpty() && request.maxTotal().isEmpty()) {
      return Optional.empty();
    }
    if (request.maxPricePerMiB().isEmpty() || request.maxTotal().isEmpty()) {
      throw new ServiceException(
          ErrorCode.USAGE, "what may be paid takes both: --max-price-per-mib and --max-total");
    }
    if (lane.root().isEmpty()) {
      throw new ServiceException(
          ErrorCode.USAGE,
          "only what lies beneath a root can be bought; everything is for those who may read it");
    }
    return Optional.of(
        new NeighbourSync.PurchaseLimits(
            Optional.of(node.money().token(request.paidIn())),
            request.maxPricePerMiB().get(),
            request.maxTotal().get()));
  }

  private Reports.NeighbourReport report(Syncs.SyncStatus status) throws IOException {
    NeighbourSync sync = status.sync();
    NeighbourSync.Order order = sync.order();
    return new Reports.NeighbourReport(
        order.name(),
        order.peer().toString(),
        order.addresses().stream().map(Multiaddr::toString).toList(),
        order.lane().toString(),
        status.behind(),
        status.lag().toSeconds(),
        status.state(),
        status.reason().isEmpty() ? Optional.empty() : Optional.of(status.reason()),
        sync.open().size(),
        sync.blocks(),
        sync.bytes(),
        order.both(),
        order.limits().map(limits -> new PulledContent(node).token(limits).toString()),
        order.limits().map(NeighbourSync.PurchaseLimits::pricePerMiB),
        order.limits().map(NeighbourSync.PurchaseLimits::total),
        order.limits().isPresent() ? new PulledContent(node).spent(order) : TokenAmount.ZERO);
  }
}
