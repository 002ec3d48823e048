package io.sluice.node.client;

import io.sluice.fsm.Attachment;
import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientEvent;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.client.PaidFrom;
import io.sluice.fsm.engine.Machines;
import io.sluice.payments.DealRef;
import io.sluice.payments.Prepared;
import io.sluice.payments.payer.FundsRequest;
import io.sluice.payments.payer.LaneTicket;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The money side of client deals: lanes and openings from the payer, vouchers as one journal record
 * with the deal's event. Of one deal only one voucher is made at a time.
 */
final class DealMoney {
  private final PeerId self;
  private final PayerSide payer;
  private final Clock clock;
  private final ClientMetrics metrics;
  private final Map<MachineId, ReentrantLock> pens = new ConcurrentHashMap<>();
  private final Map<MachineId, TokenAmount> covered = new ConcurrentHashMap<>();

  DealMoney(PeerId self, PayerSide payer, Clock clock, ClientMetrics metrics) {
    this.self = self;
    this.payer = payer;
    this.clock = clock;
    this.metrics = metrics;
  }

  /** A lane with the deal's budget behind it, and the opening that binds the deal to it. Blocks. */
  PaidFrom fund(MachineId id, ClientDeal deal, Duration patience)
      throws IOException, InterruptedException {
    Offer offer = deal.offer().orElseThrow();
    return opened(
        deal, payer.acquire(new FundsRequest(ref(id), offer.payee(), deal.budget()), patience));
  }

  /** Another lane in place of one that a running deal holds at the provider. */
  PaidFrom another(MachineId id, ClientDeal deal) throws IOException {
    return opened(deal, payer.another(ref(id)));
  }

  /**
   * The lane with a voucher that only the provider still knew, and the deal's budget behind it as
   * before. Empty if the voucher is no better than what is known here, so that adopting it would
   * not help. Blocks.
   */
  Optional<PaidFrom> adopt(MachineId id, ClientDeal deal, SignedVoucher voucher, Duration patience)
      throws IOException, InterruptedException {
    LaneTicket adopted = payer.adopt(ref(id), voucher);
    // Where the ledger has told how far the lane is, the base is right already, and only the
    // voucher was missing.
    TokenAmount told =
        deal.lane()
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

  /**
   * The lane after its channel got what the provider misses in it. By our own count the deal's
   * budget lies in the channel already: over all, a deal adds no more than that again, however much
   * its provider says is missing. Empty if it has. Blocks.
   */
  Optional<PaidFrom> cover(MachineId id, ClientDeal deal, TokenAmount shortfall, Duration patience)
      throws IOException, InterruptedException {
    TokenAmount most = deal.budget().plus(deal.offer().orElseThrow().payee().minDeposit());
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

  private PaidFrom opened(ClientDeal deal, LaneTicket ticket) {
    Offer offer = deal.offer().orElseThrow();
    OpenClaim claim =
        OpenClaim.of(
            ticket.channel(),
            ticket.lane(),
            deal.id(),
            self,
            deal.provider(),
            offer.payee(),
            deal.root(),
            deal.selector(),
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
    return new PaidFrom(open, ticket.base());
  }

  /**
   * The voucher that pays for {@code charged} bytes in all: the stored one if it is worth that
   * already, else a new one, durable together with the deal's event when this returns. The blocks
   * must be durable before. Empty if the deal pays nothing or has no lane yet.
   */
  Optional<SignedVoucher> pay(
      Machines<ClientState, ClientDeal, ClientInput> machines,
      MachineId id,
      ClientDeal deal,
      long charged)
      throws IOException, InterruptedException {
    Optional<Terms> terms = deal.terms();
    if (terms.isEmpty() || payer.ticket(ref(id)).isEmpty()) {
      return Optional.empty();
    }
    ReentrantLock pen = pens.computeIfAbsent(id, key -> new ReentrantLock());
    pen.lockInterruptibly();
    try {
      TokenAmount before = paid(id);
      CrashPoint.VOUCHER_DUE.reached();
      Prepared<SignedVoucher> prepared = payer.pay(ref(id), terms.get().due(charged));
      SignedVoucher voucher = prepared.value();
      if (prepared.record().isPresent()) {
        CrashPoint.VOUCHER_SIGNED.reached();
        var input =
            new ClientInput.Signed(
                clock.instant(), voucher.amount(), voucher.voucher().nonce(), charged);
        try {
          machines.send(id, ClientEvent.VOUCHER_SIGNED, input, attachments(prepared)).get();
        } catch (ExecutionException e) {
          prepared.release();
          throw new IOException("the voucher could not be recorded", e.getCause());
        }
        prepared.commit();
        metrics.paid(voucher.amount().minusOrZero(before));
        CrashPoint.VOUCHER_KEPT.reached();
      }
      return Optional.of(voucher);
    } finally {
      pen.unlock();
    }
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

  /** Frees lane and budget; the record goes into the event that ends the deal. */
  Prepared<DealRef> leave(MachineId id) {
    return payer.leave(ref(id));
  }

  void forget(MachineId id) {
    pens.remove(id);
    covered.remove(id);
  }

  static List<Attachment> attachments(Prepared<?> prepared) {
    return prepared.record().map(r -> new Attachment(r.kind(), r.toNode())).stream().toList();
  }

  private static DealRef ref(MachineId id) {
    return new DealRef(id.value());
  }
}
