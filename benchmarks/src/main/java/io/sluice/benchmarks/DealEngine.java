package io.sluice.benchmarks;

import io.sluice.fsm.Applied;
import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientState;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A client's deal told to the engine, with a journal that keeps nothing: to decide, to encode and
 * to hash is what is left. Nobody waits between events, so that handing them from thread to thread
 * is little of it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(time = 4) // the machines behind a change of state are much code to compile
@Measurement(time = 1)
public class DealEngine {
  private static final int EVENTS = 1_000;
  private static final int LIVES = 100;
  private static final MachineId GOING = new MachineId("c-1");
  private static final MachineId LIVING = new MachineId("c-2");

  private final ToldDeals deals = new ToldDeals();
  private long progress;
  private long vouchers;

  /** Sees that a deal goes on, pays and ends. */
  @Setup
  public void check() throws ExecutionException, InterruptedException {
    deals.agree(GOING);
    Check.equal((long) EVENTS << 20, progress().data().progress().charged());
    Applied<ClientState, ClientDeal> paid = pay();
    Check.equal(ClientState.TRANSFERRING, paid.after());
    Check.equal((long) EVENTS, paid.data().vouchers());

    Applied<ClientState, ClientDeal> ended = life();
    Check.equal(7L, ended.entry().sequence());
    Check.equal(Optional.of(DealOutcome.COMPLETED), ended.data().outcome());
    Check.equal(TokenAmount.of(1_000), ended.data().paid());
  }

  /** Stops the engine. */
  @TearDown
  public void close() {
    deals.close();
  }

  /** One event that keeps the state: more has come. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public Applied<ClientState, ClientDeal> progress()
      throws ExecutionException, InterruptedException {
    for (int i = 0; i < EVENTS; i++) {
      deals.progress(GOING, ++progress);
    }
    return deals.applied();
  }

  /** One event that keeps the state: a voucher is signed. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public Applied<ClientState, ClientDeal> pay() throws ExecutionException, InterruptedException {
    for (int i = 0; i < EVENTS; i++) {
      deals.pay(GOING, ++vouchers);
    }
    return deals.applied();
  }

  /** One whole life of a deal, in seven records, from the decision to the last voucher. */
  @Benchmark
  @OperationsPerInvocation(LIVES)
  public Applied<ClientState, ClientDeal> life() throws ExecutionException, InterruptedException {
    for (int i = 0; i < LIVES; i++) {
      deals.agree(LIVING);
      deals.progress(LIVING, 1);
      deals.pay(LIVING, 1);
      deals.complete(LIVING, 1);
    }
    return deals.applied();
  }
}
