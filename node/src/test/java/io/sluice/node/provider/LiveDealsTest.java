package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.Applied;
import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.EntryHash;
import io.sluice.fsm.EventType;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderInput;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is known of live deals, and what is counted as they go by. */
class LiveDealsTest {

  @TempDir Path folder;
  private SaleBench bench;

  @BeforeEach
  void open() throws IOException {
    bench = new SaleBench(folder);
    bench.open(1, ProviderState.SERVING);
  }

  @AfterEach
  void close() throws IOException {
    bench.close();
  }

  private ProviderDeal deal() {
    return bench.sales.deal(bench.id(1));
  }

  private <X extends ProviderInput> void happens(EventType<X> event, X input) {
    ProviderState before = bench.sales.state(bench.id(1));
    assertTrue(bench.sales.send(bench.id(1), event, input).join());
    JournalEntry entry =
        new JournalEntry(
            bench.id(1),
            "provider-deal",
            2,
            5,
            event.name(),
            Node.ofNull(),
            before.name(),
            bench.sales.state(bench.id(1)).name(),
            Node.ofNull(),
            bench.clock.instant(),
            EntryHash.ZERO,
            List.of());
    bench.live.applied(
        new Applied<>(bench.id(1), before, bench.sales.state(bench.id(1)), deal(), entry));
  }

  private List<ProviderState> states() {
    List<ProviderState> states = new ArrayList<>();
    bench.live.forEach((id, live) -> states.add(live.state()));
    return states;
  }

  private ProviderInput.Ended ended() {
    return new ProviderInput.Ended(
        bench.sales.now(), 500, DealOutcome.FAILED, new DealReason(DealCode.TIMEOUT, "gone"));
  }

  @Test
  void dealOfAnEarlierRunIsKnownByItsChannel() {
    bench.live.remember(bench.id(1), ProviderState.SERVING, deal());

    assertEquals(Optional.of(bench.id(1)), bench.live.dealOf(bench.transferOf(1)));
    assertTrue(bench.live.isLive(bench.id(1), SaleBench.CLIENT));
    assertFalse(bench.live.isLive(bench.id(1), Identity.generate().peerId()));
    assertFalse(bench.live.isLive(bench.id(2), SaleBench.CLIENT));
  }

  @Test
  void dealThatRestsUnpaidIsNotLive() {
    bench.live.remember(bench.id(1), ProviderState.UNPAID, deal());

    assertEquals(List.of(), states());
    assertEquals(Optional.empty(), bench.live.dealOf(bench.transferOf(1)));
  }

  @Test
  void restartGoesOnInItsOwnChannel() {
    bench.live.remember(bench.id(1), ProviderState.SERVING, deal());

    happens(ProviderEvent.RESTARTED, new ProviderInput.Restarted(bench.sales.now(), 4_711, 0));

    assertEquals(Optional.empty(), bench.live.dealOf(bench.transferOf(1)));
    assertEquals(
        Optional.of(bench.id(1)),
        bench.live.dealOf(new ChannelId(SaleBench.CLIENT, bench.sales.self(), 4_711)));
  }

  @Test
  void endIsCountedInTheWordsOfUsersAndForgotten() {
    bench.live.remember(bench.id(1), ProviderState.SERVING, deal());

    happens(ProviderEvent.ENDED_OWING, ended());
    assertEquals(List.of("FAILED_UNPAID"), bench.sales.counts.ended);
    assertEquals(List.of(), states());
    assertEquals(Optional.empty(), bench.live.dealOf(bench.transferOf(1)));

    happens(ProviderEvent.SETTLED, bench.sales.at());
    assertEquals(List.of("FAILED_UNPAID", "FAILED"), bench.sales.counts.ended);
  }

  @Test
  void onlyWhatIsNewCountsAsEarned() {
    happens(
        ProviderEvent.PAID, new ProviderInput.Paid(bench.sales.now(), TokenAmount.of(40), 1, 1));
    assertEquals(TokenAmount.ZERO, bench.sales.counts.earned(), "nobody knows what was new");

    happens(
        ProviderEvent.PAID, new ProviderInput.Paid(bench.sales.now(), TokenAmount.of(100), 2, 1));
    happens(
        ProviderEvent.PAID, new ProviderInput.Paid(bench.sales.now(), TokenAmount.of(100), 2, 0));

    assertEquals(TokenAmount.of(60), bench.sales.counts.earned());
  }

  @Test
  void creditOfAnEarlierRunIsNotEarnedAgain() {
    happens(
        ProviderEvent.PAID, new ProviderInput.Paid(bench.sales.now(), TokenAmount.of(40), 1, 1));
    bench.live.remember(bench.id(1), ProviderState.SERVING, deal());

    happens(
        ProviderEvent.PAID, new ProviderInput.Paid(bench.sales.now(), TokenAmount.of(50), 2, 1));

    assertEquals(TokenAmount.of(10), bench.sales.counts.earned());
  }

  @Test
  void lateMoneyOfADealThatRestsIsEarned() {
    bench.live.remember(bench.id(1), ProviderState.SERVING, deal());
    happens(ProviderEvent.ENDED_OWING, ended());

    happens(
        ProviderEvent.PAID, new ProviderInput.Paid(bench.sales.now(), TokenAmount.of(500), 1, 1));

    assertEquals(TokenAmount.of(500), bench.sales.counts.earned());
  }
}
