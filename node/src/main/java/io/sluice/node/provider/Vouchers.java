package io.sluice.node.provider;

import static io.sluice.node.provider.Answers.typed;
import static io.sluice.node.provider.Answers.unheard;

import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderInput;
import io.sluice.fsm.provider.ProviderState;
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
import io.sluice.protocol.retrieval.DealResponse;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.DealStatus;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.RetrievalNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
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
 */
final class Vouchers {

  private static final int HELD = 256;

  private final DealDesk desk;
  private final DealCourse course;
  private final Answers answers;
  private final Judge judge;
  private final Admission admission;
  private final Duration holding;

  /** The highest payment that waits; present while somebody is at work for the deal. */
  private final Map<MachineId, Optional<Payment>> waiting = new ConcurrentHashMap<>();

  /** Payments that came before their deal. */
  private final Map<MachineId, Held> held = new LinkedHashMap<>();

  private record Held(Payment payment, ChannelId channel, Instant until) {}

  Vouchers(
      DealDesk desk,
      DealCourse course,
      Answers answers,
      Judge judge,
      Admission admission,
      ProviderLimits limits) {
    this.desk = desk;
    this.course = course;
    this.answers = answers;
    this.judge = judge;
    this.admission = admission;
    this.holding = limits.heldVouchers();
  }

  /** Takes a voucher; does not block. */
  void receive(ChannelId channel, TypedVoucher voucher) {
    try {
      switch (voucher.type()) {
        case RetrievalNames.PAYMENT -> pay(channel, Payment.of(voucher.value()));
        case RetrievalNames.OPEN -> open(channel, voucher);
        default -> desk.metrics().refused(DealCode.VOUCHER_UNEXPECTED);
      }
    } catch (ProtocolException e) {
      String message = "" + e.getMessage();
      desk.metrics().refused(DealCode.VOUCHER_MALFORMED);
      desk.dealOf(channel)
          .ifPresent(id -> desk.later(() -> course.fail(id, DealCode.VOUCHER_MALFORMED, message)));
    }
  }

  // payments

