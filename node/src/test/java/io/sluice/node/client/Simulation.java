package io.sluice.node.client;

import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.ClientEvent;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderDeals;
import io.sluice.node.api.ServiceException;
import io.sluice.payments.ChannelBook;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A client buys from a provider in a world that a {@link FaultPlan} makes go wrong. Both are the
 * real ones, with journals on a disk; the network and the clock are not. What must hold is looked
 * at with every record that is written and every turn of the clock, and that all ends well once the
 * faults are over.
 *
 * <p>The plan follows from its seed alone. Which thread runs first does not, so a seed that failed
 * may have to be given some times before it fails again.
 */
final class Simulation implements AutoCloseable {
  /** Something that must hold did not. */
  static final class Violation extends AssertionError {
    private static final long serialVersionUID = 1;

    Violation(String message) {
      super(message);
    }
  }

  /** Bugs of kinds that were seen before, to show that the simulation finds them. */
  enum PlantedBug {
    NONE,
    /** The client hands out a voucher before its record is durable. */
    VOUCHER_BEFORE_DURABLE,
    /** The provider counts a voucher as paid before its record is durable. */
    CREDIT_BEFORE_DURABLE,
    /** The client's disk says that blocks are durable, and has lost some after a kill. */
    BLOCKS_FORGOTTEN
  }

  private static final ClientLimits LIMITS =
      new ClientLimits(
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofSeconds(60),
          6,
          16,
          Duration.ofMillis(20),
          Duration.ofMillis(500),
          Duration.ofHours(24),
          Duration.ofDays(7),
          8 << 10);

  /** By then everything must have ended: virtual time after the last fault. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** And real time: some waits of streams are not simulated. */
  private static final Duration REAL_PATIENCE = Duration.ofSeconds(10);

  /** So many orders get through whatever a plan has in store. */
  private static final int ORDERS = 40;

  /** How long a turn of the clock takes in real time: the nodes' threads work meanwhile. */
  private static final long TURN_NANOS = 100_000;

  /** Real time without a record or a byte after which the clock goes faster, up to so much. */
  private static final long DULL_NANOS = 20_000_000;

  /** When nothing was written for so long, the next fault strikes without a record. */
  private static final Duration STILL = Duration.ofSeconds(30);

  private static final Duration LONGEST_TURN = Duration.ofMillis(50);

  private final FaultPlan plan;
  private final PlantedBug bug;
  private final SimulatedTime time = new SimulatedTime();
  private final TestDag dag;
  private final Pair pair;
  private final AtomicInteger records = new AtomicInteger();
  private final ConcurrentLinkedDeque<FaultPlan.Fault> coming;
  private final Queue<FaultPlan.Fault> striking = new ConcurrentLinkedQueue<>();
  private final Queue<Violation> violations = new ConcurrentLinkedQueue<>();
  private final Map<String, ClientDeal> bought = new ConcurrentHashMap<>();
  private final Map<String, Long> verifiedBytes = new ConcurrentHashMap<>();
  private final Map<String, ProviderDeal> sold = new ConcurrentHashMap<>();
  private final Map<Pair.Node, CompletableFuture<Void>> deaths = new HashMap<>();
  private @Nullable CompletableFuture<Retrieval.RetrievalOutcome> buying;
  private int orders;
  private int recordsBefore;
  private long lastRecord;
  private long trafficBefore;
  private long busyUntil;

  Simulation(Path folder, FaultPlan plan, PlantedBug bug) throws IOException {
    this.plan = plan;
    this.bug = bug;
    this.dag = plan.content();
    this.coming = new ConcurrentLinkedDeque<>(plan.faults());
    this.pair = new Pair(folder, dag, LIMITS, ClientMetrics.NONE, time, time::process);
    pair.network.jitter(plan.seed(), plan.jitter().plusNanos(1));
    pair.client.tap(tapped(bug == PlantedBug.VOUCHER_BEFORE_DURABLE, this::clientWrote));
    pair.provider.tap(tapped(bug == PlantedBug.CREDIT_BEFORE_DURABLE, this::providerWrote));
    pair.offer(plan.terms());
  }

  /** Runs until all has ended well. */
  void run() throws IOException {
    long quietSince = time.nanos();
    long quietSinceReal = Ticker.SYSTEM.nanos();
    boolean done = false;
    while (!done) {
      turn();
      if (!coming.isEmpty() || !striking.isEmpty() || !deaths.isEmpty()) {
        quietSince = time.nanos();
        quietSinceReal = Ticker.SYSTEM.nanos();
      }
      done = isBought() && isSettled();
      if (time.nanos() - quietSince > PATIENCE.toNanos()
          && Ticker.SYSTEM.nanos() - quietSinceReal > REAL_PATIENCE.toNanos()) {
        throw new Violation("not at its end after " + PATIENCE + ": " + standing());
      }
      if (done) {
        coming.clear(); // there was less to do than the plan has faults for
      }
    }
    checkEnd();
  }

