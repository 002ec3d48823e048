package io.sluice.protocol.graphsync.endpoint;

import io.sluice.protocol.graphsync.queue.MessageQueue;
import io.sluice.protocol.graphsync.requestor.PeerRequests;
import io.sluice.protocol.graphsync.requestor.Requestor;
import io.sluice.protocol.graphsync.responder.PeerResponses;
import io.sluice.protocol.graphsync.responder.Responder;
import io.sluice.protocol.libp2p.PeerLoss;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * All that is under way with one peer. Ids mean something only here: nobody can touch another
 * peer's requests.
 */
final class PeerLink {
  final MessageQueue queue;
  final PeerRequests requests;
  final PeerResponses responses;

  private final List<StreamTurn> streams = new ArrayList<>();

  PeerLink(MessageQueue queue, Requestor requestor, Responder responder) {
    this.queue = queue;
    this.requests = new PeerRequests(requestor, queue);
    this.responses = new PeerResponses(responder, queue);
  }

  PeerId peer() {
    return queue.peer();
  }

  /** A stream of the peer has been opened. */
  StreamTurn enter() {
    synchronized (streams) {
      StreamTurn turn = new StreamTurn(streams);
      streams.add(turn);
      return turn;
    }
  }

  /** It has ended. */
  void leave(StreamTurn turn) {
    synchronized (streams) {
      streams.remove(turn);
    }
    turn.end();
  }

  /**
   * No connection was left: the responses end at once, the requests when what has been received is
   * read. The last bytes of a peer that hangs up when it is done are all that a request waits for.
   * What began later is not touched: the peer may be connected again.
   *
   * @param atMost how long to wait for streams that nobody reads on, as behind a paused request
   */
  void disconnected(PeerLoss loss, IOException cause, Duration atMost) throws InterruptedException {
    List<StreamTurn> unread;
    synchronized (streams) {
      unread = List.copyOf(streams);
    }
    Runnable ending = requests.losing(loss, cause);
    responses.lost(loss, cause);
    try {
      long left = atMost.toNanos();
      for (StreamTurn stream : unread) {
        left = stream.awaitEnd(left);
      }
    } finally {
      ending.run();
    }
  }

  boolean isIdle() {
    return requests.size() == 0 && responses.size() == 0 && queue.isIdle();
  }
}
