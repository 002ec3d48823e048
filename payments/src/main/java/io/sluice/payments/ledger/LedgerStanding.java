package io.sluice.payments.ledger;

import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the way to a ledger is, and what was spent on it: what is known here, without asking anybody.
 *
 * @param nodes the nodes through which it is seen, the preferred first; none if it is a file
 * @param waiting what was sent and is in no block
 * @param gasSpent what gas has cost, by what it was spent on, in the native coin's base units; of
 *     all that this home ever sent there
 * @param reorganisations how often the chain's end has changed, since the ledger was opened
 * @param disagreements how often nodes contradicted each other since then, about more than one of
 *     them is believed in
 */
public record LedgerStanding(
    List<NodeStanding> nodes,
    Waiting waiting,
    Map<String, TokenAmount> gasSpent,
    Reorganisations reorganisations,
    long disagreements) {
  /** Of a ledger that is asked directly, and where nothing is paid for being included. */
  public static final LedgerStanding DIRECT =
      new LedgerStanding(List.of(), Waiting.NONE, Map.of(), new Reorganisations(0, 0), 0);

  /** Copies the collections. */
  public LedgerStanding {
    nodes = List.copyOf(nodes);
    gasSpent = Map.copyOf(gasSpent);
  }

  /** What can be the matter with an answer of a node. */
  public enum NodeFault {
    /** There was none in time, or not all of it. */
    UNREACHABLE,
    /** It cannot be read. */
    UNREADABLE,
    /** It is not so: another chain, another contract, an answer to another question. */
    WRONG,
    /** It is of a chain that ends before what was seen elsewhere. */
    BEHIND,
    /** It is an error; that may be all that there is to say. */
    ERROR
  }

  /**
   * One node, since the ledger was opened.
   *
   * @param host where it is, without what may be secret of its address
   * @param isUsable whether it is asked now; else it is left alone for a while
   * @param requests how many it was sent
   * @param time how long these took all together
   * @param faults how often what was the matter with it; what never was may be missing
   */
  public record NodeStanding(
      String host, boolean isUsable, long requests, Duration time, Map<NodeFault, Long> faults) {
    /** Copies the map. */
    public NodeStanding {
      faults = Map.copyOf(faults);
    }
  }

  /**
   * Transactions in no block.
   *
   * @param count how many
   * @param since the ledger's time when the oldest was signed, as far as that is known
   */
  public record Waiting(int count, Optional<Instant> since) {
    /** Nothing waits. */
    public static final Waiting NONE = new Waiting(0, Optional.empty());
  }

  /**
   * Changes of the chain's end that were seen.
   *
   * @param count how many
   * @param deepest how many blocks the deepest of them took away, at most twice as many as that:
   *     not every block is remembered
   */
  public record Reorganisations(long count, long deepest) {}
}
