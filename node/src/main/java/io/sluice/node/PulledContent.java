package io.sluice.node;

import io.sluice.dealstore.blocks.log.RootTag;
import io.sluice.fsm.sync.NeighbourSync;
import io.sluice.node.api.Faults;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.content.ContentRecord;
import io.sluice.node.pullsync.PullHome;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * This node, as it pulls from neighbours: what they list is listed here, and what they sell is
 * bought by deals as any other.
 *
 * @param node has all of it
 */
record PulledContent(SluiceNode node) implements PullHome {
  @Override
  public BlockStore store() throws IOException {
    return node.blocks();
  }

  @Override
  public long epoch() throws IOException {
    return node.log().epoch();
  }

  @Override
  public long cursor() throws IOException {
    return node.log().cursor();
  }

  @Override
  public long roomLeft() throws IOException {
    return new PushedContent(node).roomForNeighbours();
  }

  @Override
  public long unclaimed(long from) throws IOException {
    return UnclaimedBlocks.from(from, node.log(), node.beneathRoots()).first();
  }

  @Override
  public Adoption adopt(Cid root, RootTag listing, boolean offered, String name)
      throws IOException {
    return switch (new AdoptedContent(node).adopt(root, listing, offered, name)) {
      case LISTED -> Adoption.LISTED;
      case ENDED -> Adoption.ENDED;
      case INCOMPLETE -> Adoption.INCOMPLETE;
    };
  }

  @Override
  public void drop(Cid root, Set<RootTag> ended) throws IOException {
    new AdoptedContent(node).drop(root, ended);
  }

  @Override
  public boolean isComplete(Cid root) throws IOException {
    return node.contents().find(root).filter(ContentRecord::complete).isPresent()
        && node.blocks().summarize(root).complete();
  }

  @Override
  public void buy(NeighbourSync.Order order)
      throws IOException, NotBoughtException, InterruptedException {
    NeighbourSync.PurchaseLimits limits = order.limits().orElseThrow();
    TokenAmount left = limits.total().minusOrZero(spent(order));
    if (left.equals(TokenAmount.ZERO)) {
      throw new NotBoughtException(
          "the %s that it may cost in all are spent"
              .formatted(node.money().known().show(limits.total(), token(limits))),
          null);
    }
    try {
      var unused =
          new Retrievals(node)
              .retrieve(
                  new Requests.RetrieveRequest(
                      order.lane().root().orElseThrow().toString(),
                      order.addresses().stream()
                          .map(address -> address.withPeer(order.peer()).toString())
                          .toList(),
                      Optional.empty(),
                      false,
                      false,
                      Optional.of(limits.pricePerMiB()),
                      Optional.of(left),
                      Optional.of(token(limits).toString()),
                      Optional.empty(),
                      Optional.empty(),
                      Optional.empty(),
                      UUID.randomUUID().toString()),
                  progress -> {});
    } catch (IOException | InterruptedException e) {
      throw e;
    } catch (Exception e) { // whatever it is, its message says what to do
      ServiceException why = Faults.of(e, "it cannot be bought");
      throw new NotBoughtException(String.valueOf(why.getMessage()), why);
    }
  }

  /** What is paid in; syncs of homes that had but one token do not say it. */
  EvmAddress token(NeighbourSync.PurchaseLimits limits) {
    return limits.token().orElseGet(node.config().tokens()::paidIn);
  }

  /**
   * What deals about the root of a sync have cost since it was added, of the token of its limits.
   */
  TokenAmount spent(NeighbourSync.Order order) throws IOException {
    Optional<String> token = order.limits().map(limits -> token(limits).toString());
    String peer = order.peer().toString();
    String root = order.lane().root().map(Cid::toString).orElse("");
    TokenAmount sum = TokenAmount.ZERO;
    for (Reports.DealReport deal : new DealReports(node).all()) {
      if (deal.role().equals("client")
          && deal.peer().equals(peer)
          && deal.cid().equals(root)
          && deal.token().equals(token)
          && !Instant.parse(deal.started()).isBefore(order.added())) {
        sum = sum.plus(deal.paid());
      }
    }
    return sum;
  }
}
