package io.sluice.node.client;

import io.sluice.fsm.Attachment;
import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.EventRefused;
import io.sluice.fsm.EventSink;
import io.sluice.fsm.EventType;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.client.ClientMoney;
import io.sluice.fsm.client.LaneOpening;
import io.sluice.payments.DealRef;
import io.sluice.payments.Prepared;
import io.sluice.payments.payer.FundsRequest;
import io.sluice.payments.payer.LaneTicket;
import io.sluice.payments.payer.LateDebt;
import io.sluice.payments.payer.PayerSide;
import io.sluice.payments.voucher.OpenClaim;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.Offer;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lanes and openings from the payer, vouchers as one journal record with the deal's event. Of one
 * deal only one voucher is made at a time.
 */
final class DealMoney implements DealPayments {
  private static final Logger LOG = LoggerFactory.getLogger(DealMoney.class);

  private final PeerId self;
  private final PayerSide payer;
  private final Clock clock;
  private final Duration patience;
  private final ClientMetrics metrics;
  private final VoucherRecorder recorder;

  /** Held while a voucher of the deal is made. */
  private final Map<MachineId, ReentrantLock> signing = new ConcurrentHashMap<>();

  /** What deals have added to their channels because their providers said that it was missing. */
  private final Map<MachineId, TokenAmount> covered = new ConcurrentHashMap<>();

  /** Writes a voucher and the deal's event for it as one record. */
  @FunctionalInterface
  interface VoucherRecorder {
    CompletableFuture<?> record(MachineId id, ClientInput.Signed signed, List<Attachment> voucher);
  }

  /** Money from that payer; {@code patience} is the longest wait for a ledger. */
  DealMoney(
      PeerId self,
      PayerSide payer,
      Clock clock,
      Duration patience,
      ClientMetrics metrics,
      VoucherRecorder recorder) {
    this.self = self;
    this.payer = payer;
    this.clock = clock;
    this.patience = patience;
    this.metrics = metrics;
    this.recorder = recorder;
  }

  @Override
  public String shown(ClientDeal deal, TokenAmount amount) {
    return payer.shown(amount, offer(deal).payee().token());
  }

  @Override
  public LaneOpening fund(MachineId id, ClientDeal deal) throws IOException, InterruptedException {
    FundsRequest request = new FundsRequest(ref(id), offer(deal).payee(), deal.order().budget());
    return opened(deal, payer.acquire(request, patience));
  }

  @Override
  public LaneOpening another(MachineId id, ClientDeal deal) throws IOException {
    return opened(deal, payer.another(ref(id)));
  }

  @Override
  public Optional<LaneOpening> adopt(MachineId id, ClientDeal deal, SignedVoucher voucher)
      throws IOException, InterruptedException {
    LaneTicket adopted = payer.adopt(ref(id), voucher);
    // Where the ledger has told how far the lane is, the base is right already, and only the
    // voucher was missing.
    TokenAmount told =
        deal.money()
            .map(ClientMoney::lane)
            .flatMap(lane -> lane.opening().best())
            .map(Payment::amount)
            .orElse(TokenAmount.ZERO);
    TokenAmount known = adopted.best().map(SignedVoucher::amount).orElse(TokenAmount.ZERO);
    if (!adopted.base().exceeds(deal.base()) && !known.exceeds(told)) {
      return Optional.empty();
    }
    TokenAmount gap =
        payer.books().stream()
            .filter(book -> book.id().equals(adopted.channel()))
            .map(book -> book.vouchered().plus(book.reserved()).minusOrZero(book.confirmed()))
            .findFirst()
            .orElse(TokenAmount.ZERO);
    if (!gap.isZero()) {
      payer.cover(ref(id), gap, patience);
    }
    return Optional.of(opened(deal, adopted));
  }

  @Override
  public Optional<LaneOpening> cover(MachineId id, ClientDeal deal, TokenAmount shortfall)
      throws IOException, InterruptedException {
    TokenAmount most = deal.order().budget().plus(offer(deal).payee().minDeposit());
    TokenAmount more;
    synchronized (covered) {
      TokenAmount before = covered.getOrDefault(id, TokenAmount.ZERO);
      more = shortfall.min(most.minusOrZero(before));
      covered.put(id, before.plus(more));
    }
    if (more.isZero()) {
      return Optional.empty();
    }
    payer.cover(ref(id), more, patience);
    return Optional.of(opened(deal, payer.ticket(ref(id)).orElseThrow()));
  }

