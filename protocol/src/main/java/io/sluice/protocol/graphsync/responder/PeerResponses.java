package io.sluice.protocol.graphsync.responder;

import io.sluice.protocol.graphsync.queue.MessageQueue;
import io.sluice.protocol.graphsync.wire.GsRequest;
import io.sluice.protocol.graphsync.wire.RequestId;
import io.sluice.protocol.libp2p.PeerLoss;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Our responses to one peer that have not ended. Thread-safe. */
public final class PeerResponses {
  private final Responder responder;
  private final MessageQueue queue;
  private final SentLinks links = new SentLinks();
  private final ConcurrentMap<RequestId, ResponseRun> runs = new ConcurrentHashMap<>();

  /** None yet, to the peer of that queue. */
  public PeerResponses(Responder responder, MessageQueue queue) {
    this.responder = responder;
    this.queue = queue;
  }

  Responder responder() {
    return responder;
  }

  MessageQueue queue() {
    return queue;
  }

  SentLinks links() {
    return links;
  }

  void forget(ResponseRun run) {
    runs.remove(run.id(), run);
  }

  /** Begins a response, ends one, or hands an update to it. */
  public void receive(GsRequest request) {
    ResponseRun known = runs.get(request.id());
    switch (request.kind()) {
      case NEW -> {
        if (known != null) {
          known.cancelledByPeer();
        }
        ResponseRun run = new ResponseRun(this, request);
        runs.put(request.id(), run);
        run.start();
      }
      case CANCEL -> {
        if (known != null) {
          known.cancelledByPeer();
        }
      }
      case UPDATE -> {
        if (known != null) {
          known.update(request.extensions());
        }
      }
    }
  }

  /** Ends those that began before that loss: what was sent of them may not have arrived. */
  public void lost(PeerLoss loss, IOException cause) {
    for (ResponseRun run : List.copyOf(runs.values())) {
      if (loss.concerns(run.lossesBefore())) {
        run.networkError(cause);
      }
    }
  }

  /** Ends all of them: the peer cannot be reached. */
  public void end(IOException cause) {
    List.copyOf(runs.values()).forEach(run -> run.networkError(cause));
  }

  /** How many there are. */
  public int size() {
    return runs.size();
  }
}
