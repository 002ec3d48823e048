package io.sluice.payments.home;

import static java.util.Comparator.comparing;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.ChannelStanding;
import io.sluice.payments.IntentQueue;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentJournal;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.PlannedAct;
import io.sluice.payments.Prepared;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.Cursor;
import io.sluice.payments.ledger.EventPage;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.LedgerEvent;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.ledger.WrongLedgerException;
import io.sluice.payments.payee.PayeeListener;
import io.sluice.payments.payee.PayeePolicy;
import io.sluice.payments.payee.PayeeSide;
import io.sluice.payments.payer.PayerPolicy;
import io.sluice.payments.payer.PayerSide;
import io.sluice.payments.voucher.AccountSigner;
import io.sluice.payments.voucher.CloseConsent;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All the money of one home: both sides, rebuilt from their journal, and in step with their
 * ledgers.
 *
 * <p>{@link #restore}, then {@link #start} before the first peer is let in, then {@link #poll}
 * every moment from one thread of its own.
 */
public final class Payments {
  private static final Logger LOG = LoggerFactory.getLogger(Payments.class);
  private static final int PAGE = 500;

  /** So long a payee may be asked to let an idle channel end at once, before it is settled. */
  private static final Duration FOR_CONSENT = Duration.ofHours(1);

  private final Setup setup;
  private final IntentQueue outbox;
  private final PayerSide payer;
  private final PayeeSide payee;
  private final Payouts payouts;
  private final Map<Domain, Cursor> cursors = new HashMap<>();

  /**
   * What payments are made of.
   *
   * @param ledgers the ledgers in use; not closed by payments
   * @param keys who signs, by account; more may come until they are needed
   * @param payer what this home lets itself in for as a payer
   * @param payee what it takes as a payee
   * @param journal where records go
   * @param clock wall clock, for ages and decay; the ledgers' own time is judged by the ledgers
   * @param random for salts and intent ids
   * @param listener hears of changes of live deals' credit
   * @param autopilot what is done with money by itself
   */
  public record Setup(
      Map<Domain, ChannelLedger> ledgers,
      Map<EvmAddress, ? extends AccountSigner> keys,
      PayerPolicy payer,
      PayeePolicy payee,
      PaymentJournal journal,
      Clock clock,
      SecureRandom random,
      PayeeListener listener,
      AutopilotPolicy autopilot) {

    /** Copies the ledgers. */
    public Setup {
      ledgers = Map.copyOf(ledgers);
    }

    /** Without an autopilot. */
    public Setup(
        Map<Domain, ChannelLedger> ledgers,
        Map<EvmAddress, ? extends AccountSigner> keys,
        PayerPolicy payer,
        PayeePolicy payee,
        PaymentJournal journal,
        Clock clock,
        SecureRandom random,
        PayeeListener listener) {
      this(ledgers, keys, payer, payee, journal, clock, random, listener, AutopilotPolicy.OFF);
    }
  }

  private Payments(Setup setup) {
    this.setup = setup;
    this.outbox = new IntentQueue(setup.ledgers(), setup.journal());
    this.payer =
        new PayerSide(
            setup.payer(), setup.keys(), setup.ledgers(), setup.journal(), outbox, setup.random());
    this.payee =
        new PayeeSide(
            setup.payee(),
            setup.ledgers(),
            outbox,
            setup.clock(),
            setup.random(),
            setup.listener());
    this.payouts = new Payouts(setup, outbox, this::ended);
  }

  /**
   * Payments as the records left them, own ones and attachments alike, in the order in which they
   * were written. Asks no ledger yet.
   */
  public static Payments restore(Setup setup, Iterable<PaymentRecord> records) {
    Payments payments = new Payments(setup);
    for (PaymentRecord record : records) {
      switch (record) {
        case PaymentRecord.IntentPlanned planned -> payments.outbox.restore(planned);
        case PaymentRecord.IntentEnded ended -> payments.outbox.restore(ended);
        case PaymentRecord.CreditGathers gathers -> payments.payouts.restore(gathers);
        default -> {}
      }
      payments.payer.restore(record);
      payments.payee.restore(record);
    }
    payments.payer.restored();
    return payments;
  }

  /** The ledgers that the channels in those records are on. */
  public static Set<Domain> ledgersOf(Iterable<PaymentRecord> records) {
    Set<Domain> domains = new LinkedHashSet<>();
    for (PaymentRecord record : records) {
      if (record instanceof PaymentRecord.IntentPlanned planned) {
        domains.add(planned.domain());
      } else if (record instanceof PaymentRecord.DealBound bound) {
        domains.add(bound.domain());
      }
    }
    return domains;
  }

  /**
   * Brings everything in step with the ledgers: tries again what was planned, looks at every
   * channel, redeems where a payer has settled. A ledger that does not answer is left for {@link
   * #poll}.
   *
   * @throws WrongLedgerException if a ledger answers that is not the one these channels are on
   */
  public void start() throws IOException {
    List<ChannelBook> books = books();
    requireTheirs(
        books.stream().map(ChannelBook::domain).collect(Collectors.toSet()), setup.ledgers());
    for (ChannelBook book : books) {
      requireChannel(book);
    }
    setup.ledgers().forEach(this::cursorAtEnd);
    outbox.retry(this::ended);
    poll();
  }

  /**
   * Refuses another ledger in place of one that channels are on: what was vouchered would be worth
   * nothing there, and its figures would be taken for theirs. A chain that is not configured any
   * more is no such case.
   *
   * @param traded the ledgers that a home's channels are on
   */
  public static void requireTheirs(Set<Domain> traded, Map<Domain, ? extends ChannelLedger> given)
      throws WrongLedgerException {
    for (Domain domain : traded) {
      for (Map.Entry<Domain, ? extends ChannelLedger> other : given.entrySet()) {
        if (other.getKey().chainId() == domain.chainId() && !given.containsKey(domain)) {
          throw new WrongLedgerException(other.getValue() + " is another ledger", domain);
        }
      }
    }
  }

  /** A ledger that has lost a channel must not be traded on either. */
  private void requireChannel(ChannelBook book) throws IOException {
    ChannelLedger ledger = setup.ledgers().get(book.domain());
    if (ledger == null) {
      return;
    }
    try {
      if (isBeingOpened(book) || ledger.channel(book.id()).isPresent()) {
        return;
      }
      if (ledger.mayTakeBack()) {
        // It comes back, or its payer has to open another: nothing new counts on it meanwhile.
        LOG.warn("{} has no channel {} now", ledger, book.id());
      } else {
        throw new WrongLedgerException(
            "%s has lost channel %s".formatted(ledger, book.id()), book.domain());
      }
    } catch (WrongLedgerException e) {
      throw e;
    } catch (IOException e) {
      LOG.warn("ledger {} cannot be asked: {}", book.domain(), e.toString());
    }
  }

  private boolean isBeingOpened(ChannelBook book) {
    return outbox.unfinished().stream()
        .anyMatch(
            planned ->
                planned.intent() instanceof Intent.Open open
                    && open.channel(planned.domain()).equals(book.id()));
  }

  private void cursorAtEnd(Domain domain, ChannelLedger ledger) {
    try {
      cursors.put(domain, ledger.end());
    } catch (IOException e) {
      LOG.warn("ledger {} cannot be asked: {}", domain, e.toString());
    }
  }

  /**
   * Reads new ledger events and does what they and the time ask for: counts deposits, judges
   * credit, redeems, collects, tries again. Blocks on ledgers and journal; for one thread at a
   * time.
   *
   * @throws IOException if the journal failed: the node has to stop
   */
  public synchronized void poll() throws IOException {
    Set<Bytes32> touched = new HashSet<>();
    setup.ledgers().forEach((domain, ledger) -> news(domain, ledger, touched));
    outbox.retry(this::ended);
    payer.poll(touched);
    payee.poll(touched);
    Optional<Duration> idle = setup.autopilot().settleIdleAfter();
    if (idle.isPresent()) {
      payer.settleIdle(idle.get().plus(FOR_CONSENT), setup.clock().instant());
    }
    payouts.poll();
  }

  /**
   * This home's consent, as a payee, to a channel's end; durable on return. Blocks on ledger and
   * journal.
   *
   * @param payers signature of the channel's signer over what is asked for
   * @throws PaymentException {@code CHANNEL_UNKNOWN}, {@code CLOSE_REFUSED}
   */
  public Signature consent(Domain domain, CloseConsent asked, Signature payers) throws IOException {
    Prepared<EvmAddress> agreed = payee.agree(domain, asked, payers);
    AccountSigner signer = setup.keys().get(agreed.value());
    if (signer == null) {
      agreed.release();
      throw new PaymentException(DealCode.CLOSE_REFUSED, "the payee's key is not here");
    }
    agreed.writeTo(setup.journal());
    return signer.signature(domain, asked);
  }

  /** What will be done on ledgers by itself, soonest first. Blocks on the ledgers. */
  public synchronized List<PlannedAct> plans() {
    List<PlannedAct> plans = new ArrayList<>(payee.plans());
    plans.addAll(payer.plans(setup.autopilot().settleIdleAfter()));
    plans.addAll(payouts.plans());
    plans.sort(comparing(act -> act.at().orElse(Instant.MAX)));
    return plans;
  }

  private void news(Domain domain, ChannelLedger ledger, Set<Bytes32> touched) {
    try {
      Cursor cursor = cursors.getOrDefault(domain, Cursor.START);
      while (true) {
        EventPage page = ledger.events(cursor, PAGE);
        for (LedgerEvent event : page.events()) {
          if (event instanceof LedgerEvent.OfChannel ofChannel) {
            touched.add(ofChannel.channel());
          }
        }
        cursor = page.next();
        cursors.put(domain, cursor);
        if (page.events().isEmpty()) {
          return;
        }
      }
    } catch (IOException e) {
      LOG.warn("ledger {} cannot be asked: {}", domain, e.toString());
    }
  }

  private void ended(Intent intent, Outcome outcome) throws IOException {
    payer.ended(intent, outcome);
    payee.ended(intent, outcome);
  }

  /** The paying side. */
  public PayerSide payer() {
    return payer;
  }

  /** The paid side. */
  public PayeeSide payee() {
    return payee;
  }

  /** Makes a change durable by itself and makes it, for changes that no deal event goes with. */
  public <T> T append(Prepared<T> change) throws IOException {
    return change.writeTo(setup.journal());
  }

  /** The money in all channels of both sides that are not closed. Asks no ledger. */
  public List<ChannelStanding> standings() {
    List<ChannelStanding> standings = new ArrayList<>(payer.standings());
    standings.addAll(payee.standings());
    return standings;
  }

  /** How many things are to be done on ledgers that have not come to an end. */
  public int acts() {
    return outbox.unfinished().size();
  }

  /** All channels of both sides. */
  public List<ChannelBook> books() {
    List<ChannelBook> books = new ArrayList<>(payer.books());
    books.addAll(payee.books());
    return books;
  }

  /** What an account may withdraw. Blocks on the ledger. */
  public TokenAmount credit(Domain domain, EvmAddress token, EvmAddress account)
      throws IOException {
    return ledger(domain).credit(token, account);
  }

  /** What an account owns outside all channels. Blocks on the ledger. */
  public TokenAmount balance(Domain domain, EvmAddress token, EvmAddress account)
      throws IOException {
    return ledger(domain).balance(token, account);
  }

  /** Takes out of an account's credit. Blocks on journal and ledger. */
  public Outcome withdraw(
      Domain domain, EvmAddress account, EvmAddress token, EvmAddress to, TokenAmount amount)
      throws IOException {
    ledger(domain);
    Intent intent =
        new Intent.Withdraw(IntentId.random(setup.random()), account, token, to, amount);
    outbox.plan(domain, intent);
    return outbox.submit(intent.id(), this::ended);
  }

  private ChannelLedger ledger(Domain domain) {
    ChannelLedger ledger = setup.ledgers().get(domain);
    if (ledger == null) {
      throw new PaymentException(DealCode.NO_COMMON_PAYMENT, "no ledger " + domain);
    }
    return ledger;
  }

  /**
   * Records from which {@link #restore} builds the same state: what has to be kept when older
   * journal segments go.
   */
  public List<PaymentRecord> snapshot() {
    List<PaymentRecord> records = new ArrayList<>();
    payer.snapshot(records);
    payee.snapshot(records);
    payouts.snapshot(records);
    // Channels first: what is still to be done may be about them.
    records.addAll(outbox.unfinished());
    return records;
  }
}