  private void turn() throws IOException {
    for (var fault = striking.poll(); fault != null; fault = striking.poll()) {
      strike(fault);
    }
    boolean still = time.nanos() - lastRecord > STILL.toNanos();
    if (still) {
      lastRecord = time.nanos();
      Optional.ofNullable(coming.pollFirst()).ifPresent(striking::add);
    }
    for (Pair.Node node : Map.copyOf(deaths).keySet()) {
      if (still || deaths.get(node).isDone()) {
        deaths.remove(node);
        node.crash();
        if (node == pair.client) {
          if (bug == PlantedBug.BLOCKS_FORGOTTEN) {
            dag.leaves().forEach(pair.client.blocks::remove);
          }
          buying = null; // who waits in a process that is gone is never told
          wakeDeals();
        }
      }
    }
    long now = Ticker.SYSTEM.nanos();
    if (records.get() != recordsBefore || pair.network.traffic() != trafficBefore) {
      lastRecord = records.get() == recordsBefore ? lastRecord : time.nanos();
      recordsBefore = records.get();
      trafficBefore = pair.network.traffic();
      busyUntil = now + DULL_NANOS;
    }
    Duration turn = plan.turn().multipliedBy(1 + Math.max(0, now - busyUntil) / DULL_NANOS);
    time.turn(turn.compareTo(LONGEST_TURN) < 0 ? turn : LONGEST_TURN);
    if (!deaths.containsKey(pair.provider)) {
      pair.provider.service.tick();
    }
    if (deaths.isEmpty()) {
      checkBooks();
    }
    Violation found = violations.poll();
    if (found != null) {
      throw found;
    }
    LockSupport.parkNanos(TURN_NANOS);
  }

