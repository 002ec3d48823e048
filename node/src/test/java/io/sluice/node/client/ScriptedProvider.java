package io.sluice.node.client;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.datatransfer.MessageType;
import io.sluice.protocol.datatransfer.TransferCodec;
import io.sluice.protocol.datatransfer.TransferExtensions;
import io.sluice.protocol.datatransfer.TransferRequest;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.ScriptedPeer;
import io.sluice.protocol.graphsync.wire.Extensions;
import io.sluice.protocol.graphsync.wire.GraphsyncMessage;
import io.sluice.protocol.graphsync.wire.GsBlock;
import io.sluice.protocol.graphsync.wire.GsRequest;
import io.sluice.protocol.graphsync.wire.GsResponse;
import io.sluice.protocol.graphsync.wire.LinkAction;
import io.sluice.protocol.graphsync.wire.LinkMeta;
import io.sluice.protocol.graphsync.wire.RequestKind;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.LoadResult;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.ipld.Walk;
import io.sluice.protocol.ipld.WalkBudget;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.multiformats.Varint;
import io.sluice.protocol.retrieval.AskAnswer;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.DealProposal;
import io.sluice.protocol.retrieval.DealResponse;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.DealStatus;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.RetrievalNames;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A provider that does what a test tells it, however wrong, with the messages of the real wire. The
 * script runs anew for every request that comes: a client that tries again meets the same.
 */
final class ScriptedProvider implements AutoCloseable {
  private static final String DATA_TRANSFER = "/fil/datatransfer/1.2.0";

  final Host host;
  final List<Block> walk = new ArrayList<>();
  private final PeerId client;
  private final ScriptedPeer graphsync;
  private final List<Payment> payments = new CopyOnWriteArrayList<>();
  private final List<DealOpening> openings = new CopyOnWriteArrayList<>();
  private volatile @Nullable AskAnswer quote;
  private volatile Script script = deal -> {};
  private volatile boolean answersLast = true;
  private final CompletableFuture<Void> over = new CompletableFuture<>();

  /** What to do with one request. */
  interface Script {
    void run(Deal deal) throws IOException;
  }

