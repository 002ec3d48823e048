package io.sluice.node.client;

import static io.sluice.node.client.Pair.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.node.api.ServiceException;
import io.sluice.node.provider.ProviderService;
import io.sluice.payments.DealRef;
import io.sluice.payments.payee.DealAccount;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Deals that are called off while blocks are under way: they count at the provider alone. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NamedDebtsTest {
  private static final Terms PAID =
      new Terms(TokenAmount.of(3_000_001), TokenAmount.ZERO, 4_000, 1_000, 8_000, 600);

  @TempDir Path folder;
  private Pair pair;

  @BeforeEach
  void open() throws IOException {
    pair = new Pair(folder);
    pair.offer(PAID);
  }

  @AfterEach
  void close() throws IOException {
    pair.close();
  }

  private static MachineId deal(int number) {
    return new MachineId("c-" + number);
  }

  private Retrieval.RetrievalOutcome run() throws ServiceException {
    return pair.retrieval().run((charged, received) -> {}, quote -> {});
  }

  private DealAccount account(int number) {
    MachineId id = ProviderService.idOf(pair.client.host.id(), number);
    return pair.provider.payments.payee().account(new DealRef(id.value())).orElseThrow();
  }

  private ProviderDeal sold(int number) {
    try {
      return pair.atProvider(number);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Calls a deal off when its provider has sent all that its gate lets out. */
  private void callOff(int number) throws Exception {
    pair.client.disk.hangAfter(10_000);
    CompletableFuture<DealCode> end =
        CompletableFuture.supplyAsync(
            () -> (DealCode) assertThrows(ServiceException.class, this::run).code());
    until(() -> hasSentAll(number));
    pair.client.deals.cancel(deal(number));
    assertEquals(DealCode.CANCELLED, end.get());
    pair.client.disk.room(Long.MAX_VALUE); // only now: nothing is taken in any more
    until(() -> sold(number).outcome().isPresent());
  }

  private boolean hasSentAll(int number) {
    try {
      return pair.client.deals.view(deal(number)).state() == ClientState.TRANSFERRING
          && account(number).charged() >= account(number).limit()
          && account(number).charged() > 10_000;
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }

  private TokenAmount underWay(int number) throws IOException {
    ClientDeal bought = pair.atClient(deal(number)).data();
    assertEquals(TokenAmount.ZERO, new LatePayments(pair.client.store).owed(deal(number), bought));
    TokenAmount owed = account(number).owed();
    assertFalse(owed.isZero());
    return owed;
  }

  @Test
  void givenTwoDealsCalledOff_thenTheThirdIsRefused_andTellsWhatToPay_andThenItGoes()
      throws Exception {
    callOff(1);
    callOff(2);
    TokenAmount first = underWay(1);
    TokenAmount second = underWay(2);

    ServiceException refused = assertThrows(ServiceException.class, this::run);

    assertEquals(DealCode.UNPAID, refused.code());
    int worst = first.exceeds(second) || first.equals(second) ? 1 : 2;
    assertTrue(
        refused.getMessage().contains("`sluice deals pay " + deal(worst) + "`"),
        refused.getMessage());
    // The next attempt has a lane of its own, so the debt stays payable; also after a restart.
    pair.client.stop();
    pair.client.start();
    assertEquals(Optional.of(worst == 1 ? first : second), pair.client.deals.pay(deal(worst)));
    assertEquals(Optional.of(TokenAmount.ZERO), pair.client.deals.pay(deal(worst)));
    until(() -> account(worst).owed().isZero());
    assertTrue(run().complete());
  }
}
