package io.sluice.cli.bench;

import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.ledger.embedded.EmbeddedLedger;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.OpenClaim;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.datatransfer.Pull;
import io.sluice.protocol.datatransfer.PullListener;
import io.sluice.protocol.datatransfer.PullSpec;
import io.sluice.protocol.datatransfer.TransferHandler;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.GraphsyncConfig;
import io.sluice.protocol.graphsync.RequestResult;
import io.sluice.protocol.graphsync.RequestSpec;
import io.sluice.protocol.graphsync.VisitReport;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.HostConfig;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.libp2p.Libp2pHost;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.Multihash;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.DealProposal;
import io.sluice.protocol.retrieval.Offer;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.RetrievalNames;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A client that uses up its window and then pays for one block at a time. Host, channel and lane
 * are its own; its books are in memory, so that what is timed is the provider's disk and not its
 * own.
 */
final class PayingClient implements PullListener, AutoCloseable {
  private static final long NUMBER = 1; // of its deal, its transfer and its lane: it has one each
  private static final Node SELECTOR = Selectors.exploreAll().node();
  private static final TokenAmount DEPOSIT = TokenAmount.parse("1000000000000");

  /** What is bought, where, and how it is to be paid. */
  record Purchase(PeerId provider, List<Multiaddr> addresses, Cid root, Offer offer) {}

  private final Purchase purchase;
  private final Domain domain;
  private final SigningKey key;
  private final Bytes32 channel;
  private final Host host;
  private final DataTransfer transfers;
  private final CompletableFuture<Pull> pull = new CompletableFuture<>();
  private final CompletableFuture<TokenAmount> end = new CompletableFuture<>();
  private final AnsweredVouchers answered = new AnsweredVouchers();
  private final AnsweredVouchers answeredAtPace = new AnsweredVouchers();

  private volatile Optional<Pace> pace = Optional.empty();
  private volatile boolean stopping;

  // Of the walk's thread alone.
  private long nonce;
  private long wanted;
  private OptionalLong due = OptionalLong.empty();
  private TokenAmount signed = TokenAmount.ZERO;

  /**
   * Vouchers at a pace of their own, however long their answers take.
   *
   * @param first when the first is due, by {@link Ticker#SYSTEM}
   * @param every how many nanoseconds later each other is
   */
  record Pace(long first, long every) {}

