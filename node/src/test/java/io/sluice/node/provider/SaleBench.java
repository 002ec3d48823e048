package io.sluice.node.provider;

import io.sluice.fsm.LeftOut;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.provider.LaneUse;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.fsm.provider.ProviderEvent;
import io.sluice.fsm.provider.ProviderInput;
import io.sluice.fsm.provider.ProviderOrder;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.node.pricing.Catalogue;
import io.sluice.node.pricing.PriceList;
import io.sluice.node.pricing.PriceStore;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.home.Payments;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.embedded.EmbeddedLedger;
import io.sluice.payments.payee.DealAccount;
import io.sluice.payments.payee.OpenRequest;
import io.sluice.payments.payee.OpeningDecision;
import io.sluice.payments.payee.PayeePolicy;
import io.sluice.payments.payee.VoucherDecision;
import io.sluice.payments.payer.PayerPolicy;
import io.sluice.payments.voucher.OpenClaim;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.PullRequest;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.BlockGate;
import io.sluice.protocol.graphsync.BlockVisit;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.DealProposal;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.RetrievalNames;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A provider's parts on a bench: real money, real table, real decisions; no network, no engine, no
 * threads. One unit a byte, windows of 1,000 bytes.
 */
final class SaleBench implements AutoCloseable {

  static final Terms TERMS = Market.TERMS;
  static final PeerId CLIENT = Identity.ofSeed(new byte[32]).peerId();

  final SecureRandom random = new SecureRandom();
  final TurnedClock clock = new TurnedClock();
  final TestDag dag = TestDag.of(7, 4, 10, 250);
  final SigningKey payer = SigningKey.generate(random);
  final List<PaymentRecord> moneyJournal = new ArrayList<>();
  final Payee payee;
  final Payments payments;
  final FakeSales sales;
  final Notices notices = new Notices();
  final ClientNotices clientNotices = new ClientNotices();
  final RunningTransfers transfers = new RunningTransfers();
  final LiveDeals live;
  final DealEndings endings;
  final TransferOwner owner;
  final PriceList prices;
  final Stock stock;

  /** Why the DAG is not sold. */
  Optional<DealCode> withheld = Optional.empty();

  final Bytes32 channel;
  private final EmbeddedLedger ledger;

  SaleBench(Path folder) throws IOException {
    this(folder, 100_000, TokenAmount.ZERO);
  }

  SaleBench(Path folder, long deposit, TokenAmount minimumStep) throws IOException {
    SigningKey key = SigningKey.generate(random);
    ledger = EmbeddedLedger.open(folder.resolve("ledger"), clock, random);
    payee =
        new Payee(
            ledger.domain().chainId(),
            ledger.domain().contract(),
            EvmAddress.ZERO,
            key.address(),
            60,
            TokenAmount.of(100),
            0,
            Optional.empty(),
            Optional.empty());
    payments =
        Payments.restore(
            new Payments.Setup(
                Map.of(ledger.domain(), ledger),
                Map.of(key.address(), key),
                new PayerPolicy(
                    key.address(),
                    Map.of(ledger.domain(), Set.of(EvmAddress.ZERO)),
                    TokenAmount.of(1_000_000),
                    PayerPolicy.DEFAULT_MAX_CHALLENGE,
                    0,
                    PayerPolicy.DEFAULT_MAX_CONFIRMATIONS),
                new PayeePolicy(
                    List.of(payee),
                    64L << 20,
                    1L << 30,
                    minimumStep,
                    TokenAmount.of(1),
                    Duration.ofHours(24),
                    TokenAmount.of(1_000_000),
                    Duration.ofDays(365),
                    100,
                    16),
                moneyJournal::add,
                clock,
                random,
                deal -> {}),
            List.of());
    payments.start();
    sales = new FakeSales(Identity.generate().peerId(), payments, clock);
    clientNotices.by(notices);
    live = new LiveDeals(sales.self(), sales.metrics());
    endings = new DealEndings(sales, transfers, clientNotices);
    owner = new TransferOwner(sales, transfers, endings, clientNotices);
    prices =
        PriceList.open(
            PriceStore.inMemory(),
            new Catalogue() {
              @Override
              public Optional<Listing> listing(Cid root) {
                return Optional.of(new Listing(dag.bytes(), 45)).filter(any -> isDag(root));
              }

              @Override
              public Optional<DealCode> withheld(Cid cid) {
                return withheld.filter(any -> isDag(cid));
              }

              private boolean isDag(Cid cid) {
                return cid.equals(dag.root());
              }
            },
            1000,
            clock);
    stock =
        new Stock(
            dag.store(),
            prices,
            new SelectionSizes(dag.store(), SelectionSizes.QuoteBounds.DEFAULT, Ticker.SYSTEM));
    prices.set(Optional.of(dag.root()), TERMS);
    channel = channel(deposit);
  }

