package io.sluice.payments.payer;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.ChannelStanding;
import io.sluice.payments.DealRef;
import io.sluice.payments.IntentQueue;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentJournal;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.PlannedAct;
import io.sluice.payments.Prepared;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.voucher.AccountSigner;
import io.sluice.payments.voucher.CloseConsent;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.OpenClaim;
import io.sluice.payments.voucher.Signatures;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The paying side of this home: channels to payees, lanes and budgets for deals, vouchers.
 *
 * <p>What it promises: nothing is ever signed beyond the deposit that the ledger has confirmed, nor
 * beyond a deal's budget; a lane's amount never falls; no two vouchers share a nonce; and it signs
 * on channels that this home opened only.
 *
 * <p>Methods may be called from any thread. Those that say so block: on the journal, on the ledger,
 * or until money is confirmed. No lock is held meanwhile.
 */
public final class PayerSide {
  /** How long a consent is good for; payees give it for ten minutes at most. */
  private static final Duration CONSENT = Duration.ofMinutes(9);

  private final PayerPolicy policy;
  private final SecureRandom random;
  private final PayerBook book;
  private final Deposits deposits;
  private final LaneGrants lanes;
  private final PayerSigning signing;
  private final PaymentJournal journal;

  /** A side without channels yet. */
  public PayerSide(
      PayerPolicy policy,
      Map<EvmAddress, ? extends AccountSigner> keys,
      Map<Domain, ChannelLedger> ledgers,
      PaymentJournal journal,
      IntentQueue outbox,
      SecureRandom random) {
    this.policy = policy;
    this.random = random;
    this.journal = journal;
    this.book = new PayerBook(policy.confirmations());
    this.deposits = new Deposits(policy, Map.copyOf(ledgers), outbox, random, book);
    this.lanes = new LaneGrants(policy, journal, deposits, book);
    this.signing = new PayerSigning(keys, lanes, book);
  }

  private interface MoneyCall<T, E extends Exception> {
    T run() throws E;
  }

  /** Beneath, nobody knows how amounts are written: here they are, for all who hear of them. */
  private <T, E extends Exception> T told(Supplier<EvmAddress> token, MoneyCall<T, E> call)
      throws E {
    try {
      return call.run();
    } catch (PaymentException e) {
      throw e.written(amount -> policy.writer().apply(amount, token.get()));
    }
  }

  /** How an amount of a token is told to people. */
  public String shown(TokenAmount amount, EvmAddress token) {
    return policy.writer().apply(amount, token);
  }

  /** What the deal's channel pays in; of a deal without one nothing is said in amounts. */
  private EvmAddress token(DealRef deal) {
    return lanes
        .ticket(deal)
        .map(ticket -> book.channel(ticket.channel()).open.token())
        .orElse(EvmAddress.ZERO);
  }

  // lanes and budgets

  /** Whether that payee can be paid from here at all; what a client chooses between offers by. */
  public boolean accepts(Payee payee) {
    return deposits.accepts(payee);
  }

  /**
   * Whether there is money for so much: in the account, or in channels to that payee beyond what
   * was signed away. Deals that run may take it first. Blocks on the ledger; one that does not
   * answer is no reason against it.
   */
  public boolean affords(Payee payee, TokenAmount amount) {
    return deposits.affords(payee, amount);
  }

  /**
   * Gets the deal a lane with its whole budget behind it: on a channel that is there, on one topped
   * up by what is missing, or on a new one. Blocks until the money is confirmed, or {@code
   * patience} is over. Idempotent by deal, also across restarts; with a larger budget than before,
   * raises it.
   *
   * <p>When it returns, lane and budget are durable: the proposal may go out.
   *
   * @throws PaymentException {@code NO_COMMON_PAYMENT}, {@code MAX_DEPOSIT}, {@code
   *     INSUFFICIENT_FUNDS}, {@code LEDGER_REFUSED}; {@code NOT_CONFIRMED} when patience ran out,
   *     which asking again continues
   */
  public LaneTicket acquire(FundsRequest request, Duration patience)
      throws IOException, InterruptedException {
    try {
      return lanes.acquire(request, patience);
    } catch (PaymentException e) {
      throw e.written(amount -> policy.writer().apply(amount, request.payee().token()));
    }
  }

