package io.sluice.node.sync;

import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.multiformats.Cid;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whom and what dsync is for at this node, by lists; an empty list of those that are allowed allows
 * all.
 *
 * @param allowedCallers peer ids and names of tokens that may ask for anything
 * @param deniedCallers those that may not
 * @param allowedRoots content that may be pushed, listed block by block, and removed
 * @param deniedRoots content that may not, and that is not read either, as a single block or among
 *     others
 */
public record SyncLists(
    Set<String> allowedCallers,
    Set<String> deniedCallers,
    Set<Cid> allowedRoots,
    Set<Cid> deniedRoots)
    implements SyncHooks {
  /** Copies the sets. */
  public SyncLists {
    allowedCallers = Set.copyOf(allowedCallers);
    deniedCallers = Set.copyOf(deniedCallers);
    allowedRoots = Set.copyOf(allowedRoots);
    deniedRoots = Set.copyOf(deniedRoots);
  }

  private static SyncRefusal notFor(Object what) {
    return SyncRefusal.because("dsync is not for %s here".formatted(what));
  }

  private void check(SyncCaller caller) throws SyncRefusal {
    boolean allowed = allowedCallers.isEmpty() || allowedCallers.contains(caller.name());
    if (!allowed || deniedCallers.contains(caller.name())) {
      throw notFor(caller.name());
    }
  }

  private void check(SyncCaller caller, Cid root) throws SyncRefusal {
    check(caller);
    boolean allowed = allowedRoots.isEmpty() || allowedRoots.contains(root);
    if (!allowed || deniedRoots.contains(root)) {
      throw notFor(root);
    }
  }

  private void check(SyncCaller caller, Info info) throws SyncRefusal {
    List<Cid> nodes = info.manifest().nodes();
    if (nodes.isEmpty()) {
      check(caller);
    } else {
      check(caller, nodes.getFirst());
    }
  }

  private void checkBlocks(SyncCaller caller, List<Cid> blocks) throws SyncRefusal {
    check(caller);
    for (Cid block : blocks) {
      if (deniedRoots.contains(block)) {
        throw notFor(block);
      }
    }
  }

  @Override
  public void pushBegins(SyncCaller from, Info info, Map<String, String> meta) throws SyncRefusal {
    check(from, info);
  }

  /** Again: what was pushed may have been denied since it began. */
  @Override
  public void pushArrived(SyncCaller from, Info info, Map<String, String> meta) throws SyncRefusal {
    check(from, info);
  }

  @Override
  public void infoAsked(SyncCaller by, Info info, Map<String, String> meta) throws SyncRefusal {
    check(by, info);
  }

  @Override
  public void blockAsked(SyncCaller by, Cid block) throws SyncRefusal {
    checkBlocks(by, List.of(block));
  }

  @Override
  public void blocksAsked(SyncCaller by, Info info, Map<String, String> meta) throws SyncRefusal {
    checkBlocks(by, info.manifest().nodes());
  }

  @Override
  public void removalAsked(SyncCaller by, Cid root, Map<String, String> meta) throws SyncRefusal {
    check(by, root);
  }
}