  private void pay(ChannelId channel, Payment payment) {
    MachineId id = DealDesk.idOf(channel.initiator(), payment.id());
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
      desk.later(() -> takeWaiting(id, channel));
    }
  }

  private void takeWaiting(MachineId id, ChannelId channel) {
    while (true) {
      Optional<Payment> next = waiting.put(id, Optional.empty());
      if (next != null && next.isPresent()) {
        try {
          take(id, channel, next.get());
        } catch (RuntimeException e) {
          waiting.remove(id);
          throw e;
        }
      } else if (waiting.remove(id, Optional.empty())) {
        return;
      }
    }
  }

  private void take(MachineId id, ChannelId channel, Payment payment) {
    Optional<MachineView<ProviderState, ProviderDeal>> view = desk.find(id);
    if (view.isEmpty()
        || view.get().state() == ProviderState.NEW
        || view.get().state() == ProviderState.AWAITING_OPENING) {
      hold(id, channel, payment);
      return;
    }
    if (!view.get().data().peer().equals(channel.initiator())
        || view.get().data().lane().isEmpty()) {
      desk.metrics().refused(DealCode.VOUCHER_UNEXPECTED);
      return;
    }
    switch (desk.payments().payee().receive(DealDesk.refOf(id), payment)) {
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
    desk.metrics().voucher(kept.isNews());
    boolean credited =
        !kept.isNews() || (!view.ended() && credit(desk, view.id(), kept.taken()).join());
    if (!credited) {
      keepAlone(view.id(), payment);
    }
    if (kept.isNews()) {
      CrashPoint.VOUCHER_TAKEN.reached();
    }
    if (view.state() == ProviderState.COMPLETED) {
      course.completed(channel, view.data());
    } else if (view.ended()) {
      // Nothing hangs on it any more, but its client keeps the voucher until it is answered.
      unheard(
          answers.result(
              channel,
              true,
              false,
              typed(DealResult.of(view.data().id(), DealCode.named(view.state().name())))));
    } else {
      course.look(view.id());
      if (payment.last()) {
        course.clientHasAll(view.id(), payment.bytes());
      }
    }
  }

  /** The deal is done and takes no events; its lane's vouchers are money all the same. */
  private void keepAlone(MachineId id, Payment payment) {
    if (desk.payments().payee().receive(DealDesk.refOf(id), payment)
        instanceof VoucherDecision.Kept(Prepared<Credit> taken)) {
      try {
        desk.payments().append(taken);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Records a voucher and the credit it brings as one. */
  static CompletableFuture<Boolean> credit(DealDesk desk, MachineId id, Prepared<Credit> taken) {
    long nonce =
        taken
            .record()
            .filter(PaymentRecord.VoucherTaken.class::isInstance)
            .map(PaymentRecord.VoucherTaken.class::cast)
            .map(record -> record.voucher().voucher().nonce())
            .orElse(0L);
    ProviderInput.Paid paid = new ProviderInput.Paid(desk.now(), taken.value().credit(), nonce, 1);
    return desk.send(id, ProviderEvent.PAID, paid, taken);
  }

  private void refuse(
      MachineView<ProviderState, ProviderDeal> view,
      ChannelId channel,
      VoucherDecision.VoucherRefused refused) {
    DealCode code = refused.code();
    if (DealDesk.isOver(view.state())) {
      desk.metrics().refused(code);
      unheard(
          answers.result(
              channel,
              false,
              false,
              typed(DealResult.of(view.data().id(), code).saying(refused.message()))));
      return;
    }
    course.fail(view.id(), code, refused.message());
  }

  // payments before their deal

  private void hold(MachineId id, ChannelId channel, Payment payment) {
    synchronized (held) {
      if (held.size() < HELD || held.containsKey(id)) {
        held.merge(
            id,
            new Held(payment, channel, desk.now().plus(holding)),
            (a, b) -> a.payment.amount().compareTo(b.payment.amount()) >= 0 ? a : b);
        return;
      }
    }
    desk.metrics().refused(DealCode.VOUCHER_UNEXPECTED);
  }

  /** The deal has its lane now. */
  void admitted(MachineId id) {
    Held waitingFor;
    synchronized (held) {
      waitingFor = held.remove(id);
    }
    if (waitingFor != null) {
      pay(waitingFor.channel, waitingFor.payment);
    }
  }

  /** Gives up on deals that did not come. */
  void forgetHeld(Instant now) {
    synchronized (held) {
      Iterator<Held> all = held.values().iterator();
      while (all.hasNext()) {
        if (all.next().until.isBefore(now)) {
          all.remove();
          desk.metrics().refused(DealCode.VOUCHER_UNEXPECTED);
        }
      }
    }
  }

  // openings that come as vouchers

  private void open(ChannelId channel, TypedVoucher voucher) {
    DealOpening open = DealOpening.of(voucher.value());
    MachineId id = DealDesk.idOf(channel.initiator(), open.id());
    desk.later(() -> desk.alone(id, () -> open(id, channel, voucher, open)));
  }

  private void open(MachineId id, ChannelId channel, TypedVoucher voucher, DealOpening open) {
    Optional<MachineView<ProviderState, ProviderDeal>> view = desk.find(id);
    Optional<Serving> serving = desk.serving(id);
    if (view.isEmpty()
        || view.get().state() != ProviderState.AWAITING_OPENING
        || serving.isEmpty()
        || !view.get().data().peer().equals(channel.initiator())) {
      desk.metrics().refused(DealCode.VOUCHER_UNEXPECTED);
      return;
    }
    ProviderDeal deal = view.get().data();
    Judge.Judged judged =
        judge.judge(id, deal.id(), deal.peer(), deal.root(), deal.selector(), open);
    if (judged.no().isPresent()) {
      refuseOpening(id, channel, deal, judged.no().get());
      return;
    }
    Prepared<DealAccount> bound = judged.bound().orElseThrow();
    serving.get().paidBy(bound.value());
    if (!admission.opened(id, open, voucher.value(), bound)) {
      course.fail(id, DealCode.INTERNAL, "the opening could not be recorded");
    }
  }

  /** Ends a deal whose opening is wrong, or did not come. */
  void refuseOpening(MachineId id, ChannelId channel, ProviderDeal deal, Refusal why) {
    Optional<Serving> serving = desk.drop(id);
    boolean refused =
        desk.send(
                id,
                ProviderEvent.REFUSED,
                new ProviderInput.Stopped(desk.now(), 0, why.code().name(), why.message()))
            .join();
    if (!refused) {
      return;
    }
    desk.metrics().refused(why.code());
    unheard(answers.result(channel, false, false, typed(why.result(deal.id()))));
    serving.ifPresent(
        running -> {
          unheard(
              running
                  .pull()
                  .refuse(
                      Optional.of(
                          typed(DealResponse.of(DealStatus.REJECTED, deal.id(), why.line())))));
        });
  }
}
