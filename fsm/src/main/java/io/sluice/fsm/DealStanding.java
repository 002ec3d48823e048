package io.sluice.fsm;

import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.NodeCodec;
import java.time.Instant;
import java.util.Optional;

/**
 * How a deal stands, beside its state: since when, why, and its end. The same in both roles.
 * Immutable; the methods that give a new one are parts of the recorders of the deals' tables.
 *
 * @param started when the deal was made
 * @param since when it came into the state it is in
 * @param reason why it stands still or ended badly; absent while all goes well
 * @param end when and how it ended; absent while it has not
 */
public record DealStanding(
    Instant started, Instant since, Optional<DealReason> reason, Optional<DealEnd> end) {
  /** The stored form. */
  public static final MapCodec<DealStanding> CODEC =
      MapCodec.of(
          f ->
              new DealStanding(
                  f.get("Started", NodeCodec.MILLIS, DealStanding::started),
                  f.get("Since", NodeCodec.MILLIS, DealStanding::since),
                  f.find("Why", DealReason.CODEC, DealStanding::reason),
                  f.find("End", DealEnd.CODEC, DealStanding::end)));

  /** Of a deal that was made just now. */
  public static DealStanding begun(Instant at) {
    return new DealStanding(at, at, Optional.empty(), Optional.empty());
  }

  /** In another state since then; a reason stays. */
  public DealStanding moved(Instant at) {
    return new DealStanding(started, at, reason, end);
  }

  /** In another state since then, and nothing is wrong any more. */
  public DealStanding goingOn(Instant at) {
    return new DealStanding(started, at, Optional.empty(), end);
  }

  /** In another state since then, for this reason. */
  public DealStanding because(Instant at, DealReason why) {
    return new DealStanding(started, at, Optional.of(why), end);
  }

  /** Ended; an end that it came to before stays as it was. */
  public DealStanding ended(Instant at, DealOutcome outcome) {
    DealEnd reached = end.orElseGet(() -> new DealEnd(at, outcome));
    return new DealStanding(started, at, reason, Optional.of(reached));
  }
}
