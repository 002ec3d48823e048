package io.sluice.payments.payee;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.ChannelStanding;
import io.sluice.payments.DealRef;
import io.sluice.payments.IntentQueue;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.PlannedAct;
import io.sluice.payments.Prepared;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.voucher.CloseConsent;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.Signatures;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.Signature;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The paid side of this home: which openings it takes, what vouchers are worth, when to redeem.
 *
 * <p>What it promises: no authentic voucher is ever lost or counted twice, credit never exceeds the
 * deposit that the ledger has confirmed, and once a payer settles everything is redeemed at once.
 *
 * <p>Methods may be called from any thread. {@link #receive} and the accounts wait for nothing but
 * a short lock; {@link #open}, redeeming and {@link #poll} block on the ledger, without a lock.
 */
public final class PayeeSide {
  /** Longest time that a consent to a channel's end is good for. */
  private static final long CONSENT_SECONDS = 600;

  private final PayeePolicy policy;
  private final PayeeBook book;
  private final PayeeViews views;
  private final VoucherIntake intake;
  private final Openings openings;
  private final Redeemer redeemer;

  /** A side without channels yet. */
  public PayeeSide(
      PayeePolicy policy,
      Map<Domain, ChannelLedger> ledgers,
      IntentQueue intents,
      Clock clock,
      SecureRandom random,
      PayeeListener listener) {
    PayeeContext context = new PayeeContext(policy, clock, listener, new Exposure());
    this.policy = policy;
    this.book = new PayeeBook(context);
    this.views = new PayeeViews(Map.copyOf(ledgers), context, book);
    this.intake = new VoucherIntake(context, book);
    this.openings = new Openings(context, book, views);
    this.redeemer =
        new Redeemer(
            policy, Map.copyOf(ledgers), intents, clock, random, views::refresh, book::all);
  }

  /** Where this home may be paid: goes into its offers. */
  public List<Payee> payees() {
    return policy.payees();
  }

  // deals

  /**
   * Judges an opening: first its signature, then the channel, the payer's record, the lane. The
   * same opening for the same deal is admitted again without a change. Blocks on the ledger.
   *
   * <p>Terms are not looked at: whether they are, or lately were, on offer is the caller's to know.
   */
  public OpeningDecision open(OpenRequest request) {
    return openings.open(request);
  }

  /**
   * Judges a payment for a deal. Authentic ones are kept: better than all before, they come with a
   * record that has to be durable before they count; else they change nothing, and their signature
   * is not even looked at. Takes a millisecond when there is one to look at, and waits for nothing.
   */
  public VoucherDecision receive(DealRef deal, Payment payment) {
    return intake.receive(deal, payment);
  }

  /** The deal's account, as long as it is remembered. */
  public Optional<DealAccount> account(DealRef deal) {
    return book.account(deal);
  }

  /**
   * Ends a deal: its lane can be taken by another, and what it left unpaid is remembered. It can
   * still be paid. Nothing changes for a deal without account, or that has ended before.
   *
   * @param charged all the bytes that were charged
   */
  public Prepared<DealRef> ended(DealRef deal, long charged) {
    return intake.ended(deal, charged);
  }

  // redeeming

  /** Redeems the best voucher of every lane; empty if that would bring nothing. By hand. */
  public Optional<Outcome> redeem(Bytes32 id) throws IOException {
    PayeeChannel channel = book.channel(id);
    views.refresh(channel);
    return redeemer.redeem(channel);
  }

  /**
   * Redeems everything and ends the channel at once. By hand.
   *
   * @param evenInUse also while deals are paid on it
   * @throws PaymentException {@code CHANNEL_UNKNOWN}, {@code CHANNEL_IN_USE}
   */
  public Outcome close(Bytes32 id, boolean evenInUse) throws IOException {
    PayeeChannel channel = book.channel(id);
    views.refresh(channel);
    return redeemer.close(channel, evenInUse);
  }

  /**
   * Agrees to a channel's end at once, as its payer asks, at the sum of what was vouchered. No deal
   * begins on the channel until the deadline is over. Asked for the same again, it agrees again.
   * Blocks on the ledger.
   *
   * @param payers signature of the channel's signer over what is asked for
   * @return the account whose signature is the consent, once the change is durable
   * @throws PaymentException {@code CHANNEL_UNKNOWN}, {@code CLOSE_REFUSED}
   */
  public Prepared<EvmAddress> agree(Domain domain, CloseConsent asked, Signature payers) {
    PayeeChannel channel = book.channel(asked.channel());
    if (!channel.domain.equals(domain)
        || !Signatures.by(channel.signer, payers, asked.digest(domain))) {
      throw new PaymentException(DealCode.CLOSE_REFUSED, "not signed by the channel's signer");
    }
    views.refresh(channel);
    return channel.agree(asked, CONSENT_SECONDS);
  }

  /** Hears what became of an intent, perhaps one of a run before. */
  public void ended(Intent intent, Outcome outcome) {
    redeemer.ended(intent, outcome);
  }

  // books and upkeep

  /** All channels that pay this home, as they stand now. */
  public List<ChannelBook> books() {
    return book.all().stream().map(PayeeChannel::book).toList();
  }

  /** The money in the channels that are not closed. Asks no ledger. */
  public List<ChannelStanding> standings() {
    return book.all().stream().flatMap(channel -> channel.standing().stream()).toList();
  }

  /** How many redemptions a ledger has taken since this home was opened. */
  public long redemptions() {
    return redeemer.redemptions();
  }

  /** Looks at channels anew, judges what counts, and redeems where it is time to. */
  public void poll(Set<Bytes32> touched) throws IOException {
    for (PayeeChannel channel : book.all()) {
      if (touched.contains(channel.id) || channel.isQueryDue()) {
        views.refresh(channel);
      }
    }
    redeemer.redeemDue();
  }

  /** What will be redeemed by itself. Blocks on the ledger. */
  public List<PlannedAct> plans() {
    return redeemer.plans();
  }

  /** Applies one record of an earlier run. */
  public void restore(PaymentRecord record) {
    book.restore(record);
  }

  /** Everything needed to build this side anew, in an order that {@link #restore} takes. */
  public void snapshot(List<PaymentRecord> into) {
    book.snapshot(into);
  }
}
