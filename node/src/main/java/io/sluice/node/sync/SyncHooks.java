package io.sluice.node.sync;

import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.multiformats.Cid;
import java.util.Map;

/**
 * What a program that runs a node decides itself, beside what the node's grants and prices say.
 * Each may refuse; what it says is told the peer. Called from the threads of the peers' requests,
 * and waited for. {@code meta} is what the peer's application says beside its request.
 */
public interface SyncHooks {
  /** Refuses nothing. */
  SyncHooks NONE = new SyncHooks() {};

  /** Before a push begins; the info is the peer's word. */
  default void pushBegins(Info info, Map<String, String> meta) throws SyncRefusal {}

  /** When all blocks of a push are here, before it is listed. */
  default void pushArrived(Info info, Map<String, String> meta) throws SyncRefusal {}

  /** After a push is listed; a refusal is told the peer and changes nothing. */
  default void pushCompleted(Info info, Map<String, String> meta) throws SyncRefusal {}

  /** Before an info is told, also one that was made before. */
  default void infoAsked(Info info, Map<String, String> meta) throws SyncRefusal {}

  /** Before many blocks are sent; the info is the peer's word. */
  default void blocksAsked(Info info, Map<String, String> meta) throws SyncRefusal {}

  /** Before content is taken off the list. */
  default void removalAsked(Cid root, Map<String, String> meta) throws SyncRefusal {}
}