  Bytes32 channel(long deposit) throws IOException {
    ledger.faucet(
        IntentId.random(random), EvmAddress.ZERO, payer.address(), TokenAmount.of(deposit));
    byte[] salt = new byte[32];
    random.nextBytes(salt);
    Intent.Open open =
        new Intent.Open(
            IntentId.random(random),
            payer.address(),
            payee.address(),
            payer.address(),
            EvmAddress.ZERO,
            3600,
            Bytes32.of(salt),
            TokenAmount.of(deposit));
    ledger.submit(open);
    return open.channel(ledger.domain());
  }

  void topUp(long amount) throws IOException {
    ledger.faucet(
        IntentId.random(random), EvmAddress.ZERO, payer.address(), TokenAmount.of(amount));
    ledger.submit(
        new Intent.TopUp(
            IntentId.random(random), payer.address(), channel, TokenAmount.of(amount)));
    payments.poll();
  }

  // names

  MachineId id(long number) {
    return SaleContext.idOf(CLIENT, number);
  }

  ChannelId transferOf(long number) {
    return new ChannelId(CLIENT, sales.self(), 1000 + number);
  }

  ProviderOrder order(long number, boolean paid) {
    return new ProviderOrder(
        CLIENT, number, dag.root(), TestDag.ALL, LeftOut.of(Exclusions.NONE), paid);
  }

  // what clients make

  DealOpening opening(long number, long lane, Terms terms) {
    return opening(number, lane, terms, TestDag.ALL);
  }

  DealOpening opening(long number, long lane, Terms terms, Node selector) {
    OpenClaim claim =
        OpenClaim.of(
            channel, lane, number, CLIENT, sales.self(), payee, dag.root(), selector, terms);
    return new DealOpening(
        number,
        terms,
        payee,
        channel,
        lane,
        Optional.empty(),
        payer.sign(claim.digest(ledger.domain())));
  }

  Payment payment(long number, long nonce, long amount) {
    return payment(number, nonce, amount, amount, false);
  }

  Payment payment(long number, long nonce, long amount, long bytes, boolean last) {
    return signed(payer, number, nonce, amount).payment(number, bytes, last);
  }

  SignedVoucher signed(SigningKey by, long lane, long nonce, long amount) {
    return by.sign(ledger.domain(), new Voucher(channel, lane, nonce, TokenAmount.of(amount)));
  }

  static TypedVoucher typed(Payment payment) {
    return new TypedVoucher(RetrievalNames.PAYMENT, Payment.CODEC.encode(payment));
  }

  PullRequest request(
      long number, PullRequest.PullKind kind, Terms terms, Exclusions asked, Optional<Node> open) {
    return new PullRequest(
        transferOf(number),
        kind,
        dag.root(),
        TestDag.ALL,
        Optional.of(
            new TypedVoucher(
                RetrievalNames.PROPOSAL,
                DealProposal.CODEC.encode(
                    DealProposal.of(dag.root(), number, TestDag.ALL, terms)))),
        asked,
        open.map(node -> Map.of(RetrievalNames.OPEN_EXTENSION, node)).orElse(Map.of()),
        new FakePull(transferOf(number)));
  }

