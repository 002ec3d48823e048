package io.sluice.protocol.graphsync;

import io.sluice.protocol.graphsync.wire.Extensions;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.Node;
import java.util.Map;
import java.util.Optional;

/** What becomes of a peer's request. */
public sealed interface RequestDecision {
  /**
   * Serves it from a store, ungated, charging for all that the request itself does not leave out.
   */
  static Serve accept(BlockStore store) {
    return new Serve(
        store, Map.of(), BlockGate.OPEN, ResponseListener.NONE, false, Optional.empty(), false);
  }

  /** Refuses it. */
  static Decline reject(ResponseStatus status, Map<String, Node> extensions) {
    return new Decline(status, extensions);
  }

  /**
   * Walks and sends.
   *
   * @param store where the blocks are
   * @param extensions go out first, before any block
   * @param gate asked before each block that costs
   * @param listener hears how it goes
   * @param paused with status 15 and without walking, until {@link OutgoingResponse#resume}
   * @param exclusions what is never charged: that of the deal's first request; empty for what this
   *     request leaves out
   * @param alone whether blocks are left out as sent already only within this request, whatever the
   *     peer asked; so that what is charged is also sent. Otherwise requests of a peer with the
   *     same dedup key (or all without one) share
   */
  record Serve(
      BlockStore store,
      Map<String, Node> extensions,
      BlockGate gate,
      ResponseListener listener,
      boolean paused,
      Optional<Exclusions> exclusions,
      boolean alone)
      implements RequestDecision {
    /** Copies the extensions. */
    public Serve {
      extensions = Extensions.copyOf(extensions);
    }

    /** The same with these extensions in the first message. */
    public Serve saying(Map<String, Node> first) {
      return new Serve(store, first, gate, listener, paused, exclusions, alone);
    }

    /** The same behind a gate. */
    public Serve gated(BlockGate by) {
      return new Serve(store, extensions, by, listener, paused, exclusions, alone);
    }

    /** The same with a listener. */
    public Serve heardBy(ResponseListener who) {
      return new Serve(store, extensions, gate, who, paused, exclusions, alone);
    }

    /** The same, paused to begin with or not. */
    public Serve paused(boolean atFirst) {
      return new Serve(store, extensions, gate, listener, atFirst, exclusions, alone);
    }

    /** The same, charging by the exclusions of the deal's first request. */
    public Serve charging(Exclusions first) {
      return new Serve(store, extensions, gate, listener, paused, Optional.of(first), alone);
    }

    /** The same, sharing nothing with other requests of the peer. */
    public Serve alone(boolean by) {
      return new Serve(store, extensions, gate, listener, paused, exclusions, by);
    }
  }

  /**
   * Sends a status and ends.
   *
   * @param status a failure
   * @param extensions go with it
   */
  record Decline(ResponseStatus status, Map<String, Node> extensions) implements RequestDecision {
    /** Copies the extensions. */
    public Decline {
      if (!status.terminal() || status.success()) {
        throw new IllegalArgumentException("refused with " + status);
      }
      extensions = Extensions.copyOf(extensions);
    }
  }
}
