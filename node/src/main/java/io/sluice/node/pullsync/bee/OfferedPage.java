package io.sluice.node.pullsync.bee;

import io.sluice.protocol.pullsync.bee.BadPullsync;
import io.sluice.protocol.pullsync.bee.BeeMessage.AddressOffer;
import io.sluice.protocol.pullsync.bee.BeeMessage.ChunkOffer;
import io.sluice.protocol.pullsync.bee.ChunkId;
import io.sluice.protocol.retrieval.Bytes32;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What a neighbour offers, and what is wanted of it.
 *
 * @param topmost the request is answered up to here; one less than its first number if it is not
 *     answered at all
 * @param chunks in the order of their numbers
 */
record OfferedPage(long topmost, List<OfferedChunk> chunks) {
  OfferedPage {
    chunks = List.copyOf(chunks);
  }

  /**
   * A chunk that is offered.
   *
   * @param address of its bytes
   * @param id with its stamp, which 1.0.0 does not tell
   */
  record OfferedChunk(Bytes32 address, Optional<ChunkId> id) {}

  /** One of 1.0.0, where no address may be zero. */
  static OfferedPage of(AddressOffer offer, long from, long to) {
    if (offer.addresses().stream().anyMatch(ChunkId::isZero)) {
      throw BadPullsync.because("a zero address is offered");
    }
    List<OfferedChunk> chunks =
        offer.addresses().stream().map(each -> new OfferedChunk(each, Optional.empty())).toList();
    return new OfferedPage(topmost(offer.topmost(), chunks.size(), from, to), chunks);
  }

  /** One of 1.4.0. */
  static OfferedPage of(ChunkOffer offer, long from) {
    List<OfferedChunk> chunks =
        offer.chunks().stream()
            .map(each -> new OfferedChunk(each.address(), Optional.of(each)))
            .toList();
    return new OfferedPage(topmost(offer.topmost(), chunks.size(), from, Long.MAX_VALUE), chunks);
  }

  /**
   * What is believed of a topmost number: it lies in the interval, and there are numbers enough for
   * what is offered.
   */
  private static long topmost(long topmost, int chunks, long from, long to) {
    if (chunks == 0 && topmost == 0) {
      return from - 1;
    }
    if (topmost < from || topmost > to || topmost == Long.MAX_VALUE) {
      throw BadPullsync.because(
          "topmost %s of an interval from %d to %d"
              .formatted(Long.toUnsignedString(topmost), from, to));
    }
    if (topmost - from < chunks - 1) {
      throw BadPullsync.because("%d chunks from %d to %d".formatted(chunks, from, topmost));
    }
    return topmost;
  }

  /** What is wanted: each chunk once, never the zero address. */
  BitSet wanted(Predicate<OfferedChunk> lacks) {
    BitSet wanted = new BitSet();
    Set<OfferedChunk> seen = new HashSet<>();
    for (int i = 0; i < chunks.size(); i++) {
      OfferedChunk chunk = chunks.get(i);
      wanted.set(i, seen.add(chunk) && !ChunkId.isZero(chunk.address()) && lacks.test(chunk));
    }
    return wanted;
  }

  /** Those whose bits are set. */
  Set<OfferedChunk> chosen(BitSet wanted) {
    return wanted.stream().mapToObj(chunks::get).collect(Collectors.toSet());
  }
}
