package io.sluice.benchmarks;

import io.sluice.fsm.Applied;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.ClientEvent;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.client.ClientInput.At;
import io.sluice.fsm.client.ClientInput.Funded;
import io.sluice.fsm.client.ClientInput.Signed;
import io.sluice.fsm.client.ClientInput.Verified;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.engine.Engine;
import io.sluice.fsm.engine.EngineLimits;
import io.sluice.fsm.engine.EngineWatch;
import io.sluice.fsm.engine.Machines;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Paid deals of a client, run by an engine of their own that keeps nothing and does nothing: their
 * states have no steps. Events are told without waiting for the one before. For one thread.
 */
final class ToldDeals implements AutoCloseable {
  private static final At AT = new At(PaidDeal.NOW);

  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private final ForgetfulJournal journal = new ForgetfulJournal();
  private final Engine engine =
      new Engine(
          journal, journal, Clock.systemUTC(), workers, new EngineWatch() {}, EngineLimits.DEFAULT);
  private final Machines<ClientState, ClientDeal, ClientInput> machines =
      engine.machines(ClientDeals.TABLE, Map.of());

  private CompletableFuture<Applied<ClientState, ClientDeal>> last = new CompletableFuture<>();

  /** A deal is decided on, gets its lane and is agreed to: three records. */
  void agree(MachineId id) {
    last = machines.start(id, PaidDeal.DECIDED);
    last = machines.send(id, ClientEvent.FUNDED, new Funded(PaidDeal.NOW, PaidDeal.LANE));
    last = machines.send(id, ClientEvent.ACCEPTED, AT);
  }

  /** A megabyte more has come, in four blocks: one record, in the same state. */
  void progress(MachineId id, long count) {
    last = machines.send(id, ClientEvent.PROGRESS, verified(count));
  }

  /** And is paid: one record, in the same state. */
  void pay(MachineId id, long count) {
    Signed signed = new Signed(PaidDeal.NOW, TokenAmount.of(count * 1_000), count, count << 20);
    last = machines.send(id, ClientEvent.VOUCHER_SIGNED, signed);
  }

  /** All has come and the deal ends: two records. */
  void complete(MachineId id, long count) {
    last = machines.send(id, ClientEvent.ALL_VERIFIED, verified(count));
    last = machines.send(id, ClientEvent.FINAL_SENT, AT);
  }

  /** Waits for the event that was told last, and with it for all before it of the same deal. */
  Applied<ClientState, ClientDeal> applied() throws ExecutionException, InterruptedException {
    return last.get();
  }

  private static Verified verified(long count) {
    return new Verified(PaidDeal.NOW, count << 20, count << 20, 4 * count);
  }

  @Override
  public void close() {
    engine.close();
    workers.close();
  }
}
