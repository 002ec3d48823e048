package io.sluice.protocol.datatransfer;

import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.util.Map;
import java.util.Optional;

/**
 * A peer's request to pull, before it is decided about. Root and selector of the message and of the
 * GraphSync request that carried it have been compared and are equal.
 *
 * @param voucher what came with it; empty when resuming
 * @param asked what the GraphSync request leaves out of the wire: the deal's exclusions, if it is
 *     its first
 * @param extensions of the GraphSync request, for what other protocols put there
 * @param pull the responder's end of the channel, of use once the request was accepted
 */
public record PullRequest(
    ChannelId channel,
    PullKind kind,
    Cid root,
    Node selector,
    Optional<TypedVoucher> voucher,
    Exclusions asked,
    Map<String, Node> extensions,
    ServedPull pull) {

  /** Why it comes. */
  public enum PullKind {
    /** A new channel. */
    NEW,
    /** A channel that began before, perhaps in another process. */
    RESTART,
    /** A channel that its initiator had paused. */
    RESUME
  }
}