  /** The deal's lane, if it has one. */
  public Optional<LaneTicket> ticket(DealRef deal) {
    return lanes.ticket(deal);
  }

  /**
   * Swaps the deal's lane for another, since the payee said {@code LANE_BUSY}; durable on return.
   *
   * @throws PaymentException {@code NO_LANE} if the deal has none
   */
  public LaneTicket another(DealRef deal) throws IOException {
    return lanes.another(deal);
  }

  /**
   * Takes over a voucher of ours that only the payee still had, since it said {@code LANE_BEHIND};
   * durable on return. The deal's base becomes its amount. A voucher no better than ours changes
   * nothing.
   *
   * @throws PaymentException {@code NOT_OUR_VOUCHER} unless it is for the deal's lane and our own
   *     signature is on it; {@code NO_LANE}
   */
  public LaneTicket adopt(DealRef deal, SignedVoucher voucher) throws IOException {
    return told(() -> token(deal), () -> lanes.adopt(deal, voucher));
  }

  /**
   * Adds to the deal's channel what the payee says is missing ({@code DEPOSIT_USED}, {@code
   * INSUFFICIENT_DEPOSIT}), counting what is on its way already, and blocks until it is confirmed.
   * To be called with a fresh answer of the payee only.
   *
   * @throws PaymentException {@code MAX_DEPOSIT}, {@code INSUFFICIENT_FUNDS}, {@code
   *     LEDGER_REFUSED}, {@code NOT_CONFIRMED}, {@code CHANNEL_CLOSING}, {@code NO_LANE}
   */
  public void cover(DealRef deal, TokenAmount shortfall, Duration patience)
      throws IOException, InterruptedException {
    try {
      deposits.cover(deal, shortfall, patience);
    } catch (PaymentException e) {
      throw e.written(amount -> policy.writer().apply(amount, token(deal)));
    }
  }

  /**
   * Ends the deal: its lane becomes free and what is left of its budget is released. Nothing
   * changes if the deal has neither lane nor wish.
   *
   * @param mayOwe whether the payee may count more for it than was paid; then other deals get its
   *     lane only when there are many such, so that {@link #payLate} can still pay on it
   */
  public Prepared<DealRef> leave(DealRef deal, boolean mayOwe) {
    return lanes.leave(deal, mayOwe);
  }

  // paying

  /**
   * Signs an opening for the deal's lane.
   *
   * @throws PaymentException {@code NO_LANE} unless the deal has the claim's lane; {@code
   *     NOT_SIGNED} if its key is elsewhere and does not sign now
   */
  public Signature signOpen(DealRef deal, OpenClaim claim) {
    return signing.signOpen(deal, claim);
  }

  /**
   * A voucher that brings the deal's payments to {@code due} in all. Absolute and idempotent: if
   * the lane's best is worth that much already, it is handed back as it is stored. Takes the time
   * of one signature, about two milliseconds, or of a signer elsewhere; waits for nothing else.
   * Only one new voucher of a lane can be prepared at a time.
   *
   * <p>The blocks that it pays for must be durable before.
   *
   * @param due what the deal owes for all it has verified, fee included
   * @throws PaymentException {@code BUDGET_EXCEEDED} or {@code INSUFFICIENT_DEPOSIT} with the
   *     shortfall, {@code CHANNEL_CLOSING}, {@code NO_LANE}, {@code NOT_SIGNED}
   * @throws IllegalStateException if the lane's last voucher is neither committed nor released
   */
  public Prepared<SignedVoucher> pay(DealRef deal, TokenAmount due) {
    return told(() -> token(deal), () -> signing.pay(deal, due));
  }

