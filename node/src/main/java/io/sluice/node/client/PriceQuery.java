package io.sluice.node.client;

import io.sluice.node.api.ServiceException;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.LengthPrefixed;
import io.sluice.protocol.libp2p.PeerMismatchException;
import io.sluice.protocol.libp2p.ProtocolNotSupportedException;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.libp2p.TimedOutException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.multiformats.Varint;
import io.sluice.protocol.retrieval.AskAnswer;
import io.sluice.protocol.retrieval.AskRequest;
import io.sluice.protocol.retrieval.Availability;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.Query;
import io.sluice.protocol.retrieval.QueryResponse;
import io.sluice.protocol.retrieval.RetrievalNames;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Asks providers what content costs: by our own ask protocol, else by Filecoin's query; a provider
 * that speaks neither is taken to be free and will say so itself.
 */
public final class PriceQuery {
  private static final int MAX_ANSWER = 1 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Host host;
  private final Duration patience;

  /** Asks over this host. */
  public PriceQuery(Host host) {
    this(host, PATIENCE);
  }

  PriceQuery(Host host, Duration patience) {
    this.host = host;
    this.patience = patience;
  }

  /** The exact terms for some content at a provider. Blocks. */
  public QuotedPrice ask(
      PeerId provider, List<Multiaddr> addresses, Cid root, Optional<Node> selector)
      throws ServiceException {
    // A provider that speaks neither protocol is asked for free.
    return askOnce(provider, addresses, root, selector)
        .orElseGet(() -> new QuotedPrice(Availability.AVAILABLE, Optional.empty(), List.of(), ""));
  }

  /** Empty if the provider speaks neither protocol. */
  private Optional<QuotedPrice> askOnce(
      PeerId provider, List<Multiaddr> addresses, Cid root, Optional<Node> selector)
      throws ServiceException {
    try (Stream stream =
        host.open(
            provider,
            addresses,
            List.of(RetrievalNames.ASK_PROTOCOL, RetrievalNames.QUERY_PROTOCOL))) {
      stream.timeout(patience);
      return Optional.of(
          stream.protocol().equals(RetrievalNames.ASK_PROTOCOL)
              ? ask(stream, new AskRequest(root, selector))
              : query(stream, root, selector));
    } catch (ProtocolNotSupportedException e) {
      return Optional.empty();
    } catch (ProtocolException e) {
      throw new ServiceException(
          DealCode.VERIFICATION_FAILED, "the provider's answer is malformed: " + e.getMessage(), e);
    } catch (IOException e) {
      throw unreachable(provider, e);
    }
  }

  /** What a failure to reach a peer is called. */
  public static ServiceException unreachable(PeerId peer, IOException e) {
    DealCode code =
        switch (e) {
          case PeerMismatchException mismatch -> DealCode.WRONG_PEER;
          case TimedOutException timedOut -> DealCode.TIMEOUT;
          default -> DealCode.UNREACHABLE;
        };
    return new ServiceException(code, "cannot reach " + peer + ": " + e.getMessage(), e);
  }

  private static QuotedPrice ask(Stream stream, AskRequest request) throws IOException {
    LengthPrefixed.write(stream, DagCbor.encode(AskRequest.CODEC.encode(request)));
    stream.closeWrite();
    ByteBuffer all = readAll(stream);
    long length = Varint.read(all);
    if (length != all.remaining()) {
      throw new ProtocolException(
          ProtocolException.DECODE_TRUNCATED,
          "an answer of " + length + " bytes is announced, " + all.remaining() + " came");
    }
    AskAnswer answer = AskAnswer.CODEC.decode(DagCbor.decode(all, Limits.MESSAGE));
    return new QuotedPrice(answer.status(), answer.size(), answer.offers(), answer.message());
  }

  /**
   * Filecoin's providers know no selectors here: they tell the size of all of it, which is not that
   * of a part.
   */
  private static QuotedPrice query(Stream stream, Cid root, Optional<Node> selector)
      throws IOException {
    stream.write(ByteBuffer.wrap(DagCbor.encode(Query.CODEC.encode(new Query(root)))));
    stream.closeWrite();
    QueryResponse response =
        QueryResponse.CODEC.decode(DagCbor.decode(readAll(stream), Limits.MESSAGE));
    boolean whole = selector.map(Selectors.exploreAll().node()::equals).orElse(true);
    Optional<Long> size = Optional.of(response.size()).filter(known -> whole);
    boolean priced = !response.pricePerByte().isZero() || !response.fee().isZero();
    if (response.status() == Availability.AVAILABLE && priced) {
      return new QuotedPrice(
          Availability.ERROR,
          size,
          List.of(),
          "the provider sells on Filecoin only, which cannot be paid from here");
    }
    return new QuotedPrice(response.status(), size, List.of(), response.message());
  }

  private static ByteBuffer readAll(Stream stream) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    while (stream.read(buffer) >= 0) {
      if (!buffer.hasRemaining()) {
        if (buffer.capacity() >= MAX_ANSWER) {
          throw new ProtocolException(
              ProtocolException.MESSAGE_TOO_LARGE, "an answer of more than 1 MiB");
        }
        buffer = ByteBuffer.allocate(buffer.capacity() * 2).put(buffer.flip());
      }
    }
    if (buffer.position() == 0) {
      throw new EOFException("the provider closed without an answer");
    }
    return buffer.flip();
  }
}
