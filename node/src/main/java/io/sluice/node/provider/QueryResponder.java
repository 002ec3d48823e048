package io.sluice.node.provider;

import io.sluice.node.pricing.Catalogue.Listing;
import io.sluice.node.pricing.PriceTag;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.LengthPrefixed;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.AskAnswer;
import io.sluice.protocol.retrieval.AskRequest;
import io.sluice.protocol.retrieval.Availability;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Offer;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Query;
import io.sluice.protocol.retrieval.QueryResponse;
import io.sluice.protocol.retrieval.RetrievalNames;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import io.sluice.protocol.retrieval.Transports;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Answers what clients want to know before a deal: what content costs here, in our own words and in
 * Filecoin's, and by which transports it can be had.
 */
final class QueryResponder {
  private static final int MAX_QUERY = 64 << 10;
  private static final Duration IDLE = Duration.ofSeconds(10);
  private static final Node EVERYTHING = Selectors.exploreAll().node();

  private final Stock stock;
  private final List<Payee> payees;
  private final RateLimiter rate;
  private final ProviderMetrics metrics;
  private final Predicate<PeerId> denied;

  QueryResponder(
      Stock stock,
      List<Payee> payees,
      ProviderLimits limits,
      ProviderMetrics metrics,
      Clock clock,
      Predicate<PeerId> denied) {
    this.stock = stock;
    this.payees = List.copyOf(payees);
    this.rate = new RateLimiter(limits.rates().queries(), limits.rates().queries(), clock);
    this.metrics = metrics;
    this.denied = denied;
  }

  void serve(Host host) {
    host.handle(RetrievalNames.ASK_PROTOCOL, this::ask);
    host.handle(RetrievalNames.QUERY_PROTOCOL, this::query);
    host.handle(RetrievalNames.TRANSPORTS_PROTOCOL, stream -> transports(host, stream));
  }

  /** A peer has paid for what it asked about: such questions are not counted. */
  void paidBy(PeerId peer) {
    rate.giveBack(peer);
  }

  private void ask(Stream stream) throws IOException {
    stream.timeout(IDLE);
    AskAnswer answer =
        limited(
            stream,
            () ->
                answer(
                    AskRequest.CODEC.decode(
                        DagCbor.decode(LengthPrefixed.read(stream, MAX_QUERY), Limits.MESSAGE))),
            why -> AskAnswer.no(Availability.ERROR, why));
    byte[] message = DagCbor.encode(AskAnswer.CODEC.encode(answer));
    LengthPrefixed.write(stream, message);
    stream.close();
    metrics.asked("ask");
  }

  /** An answer to whatever was asked. */
  @FunctionalInterface
  private interface Answering<T> {
    T answer() throws IOException;
  }

  /** Answers, unless the peer asks too often or what it asks cannot be read. */
  private <T> T limited(Stream stream, Answering<T> answering, Function<String, T> no)
      throws IOException {
    if (denied.test(stream.remotePeer())) {
      metrics.refused(DealCode.PEER_BLOCKED);
      return no.apply("PEER_BLOCKED: this node does not serve you");
    }
    Duration wait = rate.take(stream.remotePeer());
    if (!wait.isZero()) {
      metrics.refused(DealCode.RATE_LIMITED);
      return no.apply("RATE_LIMITED: ask again in " + wait.toSeconds() + " s");
    }
    try {
      return answering.answer();
    } catch (ProtocolException e) {
      return no.apply(e.code() + ": " + e.getMessage());
    }
  }

  AskAnswer answer(AskRequest request) throws IOException {
    Quote quote = quote(request.root(), request.selector());
    if (quote.refusal().isPresent()) {
      return AskAnswer.no(Availability.UNAVAILABLE, quote.refusal().get());
    }
    List<Offer> offers = offers(quote.tag());
    if (offers.isEmpty() && !quote.tag().isFree()) {
      return AskAnswer.no(Availability.ERROR, "NO_COMMON_PAYMENT: this node cannot be paid yet");
    }
    return new AskAnswer(
        Availability.AVAILABLE,
        "",
        quote.size().map(Listing::size),
        quote.size().map(Listing::blocks),
        offers);
  }

  /** The ways to pay, best first; none for what is given away. */
  private List<Offer> offers(PriceTag tag) {
    return tag.isFree()
        ? List.of()
        : payees.stream()
            .flatMap(payee -> tag.in(payee.token()).map(of -> new Offer(of, payee)).stream())
            .toList();
  }

