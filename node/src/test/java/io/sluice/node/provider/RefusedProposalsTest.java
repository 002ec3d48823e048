package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.MachineId;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.PullRequest;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which refusals are recorded, and how many. */
class RefusedProposalsTest {

  private static final int PER_PEER = 2;
  private static final ProposalRefusal WHY = ProposalRefusal.of(DealCode.NOT_FOUND, "not here");

  @TempDir Path folder;
  private SaleBench bench;
  private RefusedProposals refused;

  @BeforeEach
  void open() throws IOException {
    bench = new SaleBench(folder);
    refused = new RefusedProposals(bench.sales, PER_PEER);
  }

  @AfterEach
  void close() throws IOException {
    bench.close();
  }

  private IncomingProposal by(PeerId peer) {
    PullRequest request = bench.proposal(1, true, Optional.empty()).request();
    PullRequest theirs =
        new PullRequest(
            new ChannelId(peer, bench.sales.self(), 1),
            request.kind(),
            request.root(),
            request.selector(),
            request.voucher(),
            request.asked(),
            request.extensions(),
            request.pull());
    return new IncomingProposal(theirs, SaleContext.idOf(peer, 1), 1, true, Optional.empty());
  }

  private long keep(PeerId peer, int times) {
    bench.sales.events.clear();
    for (int time = 0; time < times; time++) {
      refused.keep(by(peer), WHY);
    }
    bench.sales.runTasks();
    return bench.sales.events.stream().filter("REFUSED"::equals).count();
  }

  @Test
  void refusalIsRecordedBesideTheDealsOwnId() {
    assertEquals(2, keep(SaleBench.CLIENT, 2));

    MachineId id = SaleContext.idOf(SaleBench.CLIENT, 1);
    assertTrue(bench.sales.find(id).isEmpty());
    for (String name : List.of("-refused-1", "-refused-2")) {
      MachineId kept = new MachineId(id.value() + name);
      assertEquals("REFUSED", bench.sales.shown(kept));
      assertEquals(Optional.of(DealCode.NOT_FOUND), bench.sales.deal(kept).reason());
    }
  }

  @Test
  void eachPeerHasSoManyAnHour() {
    assertEquals(PER_PEER, keep(SaleBench.CLIENT, PER_PEER + 1));
    assertEquals(1, keep(Identity.generate().peerId(), 1));

    bench.clock.turn(Duration.ofHours(1));
    assertEquals(0, keep(SaleBench.CLIENT, 1));
    bench.clock.turn(Duration.ofMillis(1));
    assertEquals(1, keep(SaleBench.CLIENT, 1));
  }

  @Test
  void allPeersTogetherHaveTenTimesAsMany() {
    for (int peer = 0; peer < 10; peer++) {
      assertEquals(PER_PEER, keep(Identity.generate().peerId(), PER_PEER));
    }

    assertEquals(0, keep(Identity.generate().peerId(), 1));
  }

  @Test
  void refusalsOfTheMomentAreNotRecorded() {
    for (DealCode code :
        List.of(
            DealCode.RATE_LIMITED,
            DealCode.BUSY,
            DealCode.TOO_MANY_DEALS,
            DealCode.SHUTTING_DOWN)) {
      refused.keep(by(SaleBench.CLIENT), ProposalRefusal.later(code, "not now", 1));
    }

    assertTrue(bench.sales.tasks.isEmpty());
    assertEquals(PER_PEER, keep(SaleBench.CLIENT, PER_PEER), "nor do they take up room");
  }
}
