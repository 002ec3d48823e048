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
import io.sluice.fsm.provider.ProviderState;
import io.sluice.node.api.ServiceException;
import io.sluice.node.provider.ProviderService;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client whose disk is full in the middle of a deal, and what it owes afterwards. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FullDiskTest {
  private static final Terms PAID =
      new Terms(TokenAmount.of(3_000_001), TokenAmount.ZERO, 4_000, 1_000, 8_000, 600);
  private static final MachineId DEAL = new MachineId("c-1");

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

  private Retrieval.RetrievalOutcome run() throws ServiceException {
    return pair.retrieval().run((charged, received) -> {}, quote -> {});
  }

  private ProviderDeal sold() {
    try {
      return pair.atProvider(1);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Owes for what had come when its disk broke: nothing may be signed that is not durable. */
  private TokenAmount failUnpaid(MachineId id) throws IOException {
    pair.client.disk.breakAfter(30_000);
    ServiceException failed = assertThrows(ServiceException.class, this::run);
    assertEquals(DealCode.INTERNAL, failed.code());
    pair.client.disk.room(Long.MAX_VALUE);
    until(
        () -> {
          try {
            return pair.provider
                .service
                .deals()
                .get(ProviderService.idOf(pair.client.host.id(), pair.atClient(id).data().id()))
                .filter(view -> view.state() == ProviderState.UNPAID)
                .isPresent();
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    return new LatePayments(pair.client.store).owed(id, pair.atClient(id).data());
  }

  @Test
  void givenADealThatEndedOwing_whenItIsPaidByHand_thenNothingIsOwed() throws Exception {
    TokenAmount owed = failUnpaid(DEAL);
    assertTrue(!owed.isZero());
    LatePayments late = new LatePayments(pair.client.store);
    TokenAmount before = pair.atClient(DEAL).data().paid();

    TokenAmount paid = pair.client.deals.pay(DEAL).orElseThrow();
    assertEquals(Optional.of(TokenAmount.ZERO), pair.client.deals.pay(DEAL));

    // What this end owes by its own count, and what was under way then, which its provider names.
    assertFalse(owed.exceeds(paid));
    assertEquals(PAID.due(sold().charged()), before.plus(paid));
    ClientDeal deal = pair.atClient(DEAL).data();
    assertEquals(TokenAmount.ZERO, late.owed(DEAL, deal));
    assertEquals(before.plus(paid), late.paid(DEAL, deal));
    until(() -> sold().credit().equals(late.paid(DEAL, deal)));
  }

  @Test
  void givenADealThatEndedOwing_thenTheNextDealPaysThatFirst() throws Exception {
    TokenAmount first = failUnpaid(DEAL);
    TokenAmount second = failUnpaid(new MachineId("c-2"));
    assertTrue(!first.isZero() && !second.isZero());

    Retrieval.RetrievalOutcome outcome = run();

    assertTrue(outcome.complete());
    LatePayments late = new LatePayments(pair.client.store);
    for (String id : List.of("c-1", "c-2")) {
      MachineId deal = new MachineId(id);
      assertEquals(TokenAmount.ZERO, late.owed(deal, pair.atClient(deal).data()));
    }
  }

  private void fillUp() {
    pair.client.disk.room(30_000);
    ServiceException full = assertThrows(ServiceException.class, this::run);
    assertEquals(DealCode.STORAGE_FULL, full.code());
    assertTrue(full.getMessage().contains("deal c-1"), full.getMessage());
  }

  @Test
  void givenAFullDisk_thenTheDealIsParked_paid_andGoesOnWhenThereIsRoom() throws Exception {
    fillUp();

    ClientDeal parked = pair.atClient(DEAL).data();
    assertEquals(ClientState.PARKED, pair.atClient(DEAL).state());
    assertEquals(PAID.due(parked.progress().charged()), parked.paid());
    assertTrue(parked.progress().charged() > 20_000);
    pair.client.disk.room(Long.MAX_VALUE);

    Retrieval.RetrievalOutcome outcome = run();

    assertEquals(Optional.of(DEAL), outcome.deal());
    assertTrue(outcome.complete());
    assertEquals(PAID.due(pair.dag.bytes()), outcome.paid());
    until(() -> sold().credit().equals(PAID.due(pair.dag.bytes())));
  }

  @Test
  void givenAParkedDeal_whenItIsCancelled_thenItsProviderHearsOfIt() throws Exception {
    fillUp();

    pair.client.deals.cancel(DEAL);
    pair.client.deals.await(DEAL, (charged, received) -> {});

    until(() -> sold().outcome().isPresent());
    assertEquals(Optional.of(DealCode.CANCELLED), sold().reason());
    TokenAmount paid = pair.atClient(DEAL).data().paid();
    until(() -> sold().credit().equals(paid));
  }
}
