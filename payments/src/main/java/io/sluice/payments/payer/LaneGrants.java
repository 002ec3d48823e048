package io.sluice.payments.payer;

import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentJournal;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.Prepared;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.payer.PayerChannel.Hold;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lanes and budgets of a payer's deals: each is durable before anybody hears of it, and no two live
 * deals share a lane.
 */
final class LaneGrants {
  private final PayerPolicy policy;
  private final PaymentJournal journal;
  private final Deposits deposits;
  private final PayerBook book;

  LaneGrants(PayerPolicy policy, PaymentJournal journal, Deposits deposits, PayerBook book) {
    this.policy = policy;
    this.journal = journal;
    this.deposits = deposits;
    this.book = book;
  }

  /** As {@link PayerSide#acquire}. */
  LaneTicket acquire(FundsRequest request, Duration patience)
      throws IOException, InterruptedException {
    if (!deposits.accepts(request.payee())) {
      throw new PaymentException(
          DealCode.NO_COMMON_PAYMENT,
          "cannot pay %s on %d:%s in token %s"
              .formatted(
                  request.payee().address(),
                  request.payee().chainId(),
                  request.payee().contract(),
                  request.payee().token()));
    }
    long left = patience.toNanos();
    while (true) {
      PayerChannel channel = assign(request);
      deposits.heed(channel, request.payee());
      Optional<Prepared<LaneTicket>> granted = grant(channel, request);
      if (granted.isEmpty()) {
        ask(channel, request);
        deposits.pump(channel);
        granted = grant(channel, request);
      }
      if (granted.isPresent()) {
        return write(granted.get());
      }
      channel.lock.lock();
      try {
        channel.throwFailure(request.deal());
        if (channel.usable() && !ready(channel, request)) {
          if (left <= 0) {
            throw new PaymentException(
                DealCode.NOT_CONFIRMED,
                "channel %s: %s of %s confirmed"
                    .formatted(channel.id, channel.counted(), channel.deposit()));
          }
          left = channel.changed.awaitNanos(left);
        }
      } finally {
        channel.lock.unlock();
      }
    }
  }

  private static boolean ready(PayerChannel channel, FundsRequest request) {
    return channel.failed.containsKey(request.deal())
        || channel.affords(missing(channel, request))
        || (channel.view.isPresent() && channel.inFlight.isEmpty() && !channel.gap().isZero());
  }

  private static TokenAmount missing(PayerChannel channel, FundsRequest request) {
    Hold hold = channel.holds.get(request.deal());
    return hold == null ? request.budget() : request.budget().minusOrZero(hold.budget);
  }

  /** The channel that the deal is on, or a suitable one, or a new one whose opening is planned. */
  private PayerChannel assign(FundsRequest request) throws IOException {
    PayerBook.Assignment place =
        book.place(
            request.deal(),
            candidate -> suits(candidate, request.payee()),
            () -> deposits.planned(request.payee(), request.budget()));
    PayerChannel channel = place.channel();
    if (place.fresh()) {
      deposits.open(channel);
    }
    return channel;
  }

  private boolean suits(PayerChannel channel, Payee payee) {
    Intent.Open open = channel.open;
    return channel.domain.chainId() == payee.chainId()
        && channel.domain.contract().equals(payee.contract())
        && open.sender().equals(policy.account())
        && open.payee().equals(payee.address())
        && open.token().equals(payee.token())
        && open.challengeSeconds() >= payee.minChallenge();
  }

  /** The deal's lane and budget if the money is there. */
  private Optional<Prepared<LaneTicket>> grant(PayerChannel channel, FundsRequest request) {
    channel.lock.lock();
    try {
      channel.throwFailure(request.deal());
      Hold held = channel.holds.get(request.deal());
      if (held != null && !request.budget().exceeds(held.budget)) {
        return Optional.of(Prepared.unchanged(channel.ticket(held)));
      }
      if (!channel.affords(missing(channel, request))) {
        return Optional.empty();
      }
      if (held != null) {
        return Optional.of(raised(channel, held, request.budget()));
      }
      Hold hold = channel.hold(request.deal(), request.budget(), List.of());
      channel.waiting.remove(request.deal());
      return Optional.of(
          new Prepared<>(
              channel.ticket(hold),
              Optional.of(PayerBook.taken(channel, hold)),
              () -> {},
              () -> PayerBook.locked(channel, () -> channel.leave(request.deal()))));
    } finally {
      channel.lock.unlock();
    }
  }

