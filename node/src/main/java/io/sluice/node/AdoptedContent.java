package io.sluice.node;

import io.sluice.dealstore.blocks.DagSummary;
import io.sluice.dealstore.blocks.log.RootTag;
import io.sluice.node.content.ContentRecord;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Lock;

/**
 * What is listed here because a neighbour lists it, and goes when it is removed there. Each listing
 * of a root has a tag, which stays the same wherever it is learned; one that ended anywhere is
 * never taken up again, so that nobody resurrects what somebody removed. Safe for any number of
 * threads.
 *
 * @param node has list and log
 */
record AdoptedContent(SluiceNode node) {
  /** What became of a root that a neighbour lists. */
  enum Adoption {
    /** It is listed here, by this listing or already by another one. */
    LISTED,
    /** Not all that lies beneath it is here and durable; to be tried again when more came. */
    INCOMPLETE,
    /** That listing is known to have ended; not to be tried again. */
    ENDED
  }

  /**
   * Lists a root that a neighbour lists. Its blocks are durable, and in the list and the log when
   * this returns {@code LISTED}; a process that dies in between goes on at its next start. Waits
   * while room is given back. Walks all that lies beneath the root, unless it is listed already.
   *
   * @param tag the listing there
   * @param offered whether it is to be offered by the price list
   * @param name for people, possibly empty
   */
  Adoption adopt(Cid root, RootTag tag, boolean offered, String name) throws IOException {
    if (node.log().ended(tag)) {
      return Adoption.ENDED;
    }
    Lock guard = node.bringingIn().readLock();
    guard.lock(); // what the walk finds must be here still when the root is listed
    try {
      Optional<ContentRecord> known = node.contents().find(root);
      if (known.filter(ContentRecord::complete).isPresent()) {
        return listed(root, known.get(), offered, name, tag);
      }
      DagSummary dag = node.blocks().summarize(root);
      if (!dag.complete()) {
        return Adoption.INCOMPLETE;
      }
      node.blocks().sync();
      boolean imported = known.filter(ContentRecord::imported).isPresent();
      ContentRecord now = new ContentRecord(dag.bytes(), dag.blocks(), true, imported, name);
      return listed(root, now, offered, name, tag);
    } finally {
      guard.unlock();
    }
  }

  private Adoption listed(Cid root, ContentRecord as, boolean offered, String name, RootTag tag)
      throws IOException {
    ContentRecord record =
        new ContentRecord(
            as.size(), as.blocks(), true, as.imported() || offered, name, Optional.of(tag));
    return node.contents().adopt(root, record) ? Adoption.LISTED : Adoption.ENDED;
  }

  /**
   * Takes over that listings of a root ended at a neighbour, also those that were never known here:
   * they are not adopted from here on. The root leaves the list if no other listing of it is left;
   * its blocks go with the next {@code gc}. Durable on return.
   */
  void drop(Cid root, Set<RootTag> tags) throws IOException {
    if (node.contents().isListedBy(root, tags)) {
      node.offered().withdraw(root); // first: from here on nothing is sold because it is still here
    }
    node.contents().end(root, tags, node.clock().instant());
  }
}
