package io.sluice.payments.home;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.DealRef;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.Prepared;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.payee.DealAccount;
import io.sluice.payments.payee.OpenRequest;
import io.sluice.payments.payee.OpeningDecision;
import io.sluice.payments.payee.PayeePolicy;
import io.sluice.payments.payee.PayeeSide;
import io.sluice.payments.payer.FundsRequest;
import io.sluice.payments.payer.LaneTicket;
import io.sluice.payments.payer.PayerPolicy;
import io.sluice.payments.payer.PayerSide;
import io.sluice.payments.voucher.OpenClaim;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One home's payments for tests, with a journal in memory that can be cut anywhere and restarted.
 */
final class Home {
  static final Cid ROOT = Cid.parse("bafkreifw7plhl6mofk6sfvhnfh64qmkq73oeqwl6sloru6rehaoujituke");
  static final Node SELECTOR = Node.map().put(".", Node.map().build()).build();
  static final PeerId CLIENT = peer(1);
  static final PeerId PROVIDER = peer(2);
  static final EvmAddress COIN = EvmAddress.ZERO;

  final SigningKey key;
  final ChannelLedger ledger;
  final Clock clock;
  final PayerPolicy payerPolicy;
  PayeePolicy payeePolicy;
  final List<PaymentRecord> journal = Collections.synchronizedList(new ArrayList<>());
  final List<DealRef> told = Collections.synchronizedList(new ArrayList<>());
  boolean diskFails;
  Moment beforeAppend = () -> {};
  Moment afterAppend = () -> {};
  AutopilotPolicy autopilot = AutopilotPolicy.OFF;
  Payments payments;

  Home(
      int seed,
      ChannelLedger ledger,
      Clock clock,
      long maxDeposit,
      long minDeposit,
      long confirmations)
      throws IOException {
    byte[] secret = new byte[32];
    secret[31] = (byte) seed;
    this.key = SigningKey.of(secret);
    this.ledger = ledger;
    this.clock = clock;
    this.payerPolicy =
        new PayerPolicy(
            key.address(),
            Map.of(ledger.domain(), Set.of(COIN)),
            TokenAmount.of(maxDeposit),
            PayerPolicy.DEFAULT_MAX_CHALLENGE,
            confirmations,
            PayerPolicy.DEFAULT_MAX_CONFIRMATIONS);
    this.payeePolicy = PayeePolicy.of(List.of(payee(minDeposit, confirmations)));
    start(List.of());
  }

  private static PeerId peer(int fill) {
    byte[] key = new byte[36];
    key[0] = 8;
    key[1] = 1;
    key[2] = 18;
    key[3] = 32;
    key[35] = (byte) fill;
    return PeerId.ofPublicKey(key);
  }

  Payee payee(long minDeposit, long confirmations) {
    return new Payee(
        ledger.domain().chainId(),
        ledger.domain().contract(),
        COIN,
        key.address(),
        3600,
        TokenAmount.of(minDeposit),
        confirmations,
        Optional.empty(),
        Optional.empty());
  }

  Payee payee() {
    return payeePolicy.payees().getFirst();
  }

  /** Goes on from those records as if the process had been killed. */
  void start(List<PaymentRecord> records) throws IOException {
    payments =
        Payments.restore(
            new Payments.Setup(
                Map.of(ledger.domain(), ledger),
                Map.of(key.address(), key),
                payerPolicy,
                payeePolicy,
                this::append,
                clock,
                new SecureRandom(),
                told::add,
                autopilot),
            records);
    payments.start();
  }

  void restart() throws IOException {
    start(List.copyOf(journal));
  }

  /** Looks at the world at a moment at which the process could be killed. */
  interface Moment {
    void run() throws IOException;
  }

  /** Keeps records as a store would: in bytes. */
  private void append(PaymentRecord record) throws IOException {
    if (diskFails) {
      throw new IOException("disk full");
    }
    beforeAppend.run();
    byte[] bytes = DagCbor.encode(record.toNode());
    journal.add(PaymentRecord.of(record.kind(), DagCbor.decode(bytes)));
    afterAppend.run();
  }

  PayerSide payer() {
    return payments.payer();
  }

  PayeeSide payeeSide() {
    return payments.payee();
  }

  <T> T done(Prepared<T> change) throws IOException {
    return payments.append(change);
  }

  LaneTicket acquire(String deal, Payee payee, long budget) throws Exception {
    return payer()
        .acquire(new FundsRequest(new DealRef(deal), payee, TokenAmount.of(budget)), Duration.ZERO);
  }

  SignedVoucher pay(String deal, long due) throws IOException {
    return done(payer().pay(new DealRef(deal), TokenAmount.of(due)));
  }

  void leave(String deal) throws IOException {
    done(payer().leave(new DealRef(deal), false));
  }

  /** The opening of a deal on its ticket, as a client makes it. */
  DealOpening opening(LaneTicket ticket, long id, Terms terms, Payee payee) {
    OpenClaim claim =
        OpenClaim.of(
            ticket.channel(), ticket.lane(), id, CLIENT, PROVIDER, payee, ROOT, SELECTOR, terms);
    return new DealOpening(
        id,
        terms,
        payee,
        ticket.channel(),
        ticket.lane(),
        ticket.best().map(best -> best.payment(id, 0, false)),
        payer().signOpen(ticket.deal(), claim));
  }

  OpeningDecision open(String deal, DealOpening open) {
    return payeeSide()
        .open(new OpenRequest(new DealRef(deal), open, CLIENT, PROVIDER, ROOT, SELECTOR));
  }

  DealAccount account(String deal) {
    return payeeSide().account(new DealRef(deal)).orElseThrow();
  }

  ChannelBook book(ChannelBook.Role role) {
    return payments.books().stream().filter(book -> book.role() == role).findFirst().orElseThrow();
  }
}
