package io.sluice.node.sync;

import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.multiformats.Cid;
import java.util.List;
import java.util.Map;

/** Hooks that are asked in turn. */
record HookRow(List<SyncHooks> hooks) implements SyncHooks {
  /** Copies the list. */
  HookRow {
    hooks = List.copyOf(hooks);
  }

  @Override
  public void pushBegins(SyncCaller from, Info info, Map<String, String> meta) throws SyncRefusal {
    for (SyncHooks each : hooks) {
      each.pushBegins(from, info, meta);
    }
  }

  @Override
  public void blockArrives(SyncCaller from, Cid root, Cid block, long arrived) throws SyncRefusal {
    for (SyncHooks each : hooks) {
      each.blockArrives(from, root, block, arrived);
    }
  }

  @Override
  public void pushArrived(SyncCaller from, Info info, Map<String, String> meta) throws SyncRefusal {
    for (SyncHooks each : hooks) {
      each.pushArrived(from, info, meta);
    }
  }

  @Override
  public void pushCompleted(SyncCaller from, Info info, Map<String, String> meta)
      throws SyncRefusal {
    for (SyncHooks each : hooks) {
      each.pushCompleted(from, info, meta);
    }
  }

  @Override
  public void pushExpired(SyncCaller from, Info info, Map<String, String> meta) {
    hooks.forEach(each -> each.pushExpired(from, info, meta));
  }

  @Override
  public void infoAsked(SyncCaller by, Info info, Map<String, String> meta) throws SyncRefusal {
    for (SyncHooks each : hooks) {
      each.infoAsked(by, info, meta);
    }
  }

  @Override
  public void blockAsked(SyncCaller by, Cid block) throws SyncRefusal {
    for (SyncHooks each : hooks) {
      each.blockAsked(by, block);
    }
  }

  @Override
  public void blocksAsked(SyncCaller by, Info info, Map<String, String> meta) throws SyncRefusal {
    for (SyncHooks each : hooks) {
      each.blocksAsked(by, info, meta);
    }
  }

  @Override
  public void removalAsked(SyncCaller by, Cid root, Map<String, String> meta) throws SyncRefusal {
    for (SyncHooks each : hooks) {
      each.removalAsked(by, root, meta);
    }
  }
}
