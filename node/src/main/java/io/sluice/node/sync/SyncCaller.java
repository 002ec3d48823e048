package io.sluice.node.sync;

import java.util.OptionalLong;

/**
 * Who asks, and what he may.
 *
 * @param name for logs and lists
 * @param push whether he may push
 * @param read whether he may read what others pay for
 * @param remove whether he may take content off the list
 * @param max most bytes that one push may bring; empty for what the node has room for
 */
public record SyncCaller(
    String name, boolean push, boolean read, boolean remove, OptionalLong max) {
  /** Somebody who was granted nothing. */
  public static SyncCaller stranger(String name) {
    return new SyncCaller(name, false, false, false, OptionalLong.empty());
  }
}
