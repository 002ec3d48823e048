package io.sluice.payments;

import io.sluice.payments.PayerChannel.Hold;
import io.sluice.payments.PayerChannel.Lane;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.LedgerError;
import io.sluice.payments.ledger.LedgerEvent;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.OpenClaim;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
  private static final Logger LOG = LoggerFactory.getLogger(PayerSide.class);

  private final PayerPolicy policy;
  private final Map<EvmAddress, SigningKey> keys;
  private final Map<Domain, ChannelLedger> ledgers;
  private final PaymentJournal journal;
  private final Outbox outbox;
  private final SecureRandom random;

  private final PayerBook book;

  PayerSide(
      PayerPolicy policy,
      Map<EvmAddress, SigningKey> keys,
      Map<Domain, ChannelLedger> ledgers,
      PaymentJournal journal,
      Outbox outbox,
      SecureRandom random) {
    this.policy = policy;
    this.keys = Map.copyOf(keys);
    this.ledgers = Map.copyOf(ledgers);
    this.journal = journal;
    this.outbox = outbox;
    this.random = random;
    this.book = new PayerBook(policy.confirmations());
  }

  // lanes and budgets

  /** Whether that payee can be paid from here at all; what a client chooses between offers by. */
  public boolean accepts(Payee payee) {
    Domain domain = new Domain(payee.chainId(), payee.contract());
    ChannelLedger ledger = ledgers.get(domain);
    return ledger != null
        && policy.takes(domain, payee.token())
        && payee.minChallenge() <= policy.maxChallenge().toSeconds()
        && payee.minChallenge() <= ledger.facts().maxChallenge().toSeconds()
        && !payee.address().equals(policy.account());
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
    if (!accepts(request.payee())) {
      throw new PaymentException(
          PaymentCode.NO_COMMON_PAYMENT,
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
      heed(channel, request.payee());
      Optional<Prepared<LaneTicket>> granted = grant(channel, request);
      if (granted.isEmpty()) {
        ask(channel, request);
        pump(channel);
        granted = grant(channel, request);
      }
      if (granted.isPresent()) {
        return write(granted.get());
      }
      channel.lock.lock();
      try {
        throwFailure(channel, request.deal());
        if (channel.usable() && !ready(channel, request)) {
          if (left <= 0) {
            throw new PaymentException(
                PaymentCode.NOT_CONFIRMED,
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

  private static void throwFailure(PayerChannel channel, DealRef deal) {
    PaymentException failure = channel.failed.remove(deal);
    if (failure != null) {
      throw failure;
    }
    if (channel.refused.isPresent()) {
      throw channel.refused.get();
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
    PayerBook.Place place =
        book.place(
            request.deal(),
            candidate -> suits(candidate, request.payee()),
            () -> planned(request.payee(), request.budget()));
    PayerChannel channel = place.channel();
    if (place.fresh()) {
      outbox.plan(channel.domain, channel.open);
      attempt(channel, channel.open.id());
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

  private PayerChannel planned(Payee payee, TokenAmount budget) {
    TokenAmount amount = budget.max(payee.minDeposit()).max(TokenAmount.of(1));
    if (amount.exceeds(policy.maxDeposit())) {
      throw tooDeep(amount);
    }
    Domain domain = new Domain(payee.chainId(), payee.contract());
    long challenge =
        Math.max(payee.minChallenge(), ledger(domain).facts().minChallenge().toSeconds());
    byte[] salt = new byte[Bytes32.LENGTH];
    random.nextBytes(salt);
    Intent.Open open =
        new Intent.Open(
            IntentId.random(random),
            policy.account(),
            payee.address(),
            policy.account(),
            payee.token(),
            challenge,
            Bytes32.of(salt),
            amount);
    PayerChannel channel =
        new PayerChannel(domain, open, Math.max(policy.confirmations(), payee.confirmations()));
    channel.inFlight = Optional.of(open.id());
    return channel;
  }

  private PaymentException tooDeep(TokenAmount wanted) {
    return new PaymentException(
        PaymentCode.MAX_DEPOSIT,
        "%s would lie in the channel, allowed are %s".formatted(wanted, policy.maxDeposit()),
        wanted.minusOrZero(policy.maxDeposit()));
  }

  /** The deal's lane and budget if the money is there. */
  private Optional<Prepared<LaneTicket>> grant(PayerChannel channel, FundsRequest request) {
    channel.lock.lock();
    try {
      throwFailure(channel, request.deal());
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

  /**
   * What this payee asks of a channel holds for it from now on, also if it was opened with less.
   */
  private void heed(PayerChannel channel, Payee payee) throws IOException {
    channel.lock.lock();
    try {
      channel.floor = channel.floor.max(payee.minDeposit());
      if (payee.confirmations() <= channel.confirmations) {
        return;
      }
      channel.confirmations = payee.confirmations();
    } finally {
      channel.lock.unlock();
    }
    refresh(channel);
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
        throw tooDeep(wanted);
      }
      channel.waiting.put(request.deal(), missing);
      row = new PaymentRecord.FundsAsked(request.deal(), channel.id, missing);
    } finally {
      channel.lock.unlock();
    }
    journal.append(row);
  }

  /** Sends one top-up for all that wait, unless something is on its way already. */
  private void pump(PayerChannel channel) throws IOException {
    refresh(channel);
    Intent.TopUp topUp;
    channel.lock.lock();
    try {
      TokenAmount gap = channel.gap();
      if (channel.inFlight.isPresent() || gap.isZero() || channel.view.isEmpty()) {
        return;
      }
      topUp = topUp(channel, gap);
      channel.inFlight = Optional.of(topUp.id());
    } finally {
      channel.lock.unlock();
    }
    outbox.plan(channel.domain, topUp);
    attempt(channel, topUp.id());
  }

  private Intent.TopUp topUp(PayerChannel channel, TokenAmount amount) {
    return new Intent.TopUp(IntentId.random(random), channel.open.sender(), channel.id, amount);
  }

  private Outcome attempt(PayerChannel channel, IntentId id) throws IOException {
    Outcome outcome = outbox.submit(id, this::ended);
    refresh(channel);
    return outcome;
  }

  /** Hears what became of an intent, perhaps one of a run before. */
  void ended(Intent intent, Outcome outcome) throws IOException {
    PayerChannel channel = book.channelOf(intent);
    if (channel == null) {
      return;
    }
    channel.lock.lock();
    try {
      channel.inFlight = channel.inFlight.filter(id -> !id.equals(intent.id()));
      if (outcome instanceof Outcome.Refused refused) {
        LOG.info("ledger refused {}: {}", intent, refused.message());
        if (intent instanceof Intent.Open) {
          channel.refused = Optional.of(refusal(refused));
        } else if (intent instanceof Intent.TopUp) {
          channel.fail(refusal(refused));
        }
      }
      if (outcome instanceof Outcome.Included included) {
        included.events().forEach(event -> noteDeposit(channel, event));
      }
      channel.changed.signalAll();
    } finally {
      channel.lock.unlock();
    }
    if (channel.refused.isPresent()) {
      book.drop(channel);
    } else {
      refresh(channel);
    }
  }

  private static void noteDeposit(PayerChannel channel, LedgerEvent event) {
    if (event instanceof LedgerEvent.ChannelOpened opened) {
      channel.reached = channel.reached.max(opened.deposit());
    } else if (event instanceof LedgerEvent.ChannelToppedUp toppedUp) {
      channel.reached = channel.reached.max(toppedUp.deposit());
    }
  }

  private static PaymentException refusal(Outcome.Refused refused) {
    return new PaymentException(
        refused.error() == LedgerError.INSUFFICIENT_BALANCE
            ? PaymentCode.INSUFFICIENT_FUNDS
            : PaymentCode.LEDGER_REFUSED,
        refused.error() + ": " + refused.message());
  }

  /** The deal's lane, if it has one. */
  public Optional<LaneTicket> ticket(DealRef deal) {
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

  /**
   * Swaps the deal's lane for another, since the payee said {@code LANE_BUSY}; durable on return.
   *
   * @throws PaymentException {@code NO_LANE} if the deal has none
   */
  public LaneTicket another(DealRef deal) throws IOException {
    PayerChannel channel = book.with(deal);
    Prepared<LaneTicket> swapped;
    channel.lock.lock();
    try {
      Hold old = held(channel, deal);
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

  /**
   * Takes over a voucher of ours that only the payee still had, since it said {@code LANE_BEHIND};
   * durable on return. The deal's base becomes its amount. A voucher no better than ours changes
   * nothing.
   *
   * @throws PaymentException {@code NOT_OUR_VOUCHER} unless it is for the deal's lane and our own
   *     signature is on it; {@code NO_LANE}
   */
  public LaneTicket adopt(DealRef deal, SignedVoucher voucher) throws IOException {
    PayerChannel channel = book.with(deal);
    boolean ours =
        voucher.domain().equals(channel.domain)
            && voucher.voucher().channel().equals(channel.id)
            && voucher.signedBy(channel.open.signer());
    channel.lock.lock();
    try {
      Hold hold = held(channel, deal);
      if (!ours || voucher.voucher().lane() != hold.lane.number) {
        throw new PaymentException(
            PaymentCode.NOT_OUR_VOUCHER,
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
      return channel.ticket(held(channel, deal));
    } finally {
      channel.lock.unlock();
    }
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
    PayerChannel channel = book.with(deal);
    refresh(channel);
    TokenAmount target;
    channel.lock.lock();
    try {
      target = channel.counted().plus(shortfall);
      TokenAmount open = target.max(channel.deposit()).minusOrZero(channel.signed());
      if (open.exceeds(policy.maxDeposit())) {
        throw tooDeep(open);
      }
      channel.target = channel.target.max(target);
      channel.waiting.putIfAbsent(deal, TokenAmount.ZERO);
    } finally {
      channel.lock.unlock();
    }
    try {
      reach(channel, deal, target, patience);
    } finally {
      PayerBook.locked(
          channel,
          () -> {
            channel.target = TokenAmount.ZERO;
            channel.waiting.remove(deal, TokenAmount.ZERO);
          });
    }
  }

  private void reach(PayerChannel channel, DealRef deal, TokenAmount target, Duration patience)
      throws IOException, InterruptedException {
    long left = patience.toNanos();
    while (true) {
      pump(channel);
      channel.lock.lock();
      try {
        throwFailure(channel, deal);
        if (!target.exceeds(channel.counted())) {
          return;
        }
        if (!channel.usable()) {
          throw new PaymentException(PaymentCode.CHANNEL_CLOSING, "channel " + channel.id);
        }
        if (left <= 0) {
          throw new PaymentException(
              PaymentCode.NOT_CONFIRMED,
              "channel %s: %s of %s confirmed"
                  .formatted(channel.id, channel.counted(), channel.deposit()));
        }
        if (channel.inFlight.isPresent() || channel.view.isEmpty() || channel.gap().isZero()) {
          left = channel.changed.awaitNanos(left);
        }
      } finally {
        channel.lock.unlock();
      }
    }
  }

  // paying

  /**
   * Signs an opening for the deal's lane.
   *
   * @throws PaymentException {@code NO_LANE} unless the deal has the claim's lane
   */
  public Signature signOpen(DealRef deal, OpenClaim claim) {
    LaneTicket ticket =
        ticket(deal).orElseThrow(() -> new PaymentException(PaymentCode.NO_LANE, deal.value()));
    if (!ticket.channel().equals(claim.channel()) || ticket.lane() != claim.lane()) {
      throw new PaymentException(
          PaymentCode.NO_LANE,
          "%s has lane %d of %s".formatted(deal, ticket.lane(), ticket.channel()));
    }
    return key(ticket.signer()).sign(claim.digest(ticket.domain()));
  }

  /**
   * A voucher that brings the deal's payments to {@code due} in all. Absolute and idempotent: if
   * the lane's best is worth that much already, it is handed back as it is stored. Takes the time
   * of one signature, about two milliseconds; waits for nothing. Only one new voucher of a lane can
   * be prepared at a time.
   *
   * <p>The blocks that it pays for must be durable before.
   *
   * @param due what the deal owes for all it has verified, fee included
   * @throws PaymentException {@code BUDGET_EXCEEDED} or {@code INSUFFICIENT_DEPOSIT} with the
   *     shortfall, {@code CHANNEL_CLOSING}, {@code NO_LANE}
   * @throws IllegalStateException if the lane's last voucher is neither committed nor released
   */
  public Prepared<SignedVoucher> pay(DealRef deal, TokenAmount due) {
    PayerChannel channel = book.with(deal);
    Voucher voucher;
    Lane lane;
    channel.lock.lock();
    try {
      Hold hold = held(channel, deal);
      lane = hold.lane;
      TokenAmount total = hold.base.plus(due);
      if (lane.best.isPresent() && !total.exceeds(lane.amount())) {
        return Prepared.unchanged(lane.best.get());
      }
      check(channel, hold, due, total);
      if (lane.signing) {
        throw new IllegalStateException("lane %d: last voucher not done".formatted(lane.number));
      }
      lane.signing = true;
      voucher = new Voucher(channel.id, lane.number, lane.nonce() + 1, total);
    } finally {
      channel.lock.unlock();
    }
    SignedVoucher signed = key(channel.open.signer()).sign(channel.domain, voucher);
    return new Prepared<>(
        signed,
        Optional.of(new PaymentRecord.VoucherGiven(deal, signed)),
        () ->
            PayerBook.locked(
                channel,
                () -> {
                  PayerBook.better(lane, signed);
                  lane.signing = false;
                }),
        () -> PayerBook.locked(channel, () -> lane.signing = false));
  }

  private static void check(PayerChannel channel, Hold hold, TokenAmount due, TokenAmount total) {
    if (due.exceeds(hold.budget)) {
      throw new PaymentException(
          PaymentCode.BUDGET_EXCEEDED,
          "%s due, budget %s".formatted(due, hold.budget),
          due.minus(hold.budget));
    }
    if (channel.view.filter(seen -> seen.channel().closed()).isPresent()) {
      throw new PaymentException(PaymentCode.CHANNEL_CLOSING, "channel %s".formatted(channel.id));
    }
    TokenAmount signed = channel.signed().minus(hold.lane.amount()).plus(total);
    if (signed.exceeds(channel.counted())) {
      throw new PaymentException(
          PaymentCode.INSUFFICIENT_DEPOSIT,
          "%s would be signed, %s is confirmed".formatted(signed, channel.counted()),
          signed.minus(channel.counted()));
    }
  }

  /**
   * Ends the deal: its lane becomes free and what is left of its budget is released. Nothing
   * changes if the deal has neither lane nor wish.
   */
  public Prepared<DealRef> leave(DealRef deal) {
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

  // by hand

  /** Opens a channel for later deals; blocks on journal and ledger, not on confirmation. */
  public Outcome open(Payee payee, TokenAmount amount) throws IOException {
    if (!accepts(payee)) {
      throw new PaymentException(PaymentCode.NO_COMMON_PAYMENT, "cannot pay " + payee.address());
    }
    PayerChannel channel = planned(payee, amount);
    book.add(channel);
    outbox.plan(channel.domain, channel.open);
    return attempt(channel, channel.open.id());
  }

  /** Adds to a channel's deposit. Blocks on journal and ledger. */
  public Outcome topUp(Bytes32 id, TokenAmount amount) throws IOException {
    PayerChannel channel = book.channel(id);
    return act(channel, topUp(channel, amount));
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
    channel.lock.lock();
    try {
      if (!evenInUse && !channel.holds.isEmpty()) {
        throw new PaymentException(
            PaymentCode.CHANNEL_IN_USE,
            "channel %s pays for %s".formatted(id, channel.holds.keySet()));
      }
    } finally {
      channel.lock.unlock();
    }
    return act(channel, new Intent.Settle(IntentId.random(random), channel.open.sender(), id));
  }

  /** Ends a settled channel. Blocks on journal and ledger. */
  public Outcome collect(Bytes32 id) throws IOException {
    return act(book.channel(id), new Intent.Collect(IntentId.random(random), policy.account(), id));
  }

  private Outcome act(PayerChannel channel, Intent intent) throws IOException {
    outbox.plan(channel.domain, intent);
    return attempt(channel, intent.id());
  }

  // books and upkeep

  /** All channels that this home opened, as they stand now. */
  public List<ChannelBook> books() {
    List<ChannelBook> books = new ArrayList<>();
    for (PayerChannel channel : book.all()) {
      channel.lock.lock();
      try {
        books.add(channel.book());
      } finally {
        channel.lock.unlock();
      }
    }
    return books;
  }

  /** Asks the ledgers anew about the channels named and those with something still to count. */
  void poll(Set<Bytes32> touched) throws IOException {
    for (PayerChannel channel : book.all()) {
      boolean due;
      channel.lock.lock();
      try {
        due =
            touched.contains(channel.id)
                || channel.view.map(ChannelView::unconfirmed).orElse(true)
                || channel
                    .view
                    .filter(seen -> seen.channel().ending() && !seen.channel().closed())
                    .isPresent();
      } finally {
        channel.lock.unlock();
      }
      if (due) {
        refresh(channel);
        collectIfDue(channel);
      }
    }
  }

  private void collectIfDue(PayerChannel channel) throws IOException {
    Intent.Collect collect;
    channel.lock.lock();
    try {
      boolean over =
          channel
              .view
              .filter(seen -> !seen.channel().closed())
              .filter(
                  seen ->
                      seen.channel()
                          .settleAt()
                          .filter(at -> !seen.head().time().isBefore(at))
                          .isPresent())
              .isPresent();
      if (!over || channel.inFlight.isPresent()) {
        return;
      }
      collect = new Intent.Collect(IntentId.random(random), policy.account(), channel.id);
      channel.inFlight = Optional.of(collect.id());
    } finally {
      channel.lock.unlock();
    }
    act(channel, collect);
  }

  void refreshAll() throws IOException {
    for (PayerChannel channel : book.all()) {
      refresh(channel);
    }
  }

  private void refresh(PayerChannel channel) throws IOException {
    ChannelLedger ledger = ledgers.get(channel.domain);
    if (ledger == null) {
      return;
    }
    Collection<Long> lanes;
    long confirmations;
    long turn;
    channel.lock.lock();
    try {
      turn = ++channel.turns;
      lanes = channel.laneNumbers();
      confirmations = channel.confirmations;
    } finally {
      channel.lock.unlock();
    }
    Optional<ChannelView> seen;
    try {
      seen = ChannelView.read(ledger, channel.id, confirmations, lanes, turn);
    } catch (IOException e) {
      LOG.warn("ledger {} cannot be asked: {}", channel.domain, e.toString());
      return;
    }
    seen.ifPresent(view -> PayerBook.locked(channel, () -> channel.see(view)));
  }

  /** Applies one record of an earlier run. */
  void restore(PaymentRecord record) {
    book.restore(record);
  }

  /** After the last record. */
  void restored() {
    book.restored();
  }

  /** Everything needed to build this side anew, in an order that {@link #restore} takes. */
  void snapshot(List<PaymentRecord> into) {
    book.snapshot(into);
  }

  // small things

  private Prepared<LaneTicket> written(Prepared<LaneTicket> change) throws IOException {
    try {
      if (change.record().isPresent()) {
        journal.append(change.record().get());
      }
    } catch (IOException e) {
      change.release();
      throw e;
    }
    change.commit();
    return change;
  }

  private LaneTicket write(Prepared<LaneTicket> change) throws IOException {
    return written(change).value();
  }

  private static Hold held(PayerChannel channel, DealRef deal) {
    Hold hold = channel.holds.get(deal);
    if (hold == null) {
      throw new PaymentException(PaymentCode.NO_LANE, deal + " has no lane");
    }
    return hold;
  }

  private ChannelLedger ledger(Domain domain) {
    ChannelLedger ledger = ledgers.get(domain);
    if (ledger == null) {
      throw new PaymentException(PaymentCode.NO_COMMON_PAYMENT, "no ledger " + domain);
    }
    return ledger;
  }

  private SigningKey key(EvmAddress signer) {
    SigningKey key = keys.get(signer);
    if (key == null) {
      throw new PaymentException(PaymentCode.NOT_OUR_VOUCHER, "no key of " + signer + " here");
    }
    return key;
  }
}