  private LaneOpening opened(ClientDeal deal, LaneTicket ticket) {
    Offer offer = offer(deal);
    OpenClaim claim =
        OpenClaim.of(
            ticket.channel(),
            ticket.lane(),
            deal.id(),
            self,
            deal.order().provider(),
            offer.payee(),
            deal.order().root(),
            deal.order().selector(),
            offer.terms());
    Signature signature = payer.signOpen(ticket.deal(), claim);
    DealOpening open =
        new DealOpening(
            deal.id(),
            offer.terms(),
            offer.payee(),
            ticket.channel(),
            ticket.lane(),
            ticket.best().map(best -> best.payment(deal.id(), 0, false)),
            signature);
    return new LaneOpening(open, ticket.base());
  }

  @Override
  public Optional<SignedVoucher> pay(MachineId id, ClientDeal deal, long charged)
      throws IOException, InterruptedException {
    Optional<Terms> terms = deal.terms();
    if (terms.isEmpty() || payer.ticket(ref(id)).isEmpty()) {
      return Optional.empty();
    }
    ReentrantLock turn = signing.computeIfAbsent(id, key -> new ReentrantLock());
    turn.lockInterruptibly();
    try {
      TokenAmount before = paid(id);
      CrashPoint.VOUCHER_DUE.reached();
      Prepared<SignedVoucher> prepared = payer.pay(ref(id), terms.get().due(charged));
      SignedVoucher voucher = prepared.value();
      if (prepared.record().isPresent()) {
        CrashPoint.VOUCHER_SIGNED.reached();
        ClientInput.Signed input =
            new ClientInput.Signed(
                clock.instant(), voucher.amount(), voucher.voucher().nonce(), charged);
        try {
          recorder.record(id, input, attachments(prepared)).get();
        } catch (ExecutionException e) {
          prepared.release();
          throw new IOException("the voucher could not be recorded", e.getCause());
        }
        prepared.commit();
        metrics.paid(offer(deal).payee().token(), voucher.amount().minusOrZero(before));
        CrashPoint.VOUCHER_KEPT.reached();
      }
      return Optional.of(voucher);
    } finally {
      turn.unlock();
    }
  }

  @Override
  public SignedVoucher payLate(MachineId id, ClientDeal deal, TokenAmount paid, TokenAmount due)
      throws IOException {
    DealOpening opening = deal.money().orElseThrow().lane().opening();
    SignedVoucher voucher =
        payer.payLate(
            new LateDebt(ref(id), opening.channel(), opening.lane(), deal.base(), paid, due));
    metrics.paid(opening.payee().token(), due.minusOrZero(paid));
    return voucher;
  }

  /** What the lane has paid so far. */
  private TokenAmount paid(MachineId id) {
    return payer
        .ticket(ref(id))
        .map(
            ticket ->
                ticket
                    .best()
                    .map(SignedVoucher::amount)
                    .orElse(TokenAmount.ZERO)
                    .max(ticket.base()))
        .orElse(TokenAmount.ZERO);
  }

  @Override
  public <X extends ClientInput> void leave(
      MachineId id, boolean mayOwe, EventSink<ClientInput> events, EventType<X> event, X input)
      throws InterruptedException {
    Prepared<DealRef> left = payer.leave(ref(id), mayOwe);
    try {
      events.send(event, input, attachments(left)).get();
      CrashPoint.LANE_LEFT.reached();
      left.commit();
    } catch (ExecutionException e) {
      left.release();
      if (e.getCause() instanceof EventRefused late) { // parked or called off meanwhile
        LOG.info("{}: {}", id, late.getMessage());
      } else {
        LOG.warn("{}: {} failed", id, event, e.getCause());
      }
    }
  }

  @Override
  public void forget(MachineId id) {
    signing.remove(id);
    covered.remove(id);
  }

  private static Offer offer(ClientDeal deal) {
    return deal.order().offer().orElseThrow();
  }

  private static List<Attachment> attachments(Prepared<?> prepared) {
    return prepared.record().map(r -> new Attachment(r.kind(), r.toNode())).stream().toList();
  }

  private static DealRef ref(MachineId id) {
    return new DealRef(id.value());
  }
}
