package io.sluice.fsm.sync;

import static io.sluice.protocol.ipld.NodeCodec.BOOL;
import static io.sluice.protocol.ipld.NodeCodec.LINK;
import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.ipld.NodeCodec.MILLIS;
import static io.sluice.protocol.ipld.NodeCodec.TEXT;

import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.multiformats.Cid;
import java.time.Instant;

/**
 * A number that was looked at and is not done: a block that did not come, or a root beneath which
 * something is missing.
 *
 * @param number as the neighbour has it
 * @param cid what it stands for
 * @param root whether it is a root that is to be listed here
 * @param reason for people; cut to 200 characters, since peers write such texts
 * @param attempts so far, 1 or more
 * @param next when it is tried again
 */
public record OpenNumber(
    long number, Cid cid, boolean root, String reason, int attempts, Instant next) {
  private static final int MAX_REASON = 200;

  static final MapCodec<OpenNumber> CODEC =
      MapCodec.of(
          f ->
              new OpenNumber(
                  f.get("Number", LONG, OpenNumber::number),
                  f.get("Cid", LINK, OpenNumber::cid),
                  f.get("Root", BOOL, OpenNumber::root),
                  f.get("Reason", TEXT, OpenNumber::reason),
                  f.get("Attempts", LONG.as(Math::toIntExact, Long::valueOf), OpenNumber::attempts),
                  f.get("Next", MILLIS, OpenNumber::next)));

  /** Cuts the reason, and checks the ranges. */
  public OpenNumber {
    if (number == 0 || attempts < 1) {
      throw new IllegalArgumentException("number " + number + ", attempt " + attempts);
    }
    reason = reason.substring(0, Math.min(reason.length(), MAX_REASON));
  }
}
