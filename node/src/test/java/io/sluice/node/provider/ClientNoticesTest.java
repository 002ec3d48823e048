package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderInput;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientNoticesTest {
  @TempDir Path folder;

  private SaleBench bench;
  private ChannelId channel;
  private ProviderDeal completed;

  @BeforeEach
  void open() throws IOException {
    bench = new SaleBench(folder);
    bench.open(1, ProviderState.SUSPENDED);
    bench.sales.send(
        bench.id(1),
        ProviderEvent.ENDED,
        new ProviderInput.Ended(
            bench.sales.now(), 0, DealOutcome.COMPLETED, new DealReason(DealCode.COMPLETED, "")));
    channel = bench.transferOf(1);
    completed = bench.sales.deal(bench.id(1));
  }

  @AfterEach
  void close() throws IOException {
    bench.close();
  }

  @Test
  void transferCompletesOnceAndLaterVouchersAreAnsweredByAResult() {
    bench.clientNotices.completed(channel, completed.order());
    bench.clientNotices.settled(channel, completed);
    bench.clientNotices.settled(channel, completed);

    assertEquals(
        List.of(
            "COMPLETE classic COMPLETED",
            "VOUCHER_RESULT classic COMPLETED",
            "VOUCHER_RESULT classic COMPLETED"),
        bench.notices.told);
  }

  @Test
  void completionThatWasNotWrittenIsSaidAgain() {
    bench.clientNotices.by(
        (peer, message) -> CompletableFuture.failedFuture(new IOException("lost")));
    bench.clientNotices.completed(channel, completed.order());

    bench.clientNotices.by(bench.notices);
    bench.clientNotices.settled(channel, completed);

    assertEquals(List.of("COMPLETE classic COMPLETED"), bench.notices.told);
  }

  @Test
  void restartedTransferCompletesAgain() {
    bench.clientNotices.completed(channel, completed.order());
    bench.clientNotices.completed(channel, completed.order());

    assertEquals(
        List.of("COMPLETE classic COMPLETED", "COMPLETE classic COMPLETED"), bench.notices.told);
  }
}
