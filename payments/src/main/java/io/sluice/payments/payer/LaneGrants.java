package io.sluice.payments.payer;

import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentJournal;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.Prepared;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.Payee;
import java.io.IOException;
import java.time.Duration;
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
    Payee payee = request.payee();
    if (!deposits.accepts(payee)) {
      throw new PaymentException(
          DealCode.NO_COMMON_PAYMENT,
          "cannot pay %s on %d:%s in token %s"
              .formatted(payee.address(), payee.chainId(), payee.contract(), payee.token()));
    }
    long left = patience.toNanos();
    while (true) {
      // Anew each time: the channel that was waited for may have been refused, or settled.
      PayerChannel channel = assign(request);
      deposits.heed(channel, payee);
      Optional<Prepared<LaneTicket>> granted = channel.grant(request);
      if (granted.isEmpty()) {
        ask(channel, request);
        deposits.fillGap(channel);
        granted = channel.grant(request);
      }
      if (granted.isPresent()) {
        return granted.get().writeTo(journal);
      }
      left = channel.awaitChance(request, left);
    }
  }

  /** The channel that the deal is on, or a suitable one, or a new one whose opening is planned. */
  private PayerChannel assign(FundsRequest request) throws IOException {
    PayerBook.Assignment assignment =
        book.assign(
            request.deal(),
            candidate -> suits(candidate, request.payee()),
            () -> deposits.planned(request.payee(), request.budget()));
    if (assignment.isNew()) {
      deposits.open(assignment.channel());
    }
    return assignment.channel();
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

  /** Durable before the top-up that it leads to: after a crash the money has somebody to go to. */
  private void ask(PayerChannel channel, FundsRequest request) throws IOException {
    Optional<PaymentRecord> asked = channel.ask(request, policy);
    if (asked.isPresent()) {
      journal.append(asked.get());
    }
  }

  /** The deal's lane, if it has one. */
  Optional<LaneTicket> ticket(DealRef deal) {
    return Optional.ofNullable(book.find(deal)).flatMap(channel -> channel.ticket(deal));
  }

  /** As {@link PayerSide#another}. */
  LaneTicket another(DealRef deal) throws IOException {
    return book.with(deal).swap(deal).writeTo(journal);
  }

  /** As {@link PayerSide#adopt}. */
  LaneTicket adopt(DealRef deal, SignedVoucher voucher) throws IOException {
    PayerChannel channel = book.with(deal);
    if (channel.lacks(deal, voucher)) {
      journal.append(new PaymentRecord.VoucherAdopted(deal, voucher));
      channel.adopt(deal, voucher);
    }
    return channel
        .ticket(deal)
        .orElseThrow(() -> new PaymentException(DealCode.NO_LANE, deal + " has no lane"));
  }

  /** As {@link PayerSide#leave}. */
  Prepared<DealRef> leave(DealRef deal, boolean mayOwe) {
    PayerChannel channel = book.find(deal);
    PaymentRecord.DealLeft left = new PaymentRecord.DealLeft(deal, mayOwe);
    return channel == null
        ? Prepared.unchanged(deal)
        : new Prepared<>(deal, Optional.of(left), () -> book.leave(left, channel), () -> {});
  }
}
