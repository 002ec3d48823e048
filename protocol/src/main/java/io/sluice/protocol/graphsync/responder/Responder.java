package io.sluice.protocol.graphsync.responder;

import io.sluice.protocol.graphsync.GraphsyncConfig;
import io.sluice.protocol.graphsync.IncomingRequests;
import io.sluice.protocol.graphsync.queue.SendMemory;
import io.sluice.protocol.graphsync.queue.WalkTurns;

/**
 * What the responses of an endpoint share, to whichever peers they go.
 *
 * @param memory how much may be queued
 * @param turns which of them may walk
 * @param incoming decides about requests
 */
public record Responder(
    GraphsyncConfig config, SendMemory memory, WalkTurns turns, IncomingRequests incoming) {

  /** With turns of its own. */
  public Responder(GraphsyncConfig config, SendMemory memory, IncomingRequests incoming) {
    this(config, memory, new WalkTurns(config.walksPerPeer(), config.walks()), incoming);
  }
}
