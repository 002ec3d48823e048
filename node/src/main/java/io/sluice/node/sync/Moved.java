package io.sluice.node.sync;

import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/** How much a push or a pull has moved. Written and read by any threads. */
final class Moved {
  private final AtomicLong blocks = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong signs = new AtomicLong();
  private final AtomicLong expected = new AtomicLong();

  /** A block was sent, or came and is kept. */
  void block(int size) {
    blocks.incrementAndGet();
    bytes.addAndGet(size);
  }

  /** Something came or went, be it a part of a block: the other end lives. */
  void sign() {
    signs.incrementAndGet();
  }

  /** So many bytes are going to move in all, as far as that can be known before. */
  void expect(long all) {
    expected.set(all);
  }

  /** Empty if nothing is known of it. */
  OptionalLong expected() {
    long all = expected.get();
    return all > 0 ? OptionalLong.of(all) : OptionalLong.empty();
  }

  long blocks() {
    return blocks.get();
  }

  long bytes() {
    return bytes.get();
  }

  long signs() {
    return signs.get();
  }
}