  private void wakeDeals() throws IOException {
    try {
      var unused = pair.client.deals.wakeAll();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  // ---- faults

  private void strike(FaultPlan.Fault fault) {
    Host provider = pair.provider.host;
    Host client = pair.client.host;
    switch (fault.kind()) {
      case CUT -> pair.network.cut(provider, client);
      case CUT_TO_CLIENT -> pair.network.cutAfter(provider, client, fault.amount());
      case CUT_TO_PROVIDER -> pair.network.cutAfter(client, provider, fault.amount() / 10 + 1);
      case SILENT_TO_CLIENT -> silence(provider, client, fault.amount());
      case SILENT_TO_PROVIDER -> silence(client, provider, fault.amount());
      case CLIENT_DIES -> die(pair.client, fault.durable());
      case PROVIDER_DIES -> die(pair.provider, fault.durable());
    }
  }

  private void silence(Host from, Host to, int millis) {
    for (String protocol : to.protocolsOf(from.id())) {
      pair.network.hold(from, to, protocol);
      time.process()
          .after(Duration.ofMillis(millis), () -> pair.network.release(from, to, protocol));
    }
  }

  private void die(Pair.Node node, boolean durable) {
    deaths.computeIfAbsent(node, dying -> dying.dieAt(durable, entry -> true));
  }

  // ---- the order

  private boolean isBought() {
    CompletableFuture<Retrieval.RetrievalOutcome> running = buying;
    if (running != null && !running.isDone()) {
      return false;
    }
    if (running != null && !running.isCompletedExceptionally() && running.join().complete()) {
      return true;
    }
    if (deaths.isEmpty()) {
      require(++orders <= ORDERS, () -> "given up after so many orders: " + standing());
      buying = startBuying();
    }
    return false;
  }

  private CompletableFuture<Retrieval.RetrievalOutcome> startBuying() {
    Optional<TokenAmount> budget =
        plan.exactBudget() ? Optional.of(plan.terms().due(dag.bytes())) : Optional.empty();
    Retrieval retrieval = pair.retrieval(dag.root(), budget);
    CompletableFuture<Retrieval.RetrievalOutcome> running = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                running.complete(retrieval.run((charged, received) -> {}, quote -> {}));
              } catch (ServiceException | RuntimeException e) {
                running.completeExceptionally(e);
              }
            });
    return running;
  }

  // ---- what holds with each record

  /** Looks at what was written. */
  @FunctionalInterface
  private interface EntryCheck {
    void check(JournalEntry entry) throws IOException;
  }

  /** Looks at what is written, and lets the next fault strike where its time has come. */
  private Pair.JournalTap tapped(boolean lagging, EntryCheck look) {
    Deque<Pair.DurableWrite> behind = new ArrayDeque<>();
    return (entry, write) -> {
      if (lagging) {
        synchronized (behind) {
          if (entry.event().equals(JournalEntry.STARTED)) {
            behind.clear(); // a new life, or a new deal: what was not written is lost
          }
          behind.add(write);
          while (behind.size() > 1) {
            behind.removeFirst().run();
          }
        }
      } else {
        write.run();
      }
      try {
        look.check(entry);
      } catch (Violation violation) {
        violations.add(violation);
      } catch (IOException | RuntimeException e) {
        violations.add(new Violation("cannot be looked at: " + entry + ": " + e));
      }
      int written = records.incrementAndGet();
      FaultPlan.Fault next = coming.peekFirst();
      while (next != null && next.record() <= written && coming.remove(next)) {
        striking.add(next);
        next = coming.peekFirst();
      }
    };
  }

  private synchronized void clientWrote(JournalEntry entry) throws IOException {
    if (!entry.table().equals(ClientDeals.TABLE.name())) {
      return;
    }
    ClientDeal deal = ClientDeals.TABLE.data().decode(entry.data());
    long verified =
        entry.event().equals(ClientEvent.VOUCHER_SIGNED.name())
            ? ((ClientInput.Signed) ClientDeals.TABLE.input().decode(entry.input())).bytes()
            : deal.progress().charged();
    verifiedBytes.merge(entry.machine().value(), verified, Math::max);
    long bytes = verifiedBytes.get(entry.machine().value());
    TokenAmount due = deal.terms().map(terms -> terms.due(bytes)).orElse(TokenAmount.ZERO);
    require(
        deal.paid().compareTo(due) <= 0,
        () -> "the client signed " + deal.paid() + " of " + due + " that are due: " + entry);
    ClientDeal before = bought.put(entry.machine().value(), deal);
    if (before != null) {
      require(deal.nonce() >= before.nonce(), () -> "the client's nonce goes back: " + entry);
      require(
          deal.paid().compareTo(before.paid()) >= 0, () -> "the client's sum goes back: " + entry);
      require(
          deal.progress().charged() >= before.progress().charged(),
          () -> "what the client verified goes back: " + entry);
    }
  }

  private synchronized void providerWrote(JournalEntry entry) throws IOException {
    if (!entry.table().equals(ProviderDeals.TABLE.name())) {
      return;
    }
    ProviderDeal deal = ProviderDeals.TABLE.data().decode(entry.data());
    long most = plan.leaves().stream().mapToLong(Integer::longValue).max().orElse(0);
    long root = dag.store().size(dag.root()).orElseThrow();
    long paid = deal.money().map(money -> plan.terms().paidBytes(deal.credit())).orElse(0L);
    require(
        deal.charged() <= paid + plan.terms().window(paid) + Math.max(most, root),
        () -> "the provider gave more than a window and a block on credit: " + entry);
    ProviderDeal before = sold.put(entry.machine().value(), deal);
    if (before != null) {
      require(deal.credit().compareTo(before.credit()) >= 0, () -> "credit goes back: " + entry);
      require(deal.charged() >= before.charged(), () -> "what is charged goes back: " + entry);
    }
  }

  private static void require(boolean holds, Supplier<String> otherwise) {
    if (!holds) {
      throw new Violation(otherwise.get());
    }
  }

  // ---- what holds at each turn

  /** Nobody has more than was given. The provider's sums are read first: the client's only grow. */
  private void checkBooks() {
    TokenAmount earned = vouchered(pair.provider, ChannelBook.Role.PAYEE);
    TokenAmount spent = vouchered(pair.client, ChannelBook.Role.PAYER);
    require(
        earned.compareTo(spent) <= 0,
        () -> "the provider holds vouchers for " + earned + ", the client signed " + spent);
    for (ChannelBook channel : pair.client.payments.books()) {
      require(
          channel.vouchered().compareTo(channel.deposit()) <= 0,
          () -> "more signed than deposited: " + channel);
    }
  }

  private static TokenAmount vouchered(Pair.Node node, ChannelBook.Role role) {
    return node.payments.books().stream()
        .filter(book -> book.role() == role)
        .map(ChannelBook::vouchered)
        .reduce(TokenAmount.ZERO, TokenAmount::plus);
  }

  // ---- how it ends

  private boolean isSettled() {
    return deaths.isEmpty()
        && vouchered(pair.provider, ChannelBook.Role.PAYEE)
            .equals(vouchered(pair.client, ChannelBook.Role.PAYER));
  }

  private void checkEnd() throws IOException {
    for (Cid cid : dag.leaves()) {
      require(
          pair.client
              .blocks
              .get(cid)
              .orElseThrow(() -> new Violation(cid + " is not here"))
              .data()
              .equals(dag.store().get(cid).orElseThrow().data()),
          () -> cid + " is not what was bought");
    }
    TokenAmount spent = vouchered(pair.client, ChannelBook.Role.PAYER);
    TokenAmount ofDeals =
        bought.values().stream().map(ClientDeal::paid).reduce(TokenAmount.ZERO, TokenAmount::plus);
    require(spent.equals(ofDeals), () -> "signed " + spent + ", by the deals " + ofDeals);
    long charged = bought.values().stream().mapToLong(deal -> deal.progress().charged()).sum();
    require(charged <= dag.bytes(), () -> "paid for " + charged + " of " + dag.bytes() + " bytes");
  }

  private String standing() {
    return "client "
        + pair.client.payments.books()
        + ", provider "
        + pair.provider.payments.books()
        + ", order "
        + buying
        + ", deals "
        + bought
        + ", there "
        + sold;
  }

  @Override
  public void close() throws IOException {
    pair.close();
  }
}
