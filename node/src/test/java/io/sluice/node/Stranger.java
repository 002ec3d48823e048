package io.sluice.node;

import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.datatransfer.MessageType;
import io.sluice.protocol.datatransfer.Pull;
import io.sluice.protocol.datatransfer.PullListener;
import io.sluice.protocol.datatransfer.PullSpec;
import io.sluice.protocol.datatransfer.TransferHandler;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.GraphsyncConfig;
import io.sluice.protocol.graphsync.RequestResult;
import io.sluice.protocol.graphsync.RequestSpec;
import io.sluice.protocol.graphsync.VisitReport;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.HostConfig;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.libp2p.Libp2pHost;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.retrieval.DealProposal;
import io.sluice.protocol.retrieval.DealResponse;
import io.sluice.protocol.retrieval.RetrievalNames;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A Filecoin client without money that has a running node's address and nothing else. */
final class Stranger implements AutoCloseable {
  private static final Terms FREE =
      new Terms(TokenAmount.ZERO, TokenAmount.ZERO, 1, 0, 1, Terms.DEFAULT_VALID_SECONDS);

  private final Host host;
  private final DataTransfer transfers;

  Stranger() throws IOException {
    host = Libp2pHost.start(HostConfig.of(Identity.generate(new SecureRandom())));
    transfers = DataTransfer.start(host, GraphsyncConfig.defaults(), new TransferHandler() {});
  }

  /** A pull that was proposed: what the provider said to it, and how it ended. */
  static final class Proposed implements PullListener {
    final CompletableFuture<DealResponse> answer = new CompletableFuture<>();
    final CompletableFuture<TransferResponse> completed = new CompletableFuture<>();
    final CompletableFuture<RequestResult> end = new CompletableFuture<>();
    private final Runnable visit;
    Pull pull;

    Proposed(Runnable visit) {
      this.visit = visit;
    }

    @Override
    public void onVisit(VisitReport report) {
      visit.run();
    }

    @Override
    public void onTransfer(TransferResponse response) {
      response
          .result()
          .filter(typed -> typed.type().equals(RetrievalNames.RESPONSE))
          .map(typed -> DealResponse.CODEC.decode(typed.value()))
          .ifPresent(answer::complete);
      if (response.type() == MessageType.COMPLETE) {
        completed.complete(response);
      }
    }

    @Override
    public void onEnd(RequestResult result) {
      end.complete(result);
    }
  }

  /** Asks for all beneath a root, free; {@code visit} runs at each block, which then waits. */
  Proposed propose(String address, long number, Cid root, Runnable visit) {
    Multiaddr provider = Multiaddr.parse(address);
    Node all = Selectors.exploreAll().node();
    Proposed proposed = new Proposed(visit);
    proposed.pull =
        transfers.open(
            new PullSpec(
                provider.peerId().orElseThrow(),
                number,
                false,
                new TypedVoucher(
                    RetrievalNames.PROPOSAL,
                    DealProposal.CODEC.encode(DealProposal.of(root, number, all, FREE))),
                RequestSpec.of(root, all).at(List.of(provider)).always()),
            new MemoryBlockStore(),
            proposed);
    return proposed;
  }

  @Override
  public void close() {
    transfers.close();
    host.close();
  }
}
