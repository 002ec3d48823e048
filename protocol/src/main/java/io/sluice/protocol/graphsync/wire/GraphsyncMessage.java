package io.sluice.protocol.graphsync.wire;

import java.util.List;

/**
 * One frame of a stream. The three lists have no order that means anything, and blocks belong to no
 * response in particular: only the metadata says who asked for them.
 */
public record GraphsyncMessage(
    List<GsRequest> requests, List<GsResponse> responses, List<GsBlock> blocks) {

  /** Copies the lists. */
  public GraphsyncMessage {
    requests = List.copyOf(requests);
    responses = List.copyOf(responses);
    blocks = List.copyOf(blocks);
  }

  /** A message of requests alone. */
  public static GraphsyncMessage of(GsRequest... requests) {
    return new GraphsyncMessage(List.of(requests), List.of(), List.of());
  }

  /** Whether there is nothing in it. */
  public boolean isEmpty() {
    return requests.isEmpty() && responses.isEmpty() && blocks.isEmpty();
  }
}
