package io.sluice.node.provider;

import io.sluice.fsm.provider.ProviderState;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.voucher.OpenClaim;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.datatransfer.Pull;
import io.sluice.protocol.datatransfer.PullListener;
import io.sluice.protocol.datatransfer.PullSpec;
import io.sluice.protocol.datatransfer.TransferHandler;
import io.sluice.protocol.datatransfer.TransferRequest;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.GraphsyncConfig;
import io.sluice.protocol.graphsync.RequestResult;
import io.sluice.protocol.graphsync.RequestSpec;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.graphsync.VisitReport;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.DealProposal;
import io.sluice.protocol.retrieval.DealResponse;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.DealStatus;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.RetrievalNames;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A client that does what a test tells it, however wrong. It pays nothing by itself. */
final class Client {

  final Market market;
  final Host host;
  final SigningKey key;
  final DataTransfer transfers;
  final MemoryBlockStore store = new MemoryBlockStore();
  private final List<TransferResponse> strays = new CopyOnWriteArrayList<>();

  Client(Market market, String name, SigningKey key) throws IOException {
    this.market = market;
    this.host = market.network.host(name);
    this.key = key;
    this.transfers =
        DataTransfer.start(
            host,
            GraphsyncConfig.defaults(),
            new TransferHandler() {
              @Override
              public void onResponse(ChannelId channel, TransferResponse response) {
                strays.add(response);
              }
            });
  }

  /** A channel of its own to the provider. */
  Bytes32 channel(long deposit) throws IOException {
    return channel(deposit, market.payee.address(), 3600);
  }

  Bytes32 channel(long deposit, EvmAddress payee, long challenge) throws IOException {
    market.ledger.faucet(
        IntentId.random(market.random), EvmAddress.ZERO, key.address(), TokenAmount.of(deposit));
    byte[] salt = new byte[32];
    market.random.nextBytes(salt);
    Intent.Open open =
        new Intent.Open(
            IntentId.random(market.random),
            key.address(),
            payee,
            key.address(),
            EvmAddress.ZERO,
            challenge,
            Bytes32.of(salt),
            TokenAmount.of(deposit));
    submit(open);
    return open.channel(market.ledger.domain());
  }

  void topUp(Bytes32 channel, long amount) throws IOException {
    market.ledger.faucet(
        IntentId.random(market.random), EvmAddress.ZERO, key.address(), TokenAmount.of(amount));
    submit(
        new Intent.TopUp(
            IntentId.random(market.random), key.address(), channel, TokenAmount.of(amount)));
    market.payments.poll();
  }

  void settle(Bytes32 channel) throws IOException {
    submit(new Intent.Settle(IntentId.random(market.random), key.address(), channel));
    market.payments.poll();
  }

  private void submit(Intent intent) throws IOException {
    Outcome outcome = market.ledger.submit(intent);
    if (!(outcome instanceof Outcome.Included)) {
      throw new AssertionError(outcome);
    }
  }

  SignedVoucher voucher(Bytes32 channel, long lane, long nonce, long amount) {
    return key.sign(
        market.ledger.domain(), new Voucher(channel, lane, nonce, TokenAmount.of(amount)));
  }

  DealOpening opening(
      long number,
      Cid root,
      Bytes32 channel,
      long lane,
      Terms terms,
      Optional<SignedVoucher> best) {
    OpenClaim claim =
        OpenClaim.of(
            channel,
            lane,
            number,
            host.id(),
            market.host.id(),
            market.payee,
            root,
            TestDag.ALL,
            terms);
    return new DealOpening(
        number,
        terms,
        market.payee,
        channel,
        lane,
        best.map(voucher -> voucher.payment(number, 0, false)),
        key.sign(claim.digest(market.ledger.domain())));
  }

  /** A plan for a deal, to be changed before it is proposed. */
  Deal deal(long number, Bytes32 channel, long lane) {
    return new Deal(number, channel, lane);
  }

  /** One deal as this client sees it. */
  final class Deal implements PullListener {
    final long number;
    final Bytes32 channel;
    final long lane;
    Cid root = market.dag.root();
    Terms terms = Market.TERMS;
    Optional<SignedVoucher> best = Optional.empty();
    Optional<DealOpening> opening = Optional.empty();
    boolean withOpening = true;
    Exclusions leftOut = Exclusions.NONE;
    long transfer;
    MemoryBlockStore into = store;
    volatile long charged;
    volatile long received;
    volatile long visits;
    volatile Pull pull;
    volatile RequestResult result;
    final List<TransferResponse> heard = new CopyOnWriteArrayList<>();

    Deal(long number, Bytes32 channel, long lane) {
      this.number = number;
      this.channel = channel;
      this.lane = lane;
      this.transfer = 1000 + number;
    }

    DealOpening opening() {
      return opening.orElseGet(() -> Client.this.opening(number, root, channel, lane, terms, best));
    }