  /**
   * What both protocols answer from.
   *
   * @param refusal why it cannot be had; then the rest means nothing
   * @param size what a deal for it would be charged for, where known
   */
  private record Quote(Optional<String> refusal, PriceTag tag, Optional<Listing> size) {
    private static final PriceTag NONE = PriceTag.of(EvmAddress.ZERO, Terms.FREE);

    static Quote no(ProposalRefusal why) {
      return new Quote(Optional.of(why.line()), NONE, Optional.empty());
    }
  }

  private Quote quote(Cid root, Optional<Node> selector) throws IOException {
    Optional<ProposalRefusal> notHere = stock.whyNotHere(root);
    if (notHere.isPresent()) {
      return Quote.no(notHere.get());
    }
    Optional<PriceTag> tag = stock.prices().quote(root);
    if (tag.isEmpty()) {
      return Quote.no(stock.notOffered(root));
    }
    Node wanted = selector.orElse(EVERYTHING);
    // Of what was imported the size is known, however much it is.
    Optional<Listing> listed =
        wanted.equals(EVERYTHING) ? stock.prices().listing(root) : Optional.empty();
    if (listed.isPresent()) {
      return new Quote(Optional.empty(), tag.get(), listed);
    }
    SelectionSizes.Selection selection = stock.sizes().of(root, wanted);
    if (!selection.complete()) {
      return Quote.no(Stock.notThere("some of what that selects is not here"));
    }
    return selection
        .absent()
        .map(where -> Quote.no(Stock.notThere(where)))
        .orElseGet(() -> new Quote(Optional.empty(), tag.get(), selection.size()));
  }

  private void query(Stream stream) throws IOException {
    stream.timeout(IDLE);
    QueryResponse response =
        limited(
            stream,
            () -> response(Query.CODEC.decode(unframed(stream))),
            why -> no(Availability.ERROR, why));
    // Filecoin's own encoders write the fields as declared, and some readers expect that.
    stream.write(ByteBuffer.wrap(DagCbor.encodeInOrder(QueryResponse.CODEC.encode(response))));
    stream.close();
    metrics.asked("query");
  }

  QueryResponse response(Query query) throws IOException {
    Quote quote = quote(query.payload(), query.selector());
    if (quote.refusal().isPresent()) {
      return no(Availability.UNAVAILABLE, quote.refusal().get());
    }
    boolean free = quote.tag().isFree();
    // Its prices name no token; the answer says where to ask for one that does.
    Terms terms =
        offers(quote.tag()).stream()
            .map(Offer::terms)
            .findFirst()
            .orElseGet(() -> quote.tag().byToken().values().iterator().next());
    return new QueryResponse(
        Availability.AVAILABLE,
        quote.size().map(Listing::size).orElse(0L),
        terms.pricePerByteRoundedUp(),
        terms.fee(),
        free ? 0 : terms.interval(),
        free ? 0 : terms.intervalIncrease(),
        free ? "" : "exact terms and payee: ask on " + RetrievalNames.ASK_PROTOCOL);
  }

  private static QueryResponse no(Availability status, String message) {
    return new QueryResponse(status, 0, TokenAmount.ZERO, TokenAmount.ZERO, 0, 0, message);
  }

  private void transports(Host host, Stream stream) throws IOException {
    stream.timeout(IDLE);
    stream.write(
        ByteBuffer.wrap(
            DagCbor.encodeInOrder(Transports.CODEC.encode(Transports.libp2p(host.addresses())))));
    stream.close();
    metrics.asked("transports");
  }

  /**
   * One item without a length: some askers keep their side open, so its own end has to be found.
   */
  private static Node unframed(Stream stream) throws IOException {
    ByteBuffer read = ByteBuffer.allocate(4096);
    while (true) {
      int count = stream.read(read);
      try {
        return DagCbor.decodePrefix(read.duplicate().flip(), Limits.MESSAGE);
      } catch (ProtocolException e) {
        if (count < 0 || !e.code().equals(ProtocolException.DECODE_TRUNCATED)) {
          throw e;
        }
        if (!read.hasRemaining()) {
          throw tooLong(read.capacity());
        }
      }
    }
  }

  private static ProtocolException tooLong(int most) {
    return new ProtocolException(ProtocolException.MESSAGE_TOO_LARGE, "query longer than " + most);
  }
}
