package io.sluice.payments.ledger.evm;

import io.sluice.payments.ledger.Cursor;
import io.sluice.protocol.retrieval.Bytes32;
import java.util.ArrayList;
import java.util.List;

/**
 * A place in the contract's log, with blocks before it by which its chain is told from another: the
 * newest of them that is still in the chain is where the two part.
 *
 * @param taken how many logs of the newest block are before this place; {@link #ALL} for all
 * @param blocks the newest first, others ever farther back
 */
record LogCursor(int taken, List<BlockName> blocks) {
  static final int ALL = -1;

  /** Farther back no block is remembered: a chain that changes so deep is another one. */
  private static final long FARTHEST = 4096;

  private static final int MAX_BLOCKS = 20;

  /** A block, by number and hash. */
  record BlockName(long number, Bytes32 hash) {}

  LogCursor {
    blocks = List.copyOf(blocks);
    if (taken < ALL || blocks.isEmpty()) {
      throw new IllegalArgumentException("no cursor of a chain");
    }
  }

  /** After that block. */
  static LogCursor after(Block block) {
    return new LogCursor(ALL, List.of(new BlockName(block.number(), block.hash())));
  }

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException if it is none
   */
  static LogCursor parse(Cursor cursor) {
    String[] parts = cursor.text().split("[;,]", MAX_BLOCKS + 2);
    if (parts.length < 2 || parts.length > MAX_BLOCKS + 1) {
      throw new IllegalArgumentException("no cursor of a chain: " + cursor.text());
    }
    List<BlockName> blocks = new ArrayList<>();
    for (int index = 1; index < parts.length; index++) {
      int colon = parts[index].indexOf(':');
      blocks.add(
          new BlockName(
              Long.parseLong(parts[index].substring(0, Math.max(0, colon))),
              Hex.word(parts[index].substring(colon + 1))));
    }
    return new LogCursor(Integer.parseInt(parts[0]), blocks);
  }

  Cursor cursor() {
    StringBuilder text = new StringBuilder().append(taken);
    char before = ';';
    for (BlockName block : blocks) {
      text.append(before).append(block.number()).append(':').append(block.hash());
      before = ',';
    }
    return new Cursor(text.toString());
  }

  /** Whether that block is the last that this place is after: there is nothing new then. */
  boolean isAtEndOf(Block head) {
    return taken == ALL && newest().equals(new BlockName(head.number(), head.hash()));
  }

  BlockName newest() {
    return blocks.getFirst();
  }

  /** The place after so many logs of a later block, or of the same. */
  LogCursor movedTo(BlockName block, int logs) {
    List<BlockName> all = new ArrayList<>(blocks);
    if (newest().number() == block.number()) {
      all.removeFirst();
    }
    all.addFirst(block);
    return new LogCursor(logs, thinned(all));
  }

  /** The place after that one of the blocks, and what is before it. */
  LogCursor backTo(int index) {
    return new LogCursor(ALL, blocks.subList(index, blocks.size()));
  }

  /** Of the blocks 1, 2 to 3, 4 to 7 … before the newest, the oldest each. */
  private static List<BlockName> thinned(List<BlockName> all) {
    List<BlockName> kept = new ArrayList<>();
    long newest = all.getFirst().number();
    kept.add(all.getFirst());
    for (int index = 1; index < all.size(); index++) {
      long distance = newest - all.get(index).number();
      boolean isLastOfItsKind =
          index + 1 == all.size()
              || Long.highestOneBit(newest - all.get(index + 1).number())
                  != Long.highestOneBit(distance);
      if (distance <= FARTHEST && isLastOfItsKind) {
        kept.add(all.get(index));
      }
    }
    return kept;
  }
}