  /** A provider of that content at that host. */
  ScriptedProvider(Host host, PeerId client, BlockStore content, Cid root) {
    this.host = host;
    this.client = client;
    this.graphsync = new ScriptedPeer(host);
    host.handle(DATA_TRANSFER, this::hearTransfer);
    host.handle(RetrievalNames.ASK_PROTOCOL, this::answerAsk);
    try {
      Walk.run(
          root,
          Selectors.exploreAll(),
          visit -> {
            Block block = content.get(visit.cid()).orElseThrow();
            walk.add(block);
            return new LoadResult.Loaded(block.data());
          },
          WalkBudget.DEFAULT);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
    var unused = Thread.ofVirtual().name("scripted provider").start(this::serve);
  }

  /** What it says to those who ask. */
  ScriptedProvider quotes(AskAnswer answer) {
    quote = answer;
    return this;
  }

  /** What it does with a request. */
  ScriptedProvider plays(Script next) {
    script = next;
    return this;
  }

  /** From now on it says nothing to last vouchers. */
  void leavesLastVouchersUnanswered() {
    answersLast = false;
  }

  /** Bytes of the distinct blocks among the first so many visits. */
  long bytes(int visits) {
    Set<Cid> seen = new LinkedHashSet<>();
    return walk.subList(0, visits).stream()
        .filter(block -> seen.add(block.cid()))
        .mapToLong(Block::size)
        .sum();
  }

  /** What it could cash in: the highest voucher it was given on a lane, zero without one. */
  TokenAmount holds(long lane) {
    return payments.stream()
        .filter(payment -> payment.lane() == lane)
        .map(Payment::amount)
        .reduce(TokenAmount.ZERO, TokenAmount::max);
  }

  List<Payment> payments() {
    return payments;
  }

  List<DealOpening> openings() {
    return openings;
  }

  /** Lets go of who waits for an answer. */
  @Override
  public void close() {
    over.complete(null);
  }

  // ---- what comes

  private void serve() {
    try {
      while (true) {
        for (GsRequest request : graphsync.hear().requests()) {
          if (request.kind() == RequestKind.NEW) {
            Deal deal = new Deal(request);
            Thread.ofVirtual().start(() -> play(deal));
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void play(Deal deal) {
    try {
      script.run(deal);
    } catch (IOException e) {
      // the client went away; what the test asserts shows whether it should have
    }
  }

  private void answerAsk(Stream stream) throws IOException {
    ByteBuffer scratch = ByteBuffer.allocate(1024);
    while (stream.read(scratch) >= 0) {
      scratch.clear();
    }
    AskAnswer answer = quote;
    if (answer == null) {
      over.join(); // an end of the stream would be an answer, too
      return;
    }
    byte[] body = DagCbor.encode(AskAnswer.CODEC.encode(answer));
    stream.write(ByteBuffer.wrap(Varint.encode(body.length)), ByteBuffer.wrap(body));
  }

  private void hearTransfer(Stream stream) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer part = ByteBuffer.allocate(4096);
    while (stream.read(part) >= 0) {
      all.write(part.array(), 0, part.position());
      part.clear();
    }
    if (!(TransferCodec.decode(ByteBuffer.wrap(all.toByteArray()))
        instanceof TransferRequest request)) {
      throw new ProtocolException("TEST", "a client that responds");
    }
    Optional<TypedVoucher> voucher = request.voucher();
    boolean last = request.type() == MessageType.CANCEL;
    if (request.type() == MessageType.VOUCHER
        && voucher.isPresent()
        && voucher.get().type().equals(RetrievalNames.PAYMENT)) {
      Payment payment = Payment.CODEC.decode(voucher.get().value());
      payments.add(payment);
      last = payment.last();
    }
    if (last && answersLast) {
      takeLast(request.transfer());
    }
  }

  /** Says that it has all it wants. */
  void takeLast(long transfer) throws IOException {
    tell(TransferResponse.complete(transfer, true, false, Optional.empty()));
  }

  private void tell(TransferResponse response) throws IOException {
    try (Stream stream = host.open(client, List.of(), List.of(DATA_TRANSFER))) {
      stream.write(ByteBuffer.wrap(TransferCodec.encode(response)));
    }
  }

  /** One request, and what can be said to it. */
  final class Deal {
    private final GsRequest request;
    final TransferRequest transfer;
    final long number;
    final Optional<DealOpening> open;
    private final long skip;

    private Deal(GsRequest request) {
      this.request = request;
      this.transfer = (TransferRequest) TransferExtensions.read(request.extensions()).getFirst();
      this.number = DealProposal.CODEC.decode(transfer.voucher().orElseThrow().value()).id();
      this.open =
          Optional.ofNullable(request.extensions().get(RetrievalNames.OPEN_EXTENSION))
              .map(DealOpening.CODEC::decode);
      Node first = request.extensions().get(Extensions.DO_NOT_SEND_FIRST_BLOCKS);
      this.skip = first == null ? 0 : first.asLong();
      open.ifPresent(openings::add);
    }

    boolean isRestart() {
      return transfer.type() == MessageType.RESTART;
    }

    /** Accepts it. */
    void accept() throws IOException {
      answer(true, ResponseStatus.PARTIAL, DealResponse.of(DealStatus.ACCEPTED, number, ""));
    }

    /** Refuses it, as a provider does that has read the opening. */
    void refuse(DealResult because) throws IOException {
      result(false, because);
      answer(
          false,
          ResponseStatus.FAILED,
          DealResponse.of(
              DealStatus.REJECTED, number, because.code() + ": " + because.message().orElse("no")));
    }

    private void answer(boolean yes, ResponseStatus status, DealResponse response)
        throws IOException {
      carry(
          status,
          TransferExtensions.answering(
              TransferResponse.answer(
                  isRestart(),
                  transfer.transfer(),
                  yes,
                  false,
                  Optional.of(
                      new TypedVoucher(
                          RetrievalNames.RESPONSE, DealResponse.CODEC.encode(response))))));
    }

    /** Sends visits of the walk, those that the client has without their bytes. */
    void send(int from, int to) throws IOException {
      for (int at = from; at < to; at++) {
        Block block = walk.get(at);
        if (at < skip) {
          blocks(ResponseStatus.PARTIAL, block.cid());
        } else {
          blocks(ResponseStatus.PARTIAL, block.cid(), block);
        }
      }
    }

    /** One visit, and blocks beside it. */
    void blocks(ResponseStatus status, Cid link, Block... blocks) throws IOException {
      say(status, List.of(new LinkMeta(link, LinkAction.PRESENT)), Map.of(), blocks);
    }

    void carry(ResponseStatus status, Map<String, Node> extensions) throws IOException {
      say(status, List.of(), extensions);
    }

    private void say(
        ResponseStatus status, List<LinkMeta> links, Map<String, Node> extensions, Block... blocks)
        throws IOException {
      List<GsBlock> bodies = new ArrayList<>();
      for (Block block : blocks) {
        bodies.add(GsBlock.of(block.cid(), block.data()));
      }
      graphsync.say(
          client,
          new GraphsyncMessage(
              List.of(), List.of(new GsResponse(request.id(), status, links, extensions)), bodies));
    }

    /** Ends the answer. */
    void end(ResponseStatus status) throws IOException {
      carry(status, Map.of());
    }

    /** Wants money for so many bytes. */
    void demand(TokenAmount owed, long bytes) throws IOException {
      result(true, DealResult.of(number, DealCode.FUNDS_NEEDED).owing(owed, bytes));
    }

    /** Says something of the deal beside GraphSync. */
    void result(boolean accepted, DealResult result) throws IOException {
      tell(
          TransferResponse.voucherResult(
              transfer.transfer(),
              accepted,
              true,
              Optional.of(
                  new TypedVoucher(RetrievalNames.RESULT, DealResult.CODEC.encode(result)))));
    }

    /** Says that all is sent, and if nothing is owed, that all is done. */
    void complete(boolean owing) throws IOException {
      tell(TransferResponse.complete(transfer.transfer(), true, owing, Optional.empty()));
    }

    /** Calls it off. */
    void cancel() throws IOException {
      tell(TransferResponse.cancel(transfer.transfer()));
    }

    /** Waits until the deal's lane has paid so much in all, or the test is over. */
    void awaitPaid(TokenAmount amount) {
      while (amount.exceeds(holds(open.orElseThrow().lane())) && !over.isDone()) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
      }
    }

    /** Whether the test goes on; for scripts that talk for ever. */
    boolean goesOn() {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      return !over.isDone();
    }

    /** Sells it as it should be, in pieces of two windows. */
    void sell() throws IOException {
      accept();
      sellFrom(0);
    }

    /** Sells the visits from there on. */
    void sellFrom(int first) throws IOException {
      TokenAmount base =
          open.flatMap(DealOpening::best).map(Payment::amount).orElse(TokenAmount.ZERO);
      var terms = open.orElseThrow().terms();
      int piece = 4;
      for (int at = first; at < walk.size(); at += piece) {
        int to = Math.min(at + piece, walk.size());
        send(at, to);
        demand(terms.due(bytes(to)), bytes(to));
        awaitPaid(base.plus(terms.due(bytes(to))));
      }
      end(ResponseStatus.COMPLETED);
      complete(false);
    }
  }
}
