package io.sluice.node.pricing;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Where the price list is kept: its port, implemented over the deal store. */
public interface PriceStore {
  /**
   * All changes, oldest first. Those whose entry was changed again, longer ago than its terms are
   * honoured, may be left out.
   */
  List<PriceChange> load() throws IOException;

  /** Adds a change; durable when this returns. */
  void append(PriceChange change) throws IOException;

  /** A store that forgets everything with the process, for trying out and for tests. */
  static PriceStore inMemory() {
    List<PriceChange> changes = new ArrayList<>();
    return new PriceStore() {
      @Override
      public synchronized List<PriceChange> load() {
        return List.copyOf(changes);
      }

      @Override
      public synchronized void append(PriceChange change) {
        changes.add(change);
      }
    };
  }
}
