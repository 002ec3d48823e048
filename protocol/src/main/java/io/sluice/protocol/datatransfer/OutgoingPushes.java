package io.sluice.protocol.datatransfer;

import io.sluice.protocol.graphsync.IncomingRequest;
import io.sluice.protocol.graphsync.RequestDecision;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pushes of ours that are open. In a push it is the responder that makes the GraphSync request,
 * with its answer inside: this finds whom it is for. Thread-safe.
 */
final class OutgoingPushes {
  static final RequestDecision REFUSED = RequestDecision.reject(ResponseStatus.FAILED, Map.of());

  private static final Logger LOG = LoggerFactory.getLogger(OutgoingPushes.class);

  private final ConcurrentMap<ChannelId, PushRun> runs = new ConcurrentHashMap<>();

  /** Takes a run in, and closes the one that the channel had. */
  void add(PushRun run) {
    PushRun before = runs.put(run.channel(), run);
    if (before != null) {
      before.close();
    }
  }

  void remove(PushRun run) {
    runs.remove(run.channel(), run);
  }

  @Nullable PushRun find(ChannelId channel) {
    return runs.get(channel);
  }

  /** A peer asks for what we push to it, it says. */
  RequestDecision asked(ChannelId channel, TransferResponse message, IncomingRequest request) {
    PushRun run = runs.get(channel);
    if (run == null) {
      LOG.debug("{} asks for data of {}, which is not open", request.peer(), channel);
      return REFUSED;
    }
    try {
      return run.asked(message, request);
    } catch (RuntimeException e) {
      LOG.error("serving {} failed", channel, e);
      return REFUSED;
    }
  }
}