  /**
   * A voucher that pays what a deal still owes that has left its lane; durable on return. It can be
   * paid as long as no other deal has had the lane since, for then it would count for that one.
   *
   * @throws PaymentException {@code NO_LANE} if one has, {@code INSUFFICIENT_DEPOSIT} with the
   *     shortfall, {@code CHANNEL_CLOSING}, {@code CHANNEL_UNKNOWN}, {@code NOT_SIGNED}
   */
  public SignedVoucher payLate(LateDebt debt) throws IOException {
    return told(
        () -> book.channel(debt.channel()).open.token(),
        () -> signing.payLate(debt).writeTo(journal));
  }

  // by hand

  /** Opens a channel for later deals; blocks on journal and ledger, not on confirmation. */
  public Outcome open(Payee payee, TokenAmount amount) throws IOException {
    if (!deposits.accepts(payee)) {
      throw new PaymentException(DealCode.NO_COMMON_PAYMENT, "cannot pay " + payee.address());
    }
    PayerChannel channel = told(payee::token, () -> deposits.planned(payee, amount));
    book.add(channel);
    return deposits.open(channel);
  }

  /** Adds to a channel's deposit. Blocks on journal and ledger. */
  public Outcome topUp(Bytes32 id, TokenAmount amount) throws IOException {
    PayerChannel channel = book.channel(id);
    return told(channel.open::token, () -> deposits.topUp(channel, amount));
  }

  /**
   * Starts the challenge period after which what is left comes back; it is collected by itself
   * then.
   *
   * @param evenInUse also while deals pay on it
   * @throws PaymentException {@code CHANNEL_UNKNOWN}, {@code CHANNEL_IN_USE}
   */
  public Outcome settle(Bytes32 id, boolean evenInUse) throws IOException {
    PayerChannel channel = book.channel(id);
    if (!evenInUse) {
      channel.checkUnused();
    }
    return deposits.act(
        channel, new Intent.Settle(IntentId.random(random), channel.open.sender(), id));
  }

  /**
   * Asks for a channel's end at once, at what was vouchered on it. Blocks on the ledger, and on
   * whoever asks the payee.
   *
   * @param payee asks the payee for its signature; empty if it refuses
   * @return what became of it; empty if the payee did not consent
   * @throws PaymentException {@code CHANNEL_UNKNOWN}, {@code CHANNEL_IN_USE}, {@code
   *     CHANNEL_CLOSING}; {@code CLOSE_REFUSED} if what came is not the payee's signature
   */
  public Optional<Outcome> closeByConsent(Bytes32 id, ConsentSeeker payee)
      throws IOException, InterruptedException {
    PayerChannel channel = book.channel(id);
    deposits.refresh(channel);
    long deadline = deposits.now(channel).plus(CONSENT).getEpochSecond();
    CloseConsent consent = channel.proposeClose(deadline);
    boolean planned = false;
    try {
      Optional<Signature> payees =
          payee.consent(channel.domain, consent, signing.sign(channel, consent));
      if (payees.isEmpty()) {
        return Optional.empty();
      }
      if (!Signatures.by(channel.open.payee(), payees.get(), consent.digest(channel.domain))) {
        throw new PaymentException(DealCode.CLOSE_REFUSED, "the consent is not the payee's");
      }
      planned = true;
      return Optional.of(deposits.act(channel, channel.planClose(consent, payees.get(), random)));
    } finally {
      if (!planned) {
        channel.reopen();
      }
    }
  }

  /** Gets a payee's signature. */
  @FunctionalInterface
  public interface ConsentSeeker {
    /**
     * Asks the payee. Blocks.
     *
     * @param ours signature of the channel's signer over the consent
     * @return the payee's; empty if it refuses or cannot be asked
     */
    Optional<Signature> consent(Domain domain, CloseConsent consent, Signature ours)
        throws IOException, InterruptedException;
  }

  /** Ends a settled channel. Blocks on journal and ledger. */
  public Outcome collect(Bytes32 id) throws IOException {
    return deposits.act(
        book.channel(id), new Intent.Collect(IntentId.random(random), policy.account(), id));
  }