    Deal propose() {
      return request(false, leftOut);
    }

    Deal restart(long position) {
      return restart(new Exclusions(position, leftOut.doNotSend()));
    }

    Deal restart(Exclusions wire) {
      result = null;
      heard.clear();
      return request(true, wire);
    }

    private Deal request(boolean restart, Exclusions wire) {
      DealProposal proposal = DealProposal.of(root, number, TestDag.ALL, terms);
      Map<String, Node> carried =
          withOpening && !terms.isFree()
              ? Map.of(RetrievalNames.OPEN_EXTENSION, DealOpening.CODEC.encode(opening()))
              : Map.of();
      pull =
          transfers.open(
              new PullSpec(
                  market.host.id(),
                  transfer,
                  restart,
                  new TypedVoucher(RetrievalNames.PROPOSAL, DealProposal.CODEC.encode(proposal)),
                  RequestSpec.of(root, TestDag.ALL)
                      .with(carried)
                      .leavingOut(wire)
                      .charging(leftOut)
                      .always()),
              into,
              this);
      return this;
    }

    /** Gives an opening as a voucher of its own. */
    void open(DealOpening late) {
      pull.sendVoucher(new TypedVoucher(RetrievalNames.OPEN, DealOpening.CODEC.encode(late)))
          .join();
    }

    /** Pays so much in all on the deal's own lane. */
    SignedVoucher pay(long nonce, long amount) {
      SignedVoucher voucher = voucher(channel, lane, nonce, amount);
      pay(voucher);
      return voucher;
    }

    void pay(SignedVoucher voucher) {
      pay(voucher.payment(number, charged, false));
    }

    void pay(Payment payment) {
      transfers
          .send(
              market.host.id(),
              List.of(),
              TransferRequest.voucher(
                  transfer,
                  new TypedVoucher(RetrievalNames.PAYMENT, Payment.CODEC.encode(payment))))
          .join();
    }

    void cancel() {
      pull.cancel().join();
    }

    /**
     * The bytes that came over the wire; waits until the provider stops sending for want of money.
     */
    long awaitClosedGate() {
      Market.until(
          () ->
              market
                  .deal(Client.this, number)
                  .filter(deal -> deal.state() == ProviderState.FUNDS_NEEDED)
                  .filter(deal -> deal.data().charged() == charged)
                  .isPresent(),
          () -> charged + " have come of " + market.deal(Client.this, number));
      return received;
    }

    Optional<DealResult> result(String code) {
      return heard.stream()
          .flatMap(answer -> answer.result().stream())
          .filter(typed -> typed.type().equals(RetrievalNames.RESULT))
          .map(typed -> DealResult.CODEC.decode(typed.value()))
          .filter(result -> result.code().name().equals(code))
          .findFirst();
    }

    DealResult awaitResult(String code) {
      Market.until(() -> result(code).isPresent(), () -> code + " was not said: " + heard);
      return result(code).orElseThrow();
    }

    DealResponse awaitResponse(DealStatus status) {
      Market.until(() -> response(status).isPresent(), () -> status + " was not said: " + heard);
      return response(status).orElseThrow();
    }

    Optional<DealResponse> response(DealStatus status) {
      return heard.stream()
          .flatMap(answer -> answer.result().stream())
          .filter(typed -> typed.type().equals(RetrievalNames.RESPONSE))
          .map(typed -> DealResponse.CODEC.decode(typed.value()))
          .filter(response -> response.is(status))
          .findFirst();
    }

    /** The code of the refusal, in whichever words; it is counted, and has an exit code. */
    String awaitRefusal() {
      Market.until(() -> refusal().isPresent(), () -> "no refusal: " + heard);
      String code = refusal().orElseThrow();
      market.assertKnown(code);
      return code;
    }

    private Optional<String> refusal() {
      return heard.stream()
          .filter(answer -> answer.isVoucherResult() && !answer.accepted())
          .flatMap(answer -> answer.result().stream())
          .map(Deal::code)
          .findFirst();
    }

    private static String code(TypedVoucher refusal) {
      if (refusal.type().equals(RetrievalNames.RESULT)) {
        return DealResult.CODEC.decode(refusal.value()).code().name();
      }
      String message = DealResponse.CODEC.decode(refusal.value()).message();
      return message.substring(0, message.indexOf(':'));
    }

    RequestResult awaitEnd() {
      Market.until(() -> result != null, () -> "the request has not ended: " + heard);
      return result;
    }

    @Override
    public void onVisit(VisitReport visit) {
      charged = visit.charged();
      long before = received; // written by the walk alone
      received = before + visit.wireBytes();
      visits = Math.max(visits, visit.number());
    }

    @Override
    public void onEnd(RequestResult end) {
      result = end;
    }

    @Override
    public void onTransfer(TransferResponse response) {
      heard.add(response);
    }
  }
}
