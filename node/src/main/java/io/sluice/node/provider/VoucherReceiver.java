package io.sluice.node.provider;

import static io.sluice.node.provider.ClientNotices.unheard;

import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderInput;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.node.provider.ProposalChecks.CheckedOpening;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.Prepared;
import io.sluice.payments.payee.Credit;
import io.sluice.payments.payee.DealAccount;
import io.sluice.payments.payee.VoucherDecision;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.RetrievalNames;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Takes what clients send after the proposal: payments, and openings of those that could not add
 * them to their request.
 *
 * <p>Payments of a deal are taken one after the other; of those that pile up meanwhile only the
 * highest is looked at, since it says all that the others do. They are taken for as long as the
 * deal is known, ended or not.
 *
 * <p>A client decides how many it sends, and when. So nothing here waits for anything on the thread
 * that reads from it, a flood costs it more than us, and a payment that is authentic is money
 * whatever has become of the deal: it is kept before anything is said about it.
 */
final class VoucherReceiver {
  private final SaleContext context;
  private final LiveDeals live;
  private final RunningTransfers transfers;
  private final DealEndings endings;
  private final ClientNotices notices;
  private final ProposalChecks checks;
  private final Admission admission;
  private final EarlyPayments early;

  /** The highest payment that waits; present while somebody is at work for the deal. */
  private final Map<MachineId, Optional<Payment>> waiting = new ConcurrentHashMap<>();

  VoucherReceiver(
      SaleContext context,
      LiveDeals live,
      RunningTransfers transfers,
      DealEndings endings,
      ClientNotices notices,
      ProposalChecks checks,
      Admission admission,
      ProviderLimits limits) {
    this.context = context;
    this.live = live;
    this.transfers = transfers;
    this.endings = endings;
    this.notices = notices;
    this.checks = checks;
    this.admission = admission;
    this.early = new EarlyPayments(limits.waits().early());
  }

  /** Takes a voucher; does not block. */
  void receive(ChannelId channel, TypedVoucher voucher) {
    try {
      switch (voucher.type()) {
        case RetrievalNames.PAYMENT -> pay(channel, Payment.CODEC.decode(voucher.value()));
        case RetrievalNames.OPEN -> open(channel, voucher);
        default -> unexpected();
      }
    } catch (ProtocolException e) {
      // Only its own deal ends by it: the message came on its peer's stream.
      String message = "" + e.getMessage();
      context.metrics().refused(DealCode.VOUCHER_MALFORMED);
      live.dealOf(channel)
          .ifPresent(
              id -> context.later(() -> endings.fail(id, DealCode.VOUCHER_MALFORMED, message)));
    }
  }

  private void unexpected() {
    context.metrics().refused(DealCode.VOUCHER_UNEXPECTED);
  }

  // payments

  private void pay(ChannelId channel, Payment payment) {
    MachineId id = SaleContext.idOf(channel.initiator(), payment.id());
    // Whoever puts the first one there starts the worker; all others only leave a higher payment,
    // so
    // that a deal has one worker however many come.
    boolean[] first = new boolean[1];
    waiting.compute(
        id,
        (deal, before) -> {
          first[0] = before == null;
          return Optional.of(
              before == null
                  ? payment
                  : before
                      .filter(other -> other.amount().compareTo(payment.amount()) >= 0)
                      .orElse(payment));
        });
    if (first[0]) {
      context.later(() -> takeWaiting(id, channel));
    }
  }

  private void takeWaiting(MachineId id, ChannelId channel) {
    while (true) {
      Optional<Payment> next = waiting.put(id, Optional.empty());
      if (next != null && next.isPresent()) {
        try {
          take(id, channel, next.get());
        } catch (RuntimeException e) {
          // Else the entry would stay, and the next payment would wait for a worker that is gone.
          waiting.remove(id);
          throw e;
        }
        // Only if nothing came since it was looked: that and leaving are one step.
      } else if (waiting.remove(id, Optional.empty())) {
        return;
      }
    }
  }

  private void take(MachineId id, ChannelId channel, Payment payment) {
    Optional<MachineView<ProviderState, ProviderDeal>> view = context.find(id);
    // Messages come on streams of their own, so a payment may overtake the proposal that it is for.
    // Few are held, and not for long: anybody can name a deal that will never be.
    if (view.isEmpty() || view.get().state().isUndecided()) {
      if (!early.hold(id, channel, payment, context.now())) {
        unexpected();
      }
      return;
    }
    ProviderDeal deal = view.get().data();
    // Deals are told apart by peer, too; what another pays for is none of its business.
    if (!deal.order().peer().equals(channel.initiator()) || deal.money().isEmpty()) {
      unexpected();
      return;
    }
    switch (context.payee().receive(SaleContext.refOf(id), payment)) {
      case VoucherDecision.VoucherRefused refused -> refuse(view.get(), channel, refused);
      case VoucherDecision.Kept kept -> keep(view.get(), channel, payment, kept);
    }
  }

