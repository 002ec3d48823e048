package io.sluice.protocol.graphsync;

import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * All that is under way with one peer. Ids mean something only here: nobody can touch another
 * peer's requests.
 */
final class PeerLink {

  final PeerId peer;
  final Outbox outbox;
  final SentLinks links = new SentLinks();
  final ConcurrentMap<RequestId, RequestRun> requests = new ConcurrentHashMap<>();
  final ConcurrentMap<RequestId, ResponseRun> responses = new ConcurrentHashMap<>();

  private final List<StreamTurn> streams = new ArrayList<>();

  PeerLink(PeerId peer, Outbox outbox) {
    this.peer = peer;
    this.outbox = outbox;
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

  /** Ends what a broken stream or a lost connection concerns. */
  void lost(IOException cause, boolean responsesToo) {
    List.copyOf(requests.values()).stream()
        .filter(RequestRun::isOut)
        .forEach(run -> run.networkError(cause));
    if (responsesToo) {
      List.copyOf(responses.values()).forEach(run -> run.networkError(cause));
    }
  }

  boolean isIdle() {
    return requests.isEmpty() && responses.isEmpty() && outbox.isIdle();
  }
}