  /** A client with a channel to the provider, and a connection. */
  PayingClient(Purchase purchase, EmbeddedLedger ledger, SecureRandom random) throws IOException {
    this.purchase = purchase;
    this.domain = ledger.domain();
    this.key = SigningKey.generate(random);
    this.channel = opened(ledger, random);
    this.host = Libp2pHost.start(HostConfig.of(Identity.generate(random)));
    this.transfers = DataTransfer.start(host, GraphsyncConfig.defaults(), TransferHandler.NONE);
    try {
      host.connect(purchase.provider(), purchase.addresses());
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private Bytes32 opened(EmbeddedLedger ledger, SecureRandom random) throws IOException {
    Payee payee = purchase.offer().payee();
    TokenAmount deposit = payee.minDeposit().max(DEPOSIT);
    ledger.faucet(IntentId.random(random), payee.token(), key.address(), deposit);
    byte[] salt = new byte[Bytes32.LENGTH];
    random.nextBytes(salt);
    Intent.Open open =
        new Intent.Open(
            IntentId.random(random),
            key.address(),
            payee.address(),
            key.address(),
            payee.token(),
            Math.max(1, payee.minChallenge()),
            Bytes32.of(salt),
            deposit);
    Outcome outcome = ledger.submit(open);
    if (!(outcome instanceof Outcome.Included)) {
      throw new IOException("the ledger opens no channel: " + outcome);
    }
    return open.channel(domain);
  }

  /** Proposes the deal; from then on it pays for what comes. */
  void begin() {
    DealProposal proposal =
        DealProposal.of(purchase.root(), NUMBER, SELECTOR, purchase.offer().terms());
    pull.complete(
        transfers.open(
            new PullSpec(
                purchase.provider(),
                NUMBER,
                false,
                new TypedVoucher(RetrievalNames.PROPOSAL, DealProposal.CODEC.encode(proposal)),
                RequestSpec.of(purchase.root(), SELECTOR)
                    .at(purchase.addresses())
                    .with(
                        Map.of(RetrievalNames.OPEN_EXTENSION, DealOpening.CODEC.encode(opening())))
                    .leavingOut(Exclusions.NONE)
                    .charging(Exclusions.NONE)),
            new KeptBlocks(),
            this));
  }

  private DealOpening opening() {
    Offer offer = purchase.offer();
    OpenClaim claim =
        OpenClaim.of(
            channel,
            NUMBER,
            NUMBER,
            host.id(),
            purchase.provider(),
            offer.payee(),
            purchase.root(),
            SELECTOR,
            offer.terms());
    return new DealOpening(
        NUMBER,
        offer.terms(),
        offer.payee(),
        channel,
        NUMBER,
        Optional.empty(),
        key.sign(claim.digest(domain)));
  }

  /**
   * The first window comes unpaid. From then on the gate is closed behind each block until there is
   * a voucher for one block more: when that comes, the voucher is durable.
   */
  @Override
  public void onVisit(VisitReport visit) {
    long now = Ticker.SYSTEM.nanos();
    if (nonce > 0) {
      (due.isPresent() ? answeredAtPace : answered).note(wanted, now);
    }
    if (stopping) {
      end.complete(signed);
      return;
    }
    Terms terms = purchase.offer().terms();
    long behind = visit.charged() - terms.interval();
    if (behind < 0) {
      return;
    }
    pace.ifPresent(this::awaitNext);
    wanted = due.orElse(now);
    signed = terms.due(behind + 1);
    Payment payment =
        key.sign(domain, new Voucher(channel, NUMBER, ++nonce, signed))
            .payment(NUMBER, visit.charged(), false);
    var unused =
        pull.join()
            .sendVoucher(new TypedVoucher(RetrievalNames.PAYMENT, Payment.CODEC.encode(payment)))
            .whenComplete(
                (sent, failure) -> {
                  if (failure != null) {
                    end.completeExceptionally(failure);
                  }
                });
  }

  /** One that is late already counts from when it was due: who falls behind has to see it. */
  private void awaitNext(Pace pace) {
    long next = due.isPresent() ? due.getAsLong() + pace.every() : pace.first();
    due = OptionalLong.of(next);
    for (long left = next - Ticker.SYSTEM.nanos(); left > 0; left = next - Ticker.SYSTEM.nanos()) {
      LockSupport.parkNanos(left);
    }
  }

  @Override
  public void onTransfer(TransferResponse response) {
    if (response.isVoucherResult() && !response.accepted()) {
      end.completeExceptionally(new IOException("the provider refuses: " + response));
    }
  }

  @Override
  public void onEnd(RequestResult result) {
    end.completeExceptionally(new IOException("the content has come to its end: " + result));
  }

  /** From now on it pays at that pace. */
  void keep(Pace pace) {
    this.pace = Optional.of(pace);
  }

  /** From now on it pays for nothing more. */
  void stop() {
    stopping = true;
  }

  /** What it has signed in all, when the answer to its last voucher is there. */
  CompletableFuture<TokenAmount> ended() {
    return end;
  }

  /** Each wanted as soon as the one before was answered. To be asked when it has ended. */
  AnsweredVouchers answered() {
    return answered;
  }

  /** Those that were wanted at a pace. To be asked when it has ended. */
  AnsweredVouchers answeredAtPace() {
    return answeredAtPace;
  }

  @Override
  public void close() {
    if (pull.isDone()) {
      pull.join().close();
    }
    // In this order: streams that are still read from would find nobody to read for.
    host.close();
    transfers.close();
  }

  /** When vouchers were wanted and when each was answered, noted by the one thread that waits. */
  static final class AnsweredVouchers {
    private record Answered(long wantedNanos, long answeredNanos) {}

    private final List<Answered> answered = new ArrayList<>();
    private final AtomicInteger count = new AtomicInteger();

    void note(long wantedNanos, long answeredNanos) {
      answered.add(new Answered(wantedNanos, answeredNanos));
      count.incrementAndGet();
    }

    /** How many until now; from any thread. */
    int count() {
      return count.get();
    }

    /**
     * Those of all clients in the order in which they were wanted; asked for when all have ended.
     */
    static DealTimes together(Collection<AnsweredVouchers> clients) {
      List<Answered> all =
          clients.stream()
              .flatMap(client -> client.answered.stream())
              .sorted(Comparator.comparingLong(Answered::wantedNanos))
              .toList();
      DealTimes times = new DealTimes(all.size());
      for (int i = 0; i < all.size(); i++) {
        times.note(i, all.get(i).wantedNanos(), all.get(i).answeredNanos());
      }
      return times;
    }
  }

  /** What a client of a measurement got: in memory, since its disk is not what is measured. */
  private static final class KeptBlocks implements BlockStore {
    private final Map<Multihash, Block> blocks = new ConcurrentHashMap<>();

    @Override
    public boolean has(Cid cid) {
      return blocks.containsKey(cid.hash());
    }

    @Override
    public OptionalInt size(Cid cid) {
      Block block = blocks.get(cid.hash());
      return block == null ? OptionalInt.empty() : OptionalInt.of(block.size());
    }

    @Override
    public Optional<Block> get(Cid cid) {
      return Optional.ofNullable(blocks.get(cid.hash()));
    }

    @Override
    public void put(Block block) {
      blocks.put(block.cid().hash(), block);
    }

    @Override
    public void sync() {}
  }
}
