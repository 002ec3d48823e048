package io.sluice.payments.ledger.evm;

import io.sluice.payments.ledger.Head;
import io.sluice.protocol.Ticker;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The chain's newest block and how much of the chain is settled, as of a moment ago: many ask, and
 * blocks come seconds apart. Safe for many threads.
 */
final class Chain {
  private final Endpoints endpoints;
  private final Finality finality;
  private final long maxAgeNanos;
  private final Ticker ticker;
  private @Nullable Seen seen;

  private record Seen(Block block, long settled, long at) {}

  Chain(Endpoints endpoints, Finality finality, long maxAgeNanos, Ticker ticker) {
    this.endpoints = endpoints;
    this.finality = finality;
    this.maxAgeNanos = maxAgeNanos;
    this.ticker = ticker;
  }

  Head head() throws IOException {
    Seen now = newest();
    return new Head(now.block().number(), now.block().time(), now.settled());
  }

  /** The newest block, with what it costs. */
  Block block() throws IOException {
    return newest().block();
  }

  /** What was seen may be out of date: we have just changed something ourselves. */
  synchronized void forget() {
    seen = null;
  }

  private Seen newest() throws IOException {
    Optional<Seen> known = recent();
    if (known.isPresent()) {
      return known.get();
    }
    long at = ticker.nanos();
    Block block = endpoints.latest();
    Seen fresh = new Seen(block, settled(block), at);
    keep(fresh);
    return fresh;
  }

  private synchronized Optional<Seen> recent() {
    return Optional.ofNullable(seen).filter(s -> ticker.nanos() - s.at() < maxAgeNanos);
  }

  private synchronized void keep(Seen fresh) {
    seen = fresh;
  }

  private long settled(Block head) throws IOException {
    return switch (finality) {
      case Finality.Depth depth -> head.number() - (depth.blocks() - 1);
      case Finality.Finalized finalized -> {
        try {
          Optional<Block> block = endpoints.ask(ChainNode::finalized);
          yield Math.min(head.number(), block.map(Block::number).orElse(-1L));
        } catch (RpcErrorException e) { // a program that does not know the word
          yield head.number() - (finalized.otherwise() - 1);
        }
      }
    };
  }
}