  IncomingProposal proposal(long number, boolean paid, Optional<DealOpening> opening) {
    Terms terms = paid ? TERMS : Terms.FREE;
    Optional<Node> node = opening.map(DealOpening.CODEC::encode);
    return new IncomingProposal(
        request(number, PullRequest.PullKind.NEW, terms, Exclusions.NONE, node),
        id(number),
        number,
        paid,
        node);
  }

  // deals

  /** What a walk does at a block that is here: asks the gate, sends, and says so. */
  static BlockGate.GateDecision pass(ServedTransfer transfer, BlockVisit visit) {
    BlockGate.GateDecision decision = transfer.before(visit);
    if (decision instanceof BlockGate.GateDecision.Proceed) {
      transfer.after(visit);
    }
    return decision;
  }

  ServedTransfer serveFree(long number) {
    sales.put(
        id(number),
        ProviderState.SERVING,
        ProviderDeal.proposed(order(number, false), transferOf(number).transfer(), sales.now()));
    return begin(number, Optional.empty());
  }

  /** A paid deal on the lane of its own number, its account open, in that state. */
  DealAccount open(long number, ProviderState state) {
    return open(number, state, TERMS);
  }

  DealAccount open(long number, ProviderState state, Terms terms) {
    DealOpening opening = opening(number, number, terms);
    OpeningDecision decided =
        payments
            .payee()
            .open(
                new OpenRequest(
                    SaleContext.refOf(id(number)),
                    opening,
                    CLIENT,
                    sales.self(),
                    dag.root(),
                    TestDag.ALL));
    if (!(decided instanceof OpeningDecision.Admitted(var account))) {
      throw new AssertionError(decided);
    }
    sales.append(account);
    sales.put(
        id(number),
        ProviderState.NEW,
        ProviderDeal.proposed(order(number, true), transferOf(number).transfer(), sales.now()));
    LaneUse lane =
        new LaneUse(
            payee,
            channel,
            number,
            account.value().base(),
            account.value().payer(),
            IncomingProposal.hash(DealOpening.CODEC.encode(opening)));
    sales.send(
        id(number), ProviderEvent.OPENED, new ProviderInput.Opened(sales.now(), terms, lane));
    sales.put(id(number), state, sales.deal(id(number)));
    sales.events.clear();
    return account.value();
  }

  /** The same with a transfer under way. */
  ServedTransfer serve(long number, ProviderState state) {
    return begin(number, Optional.of(open(number, state)));
  }

  ServedTransfer begin(long number, Optional<DealAccount> account) {
    ServedTransfer transfer =
        new ServedTransfer(
            new ServedTransfer.ServedDeal(id(number), number, account.isEmpty(), 1 << 20),
            new ServedTransfer.TransferStart(Exclusions.NONE, 0, 0),
            new FakePull(transferOf(number)),
            account,
            owner);
    transfers.begin(transfer);
    return transfer;
  }

  static List<String> told(ServedTransfer transfer) {
    return ((FakePull) transfer.pull()).told;
  }

  /** The bytes are charged, in account and record. */
  void charge(long number, long bytes) {
    sales.account(id(number)).ifPresent(account -> account.charged(bytes));
    sales.send(id(number), ProviderEvent.PROGRESS, new ProviderInput.Sent(sales.now(), bytes));
    sales.events.clear();
  }

  /** A voucher is taken into the account; the deal does not know of it yet. */
  void payAccount(long number, long nonce, long amount) {
    VoucherDecision decision =
        payments.payee().receive(SaleContext.refOf(id(number)), payment(number, nonce, amount));
    sales.append(((VoucherDecision.Kept) decision).taken());
  }

  @Override
  public void close() throws IOException {
    ledger.close();
  }
}
