package io.sluice.node.pullsync;

import io.sluice.node.pullsync.NeighbourException.Kind;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.pullsync.Ack;
import io.sluice.protocol.pullsync.Get;
import io.sluice.protocol.pullsync.Lane;
import io.sluice.protocol.pullsync.MessageStream;
import io.sluice.protocol.pullsync.Pullsync;
import io.sluice.protocol.pullsync.PullsyncError;
import io.sluice.protocol.pullsync.PullsyncMessage;
import io.sluice.protocol.pullsync.Syn;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A neighbour over the network: a stream for each request, opened anew, which is reset as soon as
 * nobody wants its answer any more. Whoever calls may be interrupted, and is then free at once, and
 * so is the neighbour.
 *
 * <p>Keeps nothing between two calls; safe for any number of threads. Spec: pullsync 1.0.0.
 */
final class PullsyncNeighbour implements Neighbour {
  private static final Logger LOG = LoggerFactory.getLogger(PullsyncNeighbour.class);

  /** How long an answer may take that does not wait for anything, or the next byte of one. */
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Host host;
  private final PeerId peer;
  private final List<Multiaddr> addresses;
  private final ExecutorService hashing;

  /**
   * @param addresses where the peer may be found, beside what the host knows
   * @param hashing where blocks are hashed, as wide as the cores
   */
  PullsyncNeighbour(Host host, PeerId peer, List<Multiaddr> addresses, ExecutorService hashing) {
    this.host = host;
    this.peer = peer;
    this.addresses = List.copyOf(addresses);
    this.hashing = hashing;
  }

  @Override
  public Position position(Lane lane) throws IOException, NeighbourException {
    return ask(
        Pullsync.CURSORS,
        stream -> {
          MessageStream messages = new MessageStream(stream);
          messages.write(new Syn(lane));
          if (answer(messages) instanceof Ack ack) {
            return new Position(ack.epoch(), ack.cursor());
          }
          throw wrong("a cursor was asked for, and something else came");
        });
  }

  @Override
  public Page page(Lane lane, long epoch, long from, long to, Duration wait, PageReceiver receiver)
      throws IOException, NeighbourException {
    Duration patience = wait.compareTo(Pullsync.LONGEST_WAIT) < 0 ? wait : Pullsync.LONGEST_WAIT;
    Get get =
        to == LIVE
            ? new Get(lane, from, OptionalLong.empty(), Pullsync.ITEMS, patience, epoch)
            : new Get(lane, from, OptionalLong.of(to), Pullsync.ITEMS, Duration.ZERO, epoch);
    return ask(
        Pullsync.SYNC,
        stream -> new PageTransfer(stream, get, receiver, hashing, Ticker.SYSTEM).run());
  }

  private interface Question<T> {
    T ask(Stream stream) throws IOException, NeighbourException;
  }

  private <T> T ask(String protocol, Question<T> question) throws IOException, NeighbourException {
    Stream stream = host.open(peer, addresses, List.of(protocol));
    boolean answered = false;
    try {
      stream.timeout(PATIENCE);
      T answer = question.ask(stream);
      answered = true;
      return answer;
    } catch (ProtocolException e) {
      throw wrong(String.valueOf(e.getMessage()));
    } finally {
      end(stream, answered);
    }
  }

  /** The answer counts, however its stream ends. */
  private static void end(Stream stream, boolean answered) {
    if (!answered) {
      stream.reset();
      return;
    }
    try {
      stream.close();
    } catch (IOException e) {
      LOG.debug("{} was not closed: {}", stream, e.getMessage());
      stream.reset();
    }
  }

  /** The next message, if it is an answer. */
  static PullsyncMessage answer(MessageStream messages) throws IOException, NeighbourException {
    PullsyncMessage message =
        messages
            .read(Pullsync.MESSAGE_BYTES)
            .orElseThrow(() -> wrong("the stream ended without an answer"));
    if (message instanceof PullsyncError error) {
      throw refusal(error);
    }
    return message;
  }

  static NeighbourException wrong(String message) {
    return new NeighbourException(Kind.WRONG, message, Duration.ZERO);
  }

  private static NeighbourException refusal(PullsyncError error) {
    Kind kind =
        switch (error.code()) {
          case OTHER_EPOCH -> Kind.OTHER_EPOCH;
          case BUSY, FAILED -> Kind.BUSY;
          case REFUSED, NOT_FOUND -> Kind.REFUSED;
          case PAYMENT_REQUIRED -> Kind.PAYMENT_REQUIRED;
          case BAD_REQUEST -> Kind.WRONG;
        };
    return new NeighbourException(kind, error.text(), error.after());
  }
}