  private void keep(
      MachineView<ProviderState, ProviderDeal> view,
      ChannelId channel,
      Payment payment,
      VoucherDecision.Kept kept) {
    if (kept.isNews()) {
      CrashPoint.VOUCHER_JUDGED.reached();
    }
    context.metrics().voucher(kept.isNews());
    // Voucher and event in one record: a restart that knew only one of them would either count what
    // it cannot redeem, or keep the gate closed to a client that has paid.
    boolean credited =
        // What is no news is recorded already; a client that lost our answer sends it again.
        !kept.isNews() || (!view.ended() && credit(context, view.id(), kept.taken()).join());
    // Refused means that the deal ended between the look and the event, not that it is no money.
    if (!credited) {
      keepAlone(view.id(), payment);
    }
    if (kept.isNews()) {
      CrashPoint.VOUCHER_TAKEN.reached();
    }
    // It may have come to its end meanwhile, and who waits for that has to be told once more: the
    // answer to the earlier voucher may be the message that was lost.
    MachineView<ProviderState, ProviderDeal> now = context.find(view.id()).orElse(view);
    if (now.ended()) {
      notices.settled(channel, now.data());
    } else if (now.state() == ProviderState.UNPAID) {
      answerDebtor(channel, now.id());
    } else {
      // The gate may be open now. Looked at again rather than opened: others count for it, too.
      context.look(view.id());
      if (payment.last()) {
        clientHasAll(view.id(), payment.bytes());
      }
    }
  }

  /** It is paid now, or it is told what is missing. */
  private void answerDebtor(ChannelId channel, MachineId id) {
    context.look(id);
    endings.stillUnpaid(id).ifPresent(debt -> notices.unpaid(channel, debt, true));
  }

  /** The deal is done and takes no events; its lane's vouchers are money all the same. */
  private void keepAlone(MachineId id, Payment payment) {
    if (context.payee().receive(SaleContext.refOf(id), payment)
        instanceof VoucherDecision.Kept(Prepared<Credit> taken)) {
      context.append(taken);
    }
  }

  /** Records a voucher and the credit it brings as one. */
  static CompletableFuture<Boolean> credit(
      SaleContext context, MachineId id, Prepared<Credit> taken) {
    long nonce =
        taken
            .record()
            .filter(PaymentRecord.VoucherTaken.class::isInstance)
            .map(PaymentRecord.VoucherTaken.class::cast)
            .map(record -> record.voucher().voucher().nonce())
            .orElse(0L);
    ProviderInput.Paid paid =
        new ProviderInput.Paid(context.now(), taken.value().credit(), nonce, 1);
    return context.send(id, ProviderEvent.PAID, paid, taken);
  }

  /**
   * The client says that it has everything, and has paid for it. A deal whose transfer is gone,
   * since this node was killed before it noted that all was sent, is then at its end too.
   */
  private void clientHasAll(MachineId id, long bytes) {
    // Alone: a transfer that comes back at this moment would charge on behind the end.
    context.alone(
        id,
        () -> {
          Optional<DealAccount> account = context.account(id);
          context
              .find(id)
              .filter(view -> view.state() == ProviderState.SUSPENDED && account.isPresent())
              .ifPresent(
                  view -> {
                    DealAccount by = account.orElseThrow();
                    // What it says counts for no more bytes than its vouchers pay for.
                    long covered = by.terms().due(bytes).exceeds(by.vouchered()) ? 0 : bytes;
                    long total =
                        Math.max(
                            covered, DealEndings.charged(view.data(), account, Optional.empty()));
                    unheard(
                        context.send(
                            id,
                            ProviderEvent.ALL_SENT,
                            new ProviderInput.Sent(context.now(), total)));
                  });
        });
  }

  private void refuse(
      MachineView<ProviderState, ProviderDeal> view,
      ChannelId channel,
      VoucherDecision.VoucherRefused refused) {
    // A deal that is over cannot fail any more, and its outcome is not changed by a bad voucher.
    if (view.state().isOver()) {
      context.metrics().refused(refused.code());
      notices.refuse(
          channel,
          DealResult.of(view.data().order().id(), refused.code()).saying(refused.message()));
    } else {
      endings.fail(view.id(), refused.code(), refused.message());
    }
  }

  // payments before their deal

  /** The deal has its lane now. */
  void admitted(MachineId id) {
    // Through the same door as all others: a higher one may have come in the meantime.
    early.take(id).ifPresent(payment -> pay(payment.channel(), payment.payment()));
  }

  /** Gives up on deals that did not come, and counts each: many are somebody who guesses. */
  void forgetEarly(Instant now) {
    for (int forgotten = early.forget(now); forgotten > 0; forgotten--) {
      unexpected();
    }
  }

  // openings that come as vouchers

  private void open(ChannelId channel, TypedVoucher voucher) {
    DealOpening open = DealOpening.CODEC.decode(voucher.value());
    MachineId id = SaleContext.idOf(channel.initiator(), open.id());
    // Signatures are checked and perhaps a ledger is asked, which is not for the stream's thread;
    // one at a time of a deal, so that of two openings the second finds the deal opened.
    context.later(() -> context.alone(id, () -> open(id, channel, voucher, open)));
  }

  private void open(MachineId id, ChannelId channel, TypedVoucher voucher, DealOpening open) {
    Optional<ProviderDeal> waits =
        context
            .find(id)
            .filter(view -> view.state() == ProviderState.AWAITING_OPENING)
            .map(MachineView::data)
            .filter(deal -> deal.order().peer().equals(channel.initiator()));
    Optional<ServedTransfer> transfer = transfers.of(id);
    // Only a deal that was let in without one waits for it; to open another's, or twice, is
    // refused.
    if (waits.isEmpty() || transfer.isEmpty()) {
      unexpected();
      return;
    }
    ProviderDeal deal = waits.get();
    switch (checks.check(id, deal.order(), open)) {
      case CheckedOpening.Bad bad -> endings.refuse(id, channel, deal, true, bad.why());
      case CheckedOpening.Good good -> {
        // Before it is recorded: the gate opens with the record, and has to know whom to ask by
        // then.
        transfer.get().paidBy(good.account().value());
        if (!admission.opened(id, open, voucher.value(), good.account())) {
          endings.fail(id, DealCode.INTERNAL, "the opening could not be recorded");
        }
      }
    }
  }
}
