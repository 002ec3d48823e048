package io.sluice.node.client;

import io.sluice.dealstore.DealStore;
import io.sluice.fsm.Applied;
import io.sluice.fsm.Attachment;
import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.LeftOut;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.Reports;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.ClientEvent;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.client.PaidFrom;
import io.sluice.fsm.engine.Engine;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.engine.Machines;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.transfer.TransferRecords;
import io.sluice.payments.PayerSide;
import io.sluice.payments.PaymentException;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.datatransfer.MessageType;
import io.sluice.protocol.datatransfer.TransferHandler;
import io.sluice.protocol.datatransfer.TransferRequest;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.RetrievalNames;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client's deals: begins them, carries them through, pays, takes them up again.
 *
 * <p>A deal lives in its machine; here is only what one attempt at it needs ({@link Conversation}).
 * Losing all of this, by SIGKILL say, loses nothing: {@link #wake} runs the step of the state that
 * the deal is in, and every step finds out what is already done.
 *
 * <p>Wiring: make it before the transfer endpoint starts, give {@link #handler} to that, then call
 * {@link #attach}.
 */
public final class DealClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DealClient.class);
  private static final String LEFT_OUT = "leftout";
  private static final String COUNTER = "deal";
  private static final Duration FAREWELL = Duration.ofSeconds(10);

  /** So often a refusal is met by another proposal; then it stands. */
  private static final int MENDS = 8;

  /** Attempts at a deal whose provider asks for more than came, before it is believed to lie. */
  private static final int OVERCHARGED_TRIES = 2;

  private final PeerId self;
  private final BlockStore blocks;
  private final DealStore store;
  private final DealMoney money;
  private final LastVouchers lastVouchers;
  private final Clock clock;
  private final ClientLimits limits;
  private final ClientMetrics metrics;
  private final Machines<ClientState, ClientEvent, ClientDeal, ClientInput> machines;
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("client-watch").daemon().factory());
  private final Map<MachineId, Conversation> conversations = new ConcurrentHashMap<>();
  private final Map<MachineId, CompletableFuture<ClientState>> endings = new ConcurrentHashMap<>();
  private final Map<MachineId, CompletableFuture<Void>> answers = new ConcurrentHashMap<>();
  private final Map<MachineId, BiConsumer<Long, Long>> ears = new ConcurrentHashMap<>();
  private final Map<MachineId, Integer> mends = new ConcurrentHashMap<>();

  /** How long providers asked to be left alone; until the next attempt. */
  private final Map<MachineId, Duration> patience = new ConcurrentHashMap<>();

  private final Map<MachineId, Instant> lastSent = new ConcurrentHashMap<>();

  /** Deals that this process carries: their steps run, or wait for something that will come. */
  private final Set<MachineId> carried = ConcurrentHashMap.newKeySet();

  private @Nullable DataTransfer transfer;

  /**
   * A client over these parts, none of which it closes.
   *
   * @param self this node's peer id
   */
  public DealClient(
      PeerId self,
      Engine engine,
      BlockStore blocks,
      DealStore store,
      PayerSide payer,
      Clock clock,
      ClientLimits limits,
      ClientMetrics metrics) {
    this.self = self;
    this.blocks = blocks;
    this.store = store;
    this.money = new DealMoney(self, payer, clock, metrics);
    this.lastVouchers = new LastVouchers(store);
    this.clock = clock;
    this.limits = limits;
    this.metrics = metrics;
    this.machines =
        engine.machines(
            ClientDeals.TABLE,
            Map.of(
                ClientState.NEW, this::fund,
                ClientState.PROPOSED, this::propose,
                ClientState.TRANSFERRING, this::transferring,
                ClientState.RETRYING, this::retry,
                ClientState.PARKED, this::park,
                ClientState.FINALIZING, this::finish,
                ClientState.LEAVING, this::leave));
    machines.listen(this::applied);
  }

  /** Starts to work over a transfer endpoint. */
  public void attach(DataTransfer endpoint) {
    this.transfer = endpoint;
    long period = limits.watchPeriod().toMillis();
    var unused =
        watch.scheduleWithFixedDelay(
            () -> conversations.values().forEach(Conversation::watch),
            period,
            period,
            TimeUnit.MILLISECONDS);
    long pause = limits.longestPause().toMillis();
    var unusedToo =
        watch.scheduleWithFixedDelay(this::sendOverdue, pause, pause, TimeUnit.MILLISECONDS);
  }

  /** Has the course of transfer channels recorded, too; before any deal goes on. */
  public void recordTransfers(TransferRecords records) {
    machines.listen(new PulledChannels(self, records)::applied);
  }

  /** What the transfer endpoint has to tell. */
  public TransferHandler handler() {
    return new Handler();
  }

  // ---- what commands ask for

  /**
   * Begins a deal, or joins one that is under way for the same provider, root and selector; a
   * parked one goes on. The deal is durable when this returns.
   */
  public MachineId begin(Wish wish) throws IOException, InterruptedException {
    Optional<MachineId> same = underWay(wish.provider(), wish.root(), wish.selector());
    if (same.isPresent()) {
      wake(same.get());
      return same.get();
    }
    LocalPart local = LocalPart.of(blocks, wish.root(), wish.selector(), Exclusions.NONE);
    long number = store.next(COUNTER);
    MachineId id = new MachineId("c-" + number);
    Exclusions left = local.exclusions();
    if (!left.doNotSend().isEmpty()) {
      store.putDocument(
          LEFT_OUT, id.value(), Node.list(left.doNotSend().stream().map(Node::of).toList()));
    }
    ClientDeal deal =
        ClientDeal.decided(
            wish.provider(),
            wish.addresses(),
            number,
            wish.root(),
            wish.selector(),
            number,
            LeftOut.of(left),
            wish.offer(),
            wish.budget(),
            now());
    carried.add(id);
    await(machines.start(id, deal));
    return id;
  }

  /** A deal under way for the same, if there is one. */
  public Optional<MachineId> underWay(PeerId provider, Cid root, Node selector) throws IOException {
    for (StoredMachine machine : store.live(ClientDeals.TABLE.name())) {
      ClientDeal deal = ClientDeals.TABLE.data().decode(machine.data());
      if (deal.provider().equals(provider)
          && deal.root().equals(root)
          && deal.selector().equals(selector)) {
        return Optional.of(machine.id());
      }
    }
    return Optional.empty();
  }

  /** Takes a deal up in this process, or goes on with a parked one; one that runs is left alone. */
  public void wake(MachineId id) throws IOException, InterruptedException {
    MachineView<ClientState, ClientDeal> view = view(id);
    if (view.ended() || !carried.add(id)) {
      return;
    }
    try {
      if (view.state() == ClientState.PARKED) {
        send(id, ClientEvent.RESUME, new ClientInput.Going(now(), view.data().transfer()));
      } else {
        send(id, ClientEvent.WAKE, new ClientInput.At(now()));
      }
    } catch (IOException e) {
      carried.remove(id);
      if (!view(id).ended()) {
        throw e;
      }
    }
  }

  /** Takes up every live deal, as a node does when it starts. Deals parked too long are ended. */
  public int wakeAll() throws IOException, InterruptedException {
    int woken = 0;
    for (StoredMachine machine : store.live(ClientDeals.TABLE.name())) {
      boolean parked = machine.state().equals(ClientState.PARKED.name());
      if (parked) {
        if (machine.changed().plus(limits.parked()).isBefore(now())) {
          cancel(machine.id());
        }
      } else {
        wake(machine.id());
        woken++;
      }
    }
    sendUnanswered();
    return woken;
  }

  /** Sends the last vouchers that providers have not answered once more. */
  public void sendUnanswered() {
    lastVouchers.all().forEach(this::sendAgain);
  }

  /** Waits a little for these providers to confirm the last vouchers that they have not yet. */
  public void deliver(Set<PeerId> providers, Duration patience) throws InterruptedException {
    for (LastVouchers.Unanswered voucher : lastVouchers.all()) {
      if (providers.contains(voucher.provider())) {
        sendAgain(voucher);
        awaitAnswer(voucher.deal(), patience);
      }
    }
  }

  private void sendAgain(LastVouchers.Unanswered voucher) {
    if (voucher.since().plus(limits.outbox()).isBefore(now())) {
      forgetAnswer(voucher.deal());
    } else if (!conversations.containsKey(voucher.deal())) {
      var unused = sendVoucher(voucher);
    }
  }

  /** Tries again, ever more rarely, in case the provider lost what it was sent and says nothing. */
  private void sendOverdue() {
    for (LastVouchers.Unanswered voucher : lastVouchers.all()) {
      Instant tried = lastSent.getOrDefault(voucher.deal(), voucher.since());
      Duration wait = Duration.between(voucher.since(), tried);
      if (tried.plus(longer(wait, limits.longestPause())).isBefore(now())) {
        sendAgain(voucher);
      }
    }
  }

  /** A provider that speaks of an ended deal again has not got its last voucher. */
  private void sendAgain(MachineId id) {
    Instant tried = lastSent.getOrDefault(id, Instant.MIN);
    if (tried.isBefore(now().minus(limits.pause()))) {
      lastVouchers.find(id).ifPresent(this::sendAgain);
    }
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }

  /** Ends a deal at this end: pays for what is verified, tells the provider. */
  public void cancel(MachineId id) throws IOException, InterruptedException {
    send(
        id,
        ClientEvent.CANCEL,
        new ClientInput.Stopped(now(), ErrorCode.CANCELLED.name(), "called off by the user"));
  }

  /** Pays for what is verified and puts the deal aside. */
  public void parkDeal(MachineId id) throws IOException, InterruptedException {
    send(
        id,
        ClientEvent.PARK,
        new ClientInput.Stopped(now(), ErrorCode.INTERRUPTED.name(), "put aside by the user"));
  }

  /** The deal as it stands. */
  public MachineView<ClientState, ClientDeal> view(MachineId id) throws IOException {
    return machines.get(id).orElseThrow(() -> new IOException("no deal " + id));
  }

  /**
   * Waits until the deal has ended or is parked.
   *
   * @param progress hears of charged and received bytes, on the thread of the transfer
   */
  public ClientState await(MachineId id, BiConsumer<Long, Long> progress)
      throws IOException, InterruptedException {
    ears.put(id, progress);
    CompletableFuture<ClientState> ending =
        endings.computeIfAbsent(id, key -> new CompletableFuture<>());
    try {
      MachineView<ClientState, ClientDeal> view = view(id);
      if (view.ended()) {
        return view.state();
      }
      return ending.get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } finally {
      ears.remove(id);
      endings.remove(id, ending);
    }
  }

  /** Waits a little for the provider to confirm the last voucher of a deal that has ended. */
  public void awaitAnswer(MachineId id, Duration patience) throws InterruptedException {
    if (!lastVouchers.isOpen(id)) {
      return;
    }
    CompletableFuture<Void> answer = answers.computeIfAbsent(id, key -> new CompletableFuture<>());
    try {
      if (lastVouchers.isOpen(id)) {
        answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (TimeoutException | ExecutionException e) {
      LOG.debug("{}: the last voucher is not answered yet and stays in the outbox", id);
    } finally {
      answers.remove(id);
    }
  }

  // ---- steps

  private void fund(MachineId id, ClientDeal deal, Reports<ClientEvent, ClientInput> reports)
      throws InterruptedException {
    CrashPoint.DEAL_BEGUN.reached();
    if (deal.isFree()) {
      reports.send(ClientEvent.FREE, new ClientInput.At(now()));
      return;
    }
    try {
      PaidFrom lane = money.fund(id, deal, limits.funds());
      CrashPoint.LANE_TAKEN.reached();
      reports.send(ClientEvent.FUNDED, new ClientInput.Funded(now(), lane));
    } catch (PaymentException e) {
      reports.send(ClientEvent.UNFUNDED, stopped(ErrorCode.ofDeal(e.code()), e));
    } catch (IOException e) {
      reports.send(ClientEvent.GIVE_UP, stopped(ErrorCode.INTERNAL, e));
    }
  }

  private void propose(MachineId id, ClientDeal deal, Reports<ClientEvent, ClientInput> reports)
      throws InterruptedException {
    Conversation before = conversations.remove(id);
    if (before != null) {
      before.close();
    }
    try {
      Exclusions first = exclusions(id, deal);
      LocalPart local = LocalPart.of(blocks, deal.root(), deal.selector(), first);
      if (deal.answered() && !deal.isFree()) {
        payAhead(id, deal, local.charged());
      }
      Conversation conversation = new Conversation(this, id, deal, local);
      conversations.put(id, conversation);
      Proposal proposal = new Proposal(self, deal, first, local);
      CrashPoint.PROPOSAL_DUE.reached();
      conversation.begin(endpoint().open(proposal.spec(), blocks, conversation));
    } catch (PaymentException e) {
      reports.send(ClientEvent.GIVE_UP, stopped(ErrorCode.ofDeal(e.code()), e));
    } catch (IOException e) {
      reports.send(ClientEvent.GIVE_UP, stopped(ErrorCode.INTERNAL, e));
    }
  }

  /** Pays for all that is verified before the restart asks for more. */
  private void payAhead(MachineId id, ClientDeal deal, long charged)
      throws IOException, InterruptedException {
    blocks.sync();
    Optional<SignedVoucher> voucher = money.pay(machines, id, deal, charged);
    if (voucher.isPresent() && voucher.get().amount().exceeds(deal.base())) {
      var unused =
          endpoint()
              .send(
                  deal.provider(),
                  deal.addresses(),
                  TransferRequest.voucher(
                      deal.transfer(), typed(voucher.get().payment(deal.id(), charged, false))));
    }
  }

  /** Runs when the transfer begins, where there is nothing to do, and in a new process. */
  private void transferring(
      MachineId id, ClientDeal deal, Reports<ClientEvent, ClientInput> reports) {
    if (!conversations.containsKey(id)) {
      reports.send(
          ClientEvent.CONNECTION_LOST,
          new ClientInput.Stopped(
              now(), ErrorCode.CONNECTION_LOST.name(), "taken up in a new process"));
    }
  }

  private void retry(MachineId id, ClientDeal deal, Reports<ClientEvent, ClientInput> reports)
      throws InterruptedException {
    int most = deal.answered() ? limits.tries() : limits.firstTries();
    if (ErrorCode.named(deal.reason()) == ErrorCode.OVERCHARGED) {
      most = Math.min(most, OVERCHARGED_TRIES);
    }
    if (deal.retries() >= most) {
      reports.send(
          ClientEvent.GIVE_UP,
          new ClientInput.Stopped(
              now(),
              deal.reason(),
              "given up after %d attempts: %s".formatted(deal.retries(), deal.message())));
      return;
    }
    Duration asked = Optional.ofNullable(patience.remove(id)).orElse(Duration.ZERO);
    Thread.sleep(limits.pauseBefore(deal.retries(), asked));
    reports.send(ClientEvent.RETRY, new ClientInput.Going(now(), deal.transfer()));
  }

  private void park(MachineId id, ClientDeal deal, Reports<ClientEvent, ClientInput> reports)
      throws InterruptedException {
    settleUp(id, deal, Voucher.ONE_OF_MANY);
    Conversation conversation = conversations.remove(id);
    if (conversation != null) {
      conversation.close();
    }
    end(id, ClientState.PARKED);
  }

  private void finish(MachineId id, ClientDeal deal, Reports<ClientEvent, ClientInput> reports)
      throws InterruptedException {
    try {
      settleUpOrFail(id, deal, deal.charged(), Voucher.FINAL);
      leaveLane(id, ClientEvent.FINAL_SENT, reports);
    } catch (PaymentException e) {
      reports.send(ClientEvent.CANCEL, stopped(ErrorCode.ofDeal(e.code()), e));
    } catch (IOException e) {
      LOG.error("{}: the last voucher could not be made", id, e);
    }
  }

  private void leave(MachineId id, ClientDeal deal, Reports<ClientEvent, ClientInput> reports)
      throws InterruptedException {
    ErrorCode reason = ErrorCode.named(deal.reason());
    boolean worthPaying =
        switch (reason) {
          case VERIFICATION_FAILED, BLOCK_HASH_MISMATCH, BUDGET_USED -> false;
          default -> true;
        };
    if (deal.answered() && worthPaying) {
      settleUp(id, deal, Voucher.LAST);
    }
    Conversation conversation = conversations.remove(id);
    if (conversation != null) {
      conversation.cancel();
    }
    leaveLane(id, ending(reason), reports);
  }

  private static ClientEvent ending(ErrorCode reason) {
    if (reason == ErrorCode.PARTIAL) {
      return ClientEvent.LEFT_PARTIAL;
    }
    if (reason == ErrorCode.CANCELLED) {
      return ClientEvent.LEFT_CANCELLED;
    }
    return switch (reason.exit()) {
      case 3, 4, 5 -> ClientEvent.LEFT_REJECTED;
      default -> ClientEvent.LEFT_FAILED;
    };
  }

  private void leaveLane(MachineId id, ClientEvent event, Reports<ClientEvent, ClientInput> reports)
      throws InterruptedException {
    var left = money.leave(id);
    try {
      reports.send(event, new ClientInput.At(now()), DealMoney.attachments(left)).get();
      CrashPoint.LANE_LEFT.reached();
      left.commit();
    } catch (ExecutionException e) {
      left.release();
      LOG.warn("{}: {} was refused", id, event, e.getCause());
    }
  }

  /** What a voucher is to its deal. */
  private enum Voucher {
    ONE_OF_MANY,
    /** No other will come: the client leaves the deal. */
    LAST,
    /** No other will come: the client has everything. */
    FINAL
  }

  /** Pays for what is verified; a failure leaves the rest to the next attempt. */
  private void settleUp(MachineId id, ClientDeal deal, Voucher kind) throws InterruptedException {
    Conversation conversation = conversations.get(id);
    long charged = deal.charged();
    try {
      if (conversation != null) {
        ClientInput.Verified standing = conversation.standing();
        blocks.sync();
        charged = Math.max(charged, standing.charged());
        send(id, ClientEvent.PROGRESS, standing);
      }
      if (charged > 0) {
        settleUpOrFail(id, deal, charged, kind);
      }
    } catch (IOException | PaymentException e) {
      LOG.warn("{}: what is verified could not be paid: {}", id, e.toString());
    }
  }

  /**
   * Signs and sends a voucher for so many bytes. A last one is kept in the outbox first, and it is
   * enough that it has been tried: it goes out again at each contact.
   */
  private void settleUpOrFail(MachineId id, ClientDeal deal, long charged, Voucher kind)
      throws IOException, InterruptedException {
    Optional<SignedVoucher> voucher = money.pay(machines, id, deal, charged);
    if (voucher.isEmpty() || !voucher.get().amount().exceeds(deal.base())) {
      return;
    }
    LastVouchers.Unanswered out =
        new LastVouchers.Unanswered(
            id,
            deal.provider(),
            deal.addresses(),
            deal.transfer(),
            voucher.get().payment(deal.id(), charged, kind == Voucher.FINAL),
            now());
    if (kind != Voucher.ONE_OF_MANY) {
      lastVouchers.keep(out);
      CrashPoint.LAST_VOUCHER_KEPT.reached();
    }
    try {
      sendVoucher(out).get(FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.info("{}: the voucher could not be sent and goes out again later", id);
    }
  }

  private CompletableFuture<Void> sendVoucher(LastVouchers.Unanswered voucher) {
    lastSent.put(voucher.deal(), now());
    return endpoint()
        .send(
            voucher.provider(),
            voucher.addresses(),
            TransferRequest.voucher(voucher.transfer(), typed(voucher.payment())));
  }

  private static TypedVoucher typed(Payment payment) {
    return new TypedVoucher(RetrievalNames.PAYMENT, payment.toNode());
  }

  // ---- what conversations report

  /** The provider said no. Some refusals can be mended, by another lane or more deposit. */
  void refused(Conversation conversation, MachineId id, ClientDeal deal, Reason reason) {
    metrics.refused(reason.code().name());
    try {
      if (reason.code().passes()) { // it asks for patience, not for another deal
        retryAfter(conversation, deal, reason).ifPresent(wait -> patience.put(id, wait));
        conversation.lost(reason);
        return;
      }
      Optional<PaidFrom> mended = mend(conversation, id, deal, reason);
      if (mended.isPresent()) {
        metrics.mended(reason.code().name());
        send(id, ClientEvent.REOPENED, new ClientInput.Funded(now(), mended.get()));
        return;
      }
      report(
          id,
          ClientEvent.REFUSED,
          new ClientInput.Stopped(now(), reason.code().name(), reason.message()));
    } catch (PaymentException e) {
      report(id, ClientEvent.REFUSED, stopped(ErrorCode.ofDeal(e.code()), e));
    } catch (ProtocolException e) {
      report(id, ClientEvent.REFUSED, stopped(ErrorCode.NOT_OUR_VOUCHER, e));
    } catch (IOException e) {
      report(id, ClientEvent.GIVE_UP, stopped(ErrorCode.INTERNAL, e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Optional<Duration> retryAfter(
      Conversation conversation, ClientDeal deal, Reason reason) throws InterruptedException {
    return deal.isFree() // nothing but the classic response comes then
        ? Optional.empty()
        : conversation
            .resultWith(reason.code())
            .flatMap(DealResult::retryAfter)
            .map(Duration::ofSeconds);
  }

  private Optional<PaidFrom> mend(
      Conversation conversation, MachineId id, ClientDeal deal, Reason reason)
      throws IOException, InterruptedException {
    if (deal.isFree() || deal.answered() || mends.merge(id, 1, Integer::sum) > MENDS) {
      return Optional.empty();
    }
    Optional<DealResult> result =
        switch (reason.code()) {
          case LANE_BEHIND, INSUFFICIENT_DEPOSIT, DEPOSIT_USED ->
              conversation.resultWith(reason.code());
          default -> Optional.empty();
        };
    return switch (reason.code()) {
      case LANE_BUSY -> Optional.of(money.another(id, deal));
      case LANE_BEHIND -> {
        Optional<Payment> best = result.flatMap(DealResult::best);
        yield best.isEmpty()
            ? Optional.empty()
            : money.adopt(id, deal, SignedVoucher.of(best.get()), limits.funds());
      }
      case INSUFFICIENT_DEPOSIT, DEPOSIT_USED -> {
        var gap = result.flatMap(DealResult::shortfall);
        yield gap.isEmpty() ? Optional.empty() : money.cover(id, deal, gap.get(), limits.funds());
      }
      default -> Optional.empty();
    };
  }

  void heard(MachineId id, long charged, long received) {
    BiConsumer<Long, Long> ear = ears.get(id);
    if (ear != null) {
      ear.accept(charged, received);
    }
  }

  /** The provider confirmed the end of a deal. */
  void answered(MachineId id) {
    onWorker(
        () -> {
          forgetAnswer(id);
          CompletableFuture<Void> answer = answers.get(id);
          if (answer != null) {
            answer.complete(null);
          }
          MachineView<ClientState, ClientDeal> view = machines.get(id).orElse(null);
          if (view != null && view.ended()) {
            Conversation conversation = conversations.remove(id);
            if (conversation != null) {
              conversation.close();
            }
          }
        });
  }

  private void forgetAnswer(MachineId id) {
    lastSent.remove(id);
    try {
      lastVouchers.answered(id);
    } catch (IOException e) {
      LOG.warn("{}: the outbox could not be written", id, e);
    }
  }

  void report(MachineId id, ClientEvent event, ClientInput input) {
    var unused = machines.send(id, event, input);
  }

  /** Work that may block. */
  @FunctionalInterface
  interface Work {
    void run() throws IOException, InterruptedException;
  }

  void onWorker(Work work) {
    try {
      workers.execute(() -> finish(work));
    } catch (RejectedExecutionException e) {
      LOG.debug("this client is closed; the deal goes on after the next start");
    }
  }

  private static void finish(Work work) {
    try {
      work.run();
    } catch (IOException e) {
      LOG.warn("a client's work failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void applied(Applied<ClientState, ClientDeal> applied) {
    if (applied.started()) {
      metrics.started(!applied.data().isFree());
    } else if (applied.event().equals(ClientEvent.RETRY.name())) {
      metrics.retried();
    }
    if (applied.after() == ClientState.PARKED || machines.table().isEnd(applied.after())) {
      carried.remove(applied.machine());
    }
    if (machines.table().isEnd(applied.after())) {
      metrics.ended(applied.after(), applied.data().reason());
      mends.remove(applied.machine());
      patience.remove(applied.machine());
      end(applied.machine(), applied.after());
      Conversation conversation = conversations.get(applied.machine());
      if (conversation != null) {
        closeLater(applied.machine(), conversation);
      }
      money.forget(applied.machine());
    }
  }

  /** The provider's last word may still come; it is not waited for for ever. */
  private void closeLater(MachineId id, Conversation conversation) {
    Runnable close =
        () -> {
          if (conversations.remove(id, conversation)) {
            conversation.close();
          }
        };
    try {
      var unused = watch.schedule(close, FAREWELL.toSeconds(), TimeUnit.SECONDS);
    } catch (RejectedExecutionException e) {
      close.run(); // this client is closed: nobody listens any more
    }
  }

  private void end(MachineId id, ClientState state) {
    CompletableFuture<ClientState> ending = endings.get(id);
    if (ending != null) {
      ending.complete(state);
    }
  }

  // ---- parts that conversations use

  Machines<ClientState, ClientEvent, ClientDeal, ClientInput> machines() {
    return machines;
  }

  DealMoney money() {
    return money;
  }

  BlockStore blocks() {
    return blocks;
  }

  ClientLimits limits() {
    return limits;
  }

  ClientMetrics metrics() {
    return metrics;
  }

  Instant now() {
    return clock.instant();
  }

  private ClientInput.Stopped stopped(ErrorCode code, Exception e) {
    return new ClientInput.Stopped(now(), code.name(), String.valueOf(e.getMessage()));
  }

  private Exclusions exclusions(MachineId id, ClientDeal deal) {
    if (deal.leftOut().listed() == 0) {
      return new Exclusions(deal.leftOut().skipFirst(), List.of());
    }
    List<Cid> list = new ArrayList<>();
    store
        .document(LEFT_OUT, id.value())
        .map(Node::asList)
        .orElse(List.of())
        .forEach(link -> list.add(link.asLink()));
    return new Exclusions(deal.leftOut().skipFirst(), list);
  }

  private DataTransfer endpoint() {
    DataTransfer endpoint = transfer;
    if (endpoint == null) {
      throw new IllegalStateException("attach() comes first");
    }
    return endpoint;
  }

  private void send(MachineId id, ClientEvent event, ClientInput input)
      throws IOException, InterruptedException {
    await(machines.send(id, event, input, List.<Attachment>of()));
  }

  private static void await(CompletableFuture<?> sent) throws IOException, InterruptedException {
    try {
      sent.get();
    } catch (ExecutionException e) {
      throw new IOException("the deal did not take the event: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    conversations.values().forEach(Conversation::close);
    watch.shutdownNow();
    workers.shutdownNow();
  }

  /** Hears what belongs to no conversation. */
  private final class Handler implements TransferHandler {
    @Override
    public void onResponse(ChannelId channel, TransferResponse response) {
      if (!channel.initiator().equals(self)) {
        return;
      }
      MachineId id = new MachineId("c-" + Long.toUnsignedString(channel.transfer()));
      boolean done = response.type() == MessageType.COMPLETE && !response.paused();
      // One that is accepted and paused asks for more.
      boolean taken =
          response.type() == MessageType.VOUCHER_RESULT
              && response.accepted()
              && !response.paused();
      if (done || taken) {
        answered(id);
      } else {
        onWorker(() -> sendAgain(id));
      }
    }

    @Override
    public void onRestartAsked(ChannelId channel) {
      onWorker(() -> wake(new MachineId("c-" + Long.toUnsignedString(channel.transfer()))));
    }

    @Override
    public void onPeerLost(PeerId peer) {}
  }
}
