package io.sluice.node.client;

import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * What happens in a simulated world, all of it drawn from one number: content, terms, the network's
 * delays and the faults, each at the n-th record that either node writes.
 *
 * @param seed where all comes from
 * @param leaves sizes of the content's blocks
 * @param terms what they cost
 * @param exactBudget whether just what is due may be spent, so that a deposit has nothing to spare
 * @param jitter streams are late by up to so much, each by its own
 * @param turn how far the clock is turned each time
 * @param faults in the order in which they strike
 */
record FaultPlan(
    long seed,
    List<Integer> leaves,
    Terms terms,
    boolean exactBudget,
    Duration jitter,
    Duration turn,
    List<Fault> faults) {

  /** What can go wrong. */
  enum Kind {
    /** The connection breaks. */
    CUT,
    /** It breaks after some more bytes to the client. */
    CUT_TO_CLIENT,
    /** It breaks after some more bytes to the provider. */
    CUT_TO_PROVIDER,
    /** Nothing reaches the client for a while, though all is accepted. */
    SILENT_TO_CLIENT,
    /** Nothing reaches the provider for a while. */
    SILENT_TO_PROVIDER,
    /** The client's process dies with the next record that it writes. */
    CLIENT_DIES,
    /** The provider's process dies with the next record that it writes. */
    PROVIDER_DIES
  }

  /**
   * One fault.
   *
   * @param record how many records both nodes have written when it strikes
   * @param kind what happens
   * @param amount bytes that still pass, or milliseconds that it lasts
   * @param durable whether the record that a process dies with is on the disk
   */
  record Fault(int record, Kind kind, int amount, boolean durable) {}

  private static final List<Integer> SIZES = List.of(0, 1, 200, 1_000, 1_000, 4_000, 20_000);
  private static final List<Long> PRICES = List.of(1L, 10L, 3_000_001L, 3_000_001L, 1L << 30);

  static FaultPlan of(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Integer> leaves =
        IntStream.range(0, 1 + random.nextInt(40))
            .mapToObj(i -> SIZES.get(random.nextInt(SIZES.size())))
            .toList();
    long interval = 1_000L << random.nextInt(6);
    Terms terms =
        new Terms(
            TokenAmount.of(PRICES.get(random.nextInt(PRICES.size()))),
            TokenAmount.of(random.nextInt(3) == 0 ? 77 : 0),
            interval,
            random.nextBoolean() ? interval : 0,
            interval << random.nextInt(4),
            600);
    boolean exactBudget = random.nextInt(4) == 0;
    Duration jitter = Duration.ofNanos(random.nextInt(4) == 0 ? 0 : random.nextInt(2_000_000));
    Duration turn = Duration.ofMillis(1 + random.nextInt(10));
    List<Fault> faults = new ArrayList<>();
    int record = 0;
    for (int left = random.nextInt(6); left > 0; left--) {
      record += random.nextInt(16);
      Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
      faults.add(new Fault(record, kind, 1 + random.nextInt(30_000), random.nextBoolean()));
    }
    return new FaultPlan(seed, leaves, terms, exactBudget, jitter, turn, List.copyOf(faults));
  }

  /** The content; blocks of the same size differ. */
  TestDag content() {
    Random random = new Random(seed);
    return TestDag.over(
        leaves.stream()
            .map(
                size -> {
                  byte[] leaf = new byte[size];
                  random.nextBytes(leaf);
                  return leaf;
                })
            .toList());
  }
}
