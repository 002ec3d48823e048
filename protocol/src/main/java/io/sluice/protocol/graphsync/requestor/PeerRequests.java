package io.sluice.protocol.graphsync.requestor;

import io.sluice.protocol.graphsync.OutgoingRequest;
import io.sluice.protocol.graphsync.RequestListener;
import io.sluice.protocol.graphsync.RequestSpec;
import io.sluice.protocol.graphsync.queue.MessageQueue;
import io.sluice.protocol.graphsync.wire.GraphsyncMessage;
import io.sluice.protocol.graphsync.wire.GsResponse;
import io.sluice.protocol.graphsync.wire.RequestId;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.libp2p.PeerLoss;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;

/** Our requests to one peer that have not ended. Thread-safe. */
public final class PeerRequests {
  private final Requestor requestor;
  private final MessageQueue queue;
  private final ConcurrentMap<RequestId, RequestRun> runs = new ConcurrentHashMap<>();

  /** None yet, to the peer of that queue. */
  public PeerRequests(Requestor requestor, MessageQueue queue) {
    this.requestor = requestor;
    this.queue = queue;
  }

  /** Asks for a DAG. Returns at once; the walk first waits for its turn. */
  public OutgoingRequest start(RequestSpec spec, BlockStore store, RequestListener listener) {
    queue.reachAt(spec.addresses());
    RequestId id = requestor.newId();
    RequestRun run =
        new RequestRun(
            requestor,
            queue,
            id,
            spec,
            store,
            listener,
            () -> runs.size() > 1,
            () -> runs.remove(id));
    runs.put(id, run);
    run.start();
    return run;
  }

  /** Takes what a message says of them; the rest of it is nothing that we asked for. */
  public void receive(GraphsyncMessage message) {
    List<GsResponse> ours = new ArrayList<>(message.responses());
    ours.removeIf(response -> !runs.containsKey(response.id()));
    if (ours.isEmpty()) {
      return;
    }
    Arrival arrival = requestor.arrival(message);
    for (GsResponse response : ours) {
      RequestRun run = runs.get(response.id());
      if (run != null) {
        run.receive(response, arrival);
      }
    }
  }

  /** Ends those that have gone out: their answers will not come any more. */
  public void lost(IOException cause) {
    out().forEach(run -> run.networkError(cause));
  }

  /** Ends, when it is run, those that had gone out before that loss. */
  public Runnable losing(PeerLoss loss, IOException cause) {
    List<RequestRun> lost = out().filter(run -> loss.concerns(run.lossesBefore())).toList();
    return () -> lost.forEach(run -> run.networkError(cause));
  }

  private Stream<RequestRun> out() {
    return runs.values().stream().filter(RequestRun::isOut);
  }

  /** Ends all of them. */
  public void end(IOException cause) {
    List.copyOf(runs.values()).forEach(run -> run.networkError(cause));
  }

  /** How many there are. */
  public int size() {
    return runs.size();
  }
}