  // books and upkeep

  /** All channels that this home opened, as they stand now. */
  public List<ChannelBook> books() {
    return book.all().stream().map(PayerChannel::book).toList();
  }

  /** The money in the channels that are not closed. Asks no ledger. */
  public List<ChannelStanding> standings() {
    return book.all().stream().flatMap(channel -> channel.standing().stream()).toList();
  }

  /** Asks the ledgers anew about the channels named and those with something still to count. */
  public void poll(Set<Bytes32> touched) throws IOException {
    for (PayerChannel channel : book.all()) {
      if (touched.contains(channel.id) || channel.isUnsettled()) {
        deposits.refresh(channel);
        Optional<Intent.Collect> collect = channel.planCollect(policy.account(), random);
        if (collect.isPresent()) {
          deposits.act(channel, collect.get());
        }
      }
    }
  }

  /**
   * Begins to take back what no deal has used for so long, where that brings more than it costs.
   * Blocks on journal and ledger.
   */
  public void settleIdle(Duration after, Instant now) throws IOException {
    for (PayerChannel channel : book.all()) {
      Optional<PaymentRecord> idle = channel.seenIdle(now);
      if (idle.isPresent()) {
        journal.append(idle.get());
      }
      if (isIdle(channel, after, now)) {
        Optional<Intent.Settle> settle = channel.planSettle(random);
        if (settle.isPresent()) {
          deposits.act(channel, settle.get());
        }
      }
    }
  }

  /** The channels that no deal has used for so long, where an end brings more than it costs. */
  public List<Bytes32> idle(Duration after, Instant now) {
    return book.all().stream()
        .filter(channel -> isIdle(channel, after, now))
        .map(channel -> channel.id)
        .toList();
  }

  private boolean isIdle(PayerChannel channel, Duration after, Instant now) {
    return channel
        .idleFunds()
        .filter(it -> !it.due(after).isAfter(now) && deposits.isWorth(channel, it))
        .isPresent();
  }

  /**
   * What will be done by itself. Blocks on the ledger.
   *
   * @param settleIdleAfter as for {@link #settleIdle}; empty if that is not done
   */
  public List<PlannedAct> plans(Optional<Duration> settleIdleAfter) {
    List<PlannedAct> plans = new ArrayList<>();
    for (PayerChannel channel : book.all()) {
      channel.planOfCollecting().ifPresent(plans::add);
      Optional<IdleFunds> funds = channel.idleFunds().filter(it -> !it.change().isZero());
      if (funds.isPresent() && settleIdleAfter.isPresent()) {
        plans.add(planOfSettling(channel, funds.get(), settleIdleAfter.get()));
      }
    }
    return plans;
  }

  private PlannedAct planOfSettling(PayerChannel channel, IdleFunds funds, Duration after) {
    boolean worth = deposits.isWorth(channel, funds);
    return new PlannedAct(
        PlannedAct.Kind.SETTLE,
        channel.domain,
        Optional.of(channel.id),
        channel.open.token(),
        funds.change(),
        worth ? Optional.of(funds.due(after)) : Optional.empty(),
        worth
            ? "no deal has used it since "
                + funds.since().truncatedTo(ChronoUnit.SECONDS)
                + "; its provider is asked first to let it end at once"
            : "no deal uses it, but it would cost more than comes back");
  }

  /** Hears what became of an intent, perhaps one of a run before. */
  public void ended(Intent intent, Outcome outcome) throws IOException {
    deposits.ended(intent, outcome);
  }

  /** Applies one record of an earlier run. */
  public void restore(PaymentRecord record) {
    book.restore(record);
  }

  /** After the last record. */
  public void restored() {
    book.restored();
  }

  /** Everything needed to build this side anew, in an order that {@link #restore} takes. */
  public void snapshot(List<PaymentRecord> into) {
    book.snapshot(into);
  }
}
