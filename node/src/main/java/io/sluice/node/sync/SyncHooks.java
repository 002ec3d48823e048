package io.sluice.node.sync;

import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.multiformats.Cid;
import java.util.List;
import java.util.Map;

/**
 * What is asked beside the node's grants and prices before something is done by dsync: nine
 * moments. Each but one may refuse; what it says is told the peer. Called from the threads of the
 * peers' requests, and waited for. {@code meta} is what the peer's application says beside its
 * request.
 */
public interface SyncHooks {
  /** Refuses nothing. */
  SyncHooks NONE = new SyncHooks() {};

  /** Before a push begins; the info is the peer's word. */
  default void pushBegins(SyncCaller from, Info info, Map<String, String> meta)
      throws SyncRefusal {}

  /**
   * Before a block of a push is kept; it is hashed.
   *
   * @param root of the push
   * @param arrived bytes of the push that came in this process, with this block
   */
  default void blockArrives(SyncCaller from, Cid root, Cid block, long arrived)
      throws SyncRefusal {}

  /** When all blocks of a push are here, before it is listed. */
  default void pushArrived(SyncCaller from, Info info, Map<String, String> meta)
      throws SyncRefusal {}

  /** After a push is listed; a refusal is told the peer and changes nothing. */
  default void pushCompleted(SyncCaller from, Info info, Map<String, String> meta)
      throws SyncRefusal {}

  /** After the time of a push is over. Nobody is asked; from a thread of its own. */
  default void pushExpired(SyncCaller from, Info info, Map<String, String> meta) {}

  /** Before an info is told, also one that was made before. */
  default void infoAsked(SyncCaller by, Info info, Map<String, String> meta) throws SyncRefusal {}

  /** Before a single block is sent. */
  default void blockAsked(SyncCaller by, Cid block) throws SyncRefusal {}

  /** Before many blocks are sent; the info is the peer's word. */
  default void blocksAsked(SyncCaller by, Info info, Map<String, String> meta) throws SyncRefusal {}

  /** Before content is taken off the list. */
  default void removalAsked(SyncCaller by, Cid root, Map<String, String> meta) throws SyncRefusal {}

  /** Asks all of these in turn, until one refuses. */
  static SyncHooks all(List<SyncHooks> hooks) {
    return new HookRow(hooks);
  }
}