  private static Prepared<LaneTicket> raised(PayerChannel channel, Hold held, TokenAmount budget) {
    TokenAmount before = held.budget;
    held.budget = budget;
    channel.waiting.remove(held.deal);
    return new Prepared<>(
        channel.ticket(held),
        Optional.of(PayerBook.taken(channel, held)),
        () -> {},
        () -> PayerBook.locked(channel, () -> held.budget = before));
  }

  /** Puts the deal into the channel's queue, durably. */
  private void ask(PayerChannel channel, FundsRequest request) throws IOException {
    PaymentRecord row;
    channel.lock.lock();
    try {
      TokenAmount missing = missing(channel, request);
      if (missing.equals(channel.waiting.get(request.deal()))) {
        return;
      }
      TokenAmount wanted = channel.reserved().plus(channel.asked()).plus(missing);
      if (wanted.exceeds(policy.maxDeposit())) {
        throw deposits.tooDeep(wanted);
      }
      channel.waiting.put(request.deal(), missing);
      row = new PaymentRecord.FundsAsked(request.deal(), channel.id, missing);
    } finally {
      channel.lock.unlock();
    }
    journal.append(row);
  }

  /** The deal's lane, if it has one. */
  Optional<LaneTicket> ticket(DealRef deal) {
    PayerChannel channel = book.find(deal);
    if (channel == null) {
      return Optional.empty();
    }
    channel.lock.lock();
    try {
      return Optional.ofNullable(channel.holds.get(deal)).map(channel::ticket);
    } finally {
      channel.lock.unlock();
    }
  }

  /** As {@link PayerSide#another}. */
  LaneTicket another(DealRef deal) throws IOException {
    PayerChannel channel = book.with(deal);
    Prepared<LaneTicket> swapped;
    channel.lock.lock();
    try {
      Hold old = channel.held(deal);
      List<Long> avoid = new ArrayList<>(old.busy);
      avoid.add(old.lane.number);
      TokenAmount spent = old.spent();
      channel.leave(deal);
      Hold hold = channel.hold(deal, old.budget.minusOrZero(spent), avoid);
      swapped =
          new Prepared<>(
              channel.ticket(hold),
              Optional.of(PayerBook.taken(channel, hold)),
              () -> {},
              () -> {});
    } finally {
      channel.lock.unlock();
    }
    return write(swapped);
  }

  /** As {@link PayerSide#adopt}. */
  LaneTicket adopt(DealRef deal, SignedVoucher voucher) throws IOException {
    PayerChannel channel = book.with(deal);
    boolean ours =
        voucher.domain().equals(channel.domain)
            && voucher.voucher().channel().equals(channel.id)
            && voucher.signedBy(channel.open.signer());
    channel.lock.lock();
    try {
      Hold hold = channel.held(deal);
      if (!ours || voucher.voucher().lane() != hold.lane.number) {
        throw new PaymentException(
            DealCode.NOT_OUR_VOUCHER,
            "not ours, or not for lane %d of %s".formatted(hold.lane.number, channel.id));
      }
      if (!voucher.amount().exceeds(hold.lane.amount())) {
        return channel.ticket(hold);
      }
    } finally {
      channel.lock.unlock();
    }
    journal.append(new PaymentRecord.VoucherAdopted(deal, voucher));
    channel.lock.lock();
    try {
      PayerBook.adopted(channel, deal, voucher);
      return channel.ticket(channel.held(deal));
    } finally {
      channel.lock.unlock();
    }
  }

  /** As {@link PayerSide#leave}. */
  Prepared<DealRef> leave(DealRef deal) {
    PayerChannel channel = book.find(deal);
    if (channel == null) {
      return Prepared.unchanged(deal);
    }
    return new Prepared<>(
        deal,
        Optional.of(new PaymentRecord.DealLeft(deal)),
        () -> {
          book.leave(deal, channel);
        },
        () -> {});
  }

  private LaneTicket write(Prepared<LaneTicket> change) throws IOException {
    try {
      if (change.record().isPresent()) {
        journal.append(change.record().get());
      }
    } catch (IOException e) {
      change.release();
      throw e;
    }
    change.commit();
    return change.value();
  }
}
