package io.sluice.fsm.sync;

import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.ipld.NodeCodec.MILLIS;

import io.sluice.protocol.ipld.KindCodec;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.NodeCodec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What an event of a sync brings along. */
public sealed interface SyncInput {
  /** How inputs are stored. */
  NodeCodec<SyncInput> CODEC =
      new KindCodec<SyncInput>("Kind")
          .with("none", NoInput.class, MapCodec.of(f -> new NoInput()))
          .with("page", DonePage.class, DonePage.CODEC)
          .with("numbering", NewNumbering.class, NewNumbering.CODEC)
          .with("up-to", UpTo.class, UpTo.CODEC);

  /** Nothing: the event says it all. */
  record NoInput() implements SyncInput {}

  /**
   * What an interval brought.
   *
   * @param from its first number
   * @param to it was looked at up to here, {@code from} or more
   * @param open numbers of it that are to be tried again
   * @param blocks that came
   * @param bytes that these have
   * @param cursor how far the neighbour is, as far as it is known
   * @param inSync when nothing was missing after it; empty if something is
   * @param unclaimed own number from which on what came may not be needed yet; empty if unchanged
   */
  record DonePage(
      long from,
      long to,
      List<OpenNumber> open,
      long blocks,
      long bytes,
      long cursor,
      Optional<Instant> inSync,
      Optional<Long> unclaimed)
      implements SyncInput {
    private static final MapCodec<DonePage> CODEC =
        MapCodec.of(
            f ->
                new DonePage(
                    f.get("From", LONG, DonePage::from),
                    f.get("To", LONG, DonePage::to),
                    f.get("Open", OpenNumber.CODEC.list(), DonePage::open),
                    f.get("Blocks", LONG, DonePage::blocks),
                    f.get("Bytes", LONG, DonePage::bytes),
                    f.get("Cursor", LONG, DonePage::cursor),
                    f.find("InSync", MILLIS, DonePage::inSync),
                    f.find("Unclaimed", LONG, DonePage::unclaimed)));

    /** Copies what it is given, and checks the ranges. */
    public DonePage {
      open = List.copyOf(open);
      Intervals.Range range = new Intervals.Range(from, to);
      for (OpenNumber each : open) {
        if (!range.contains(each.number())) {
          throw new IllegalArgumentException(each.number() + " is not within " + range);
        }
      }
      if (blocks < 0 || bytes < 0) {
        throw new IllegalArgumentException(blocks + " blocks of " + bytes + " bytes");
      }
    }
  }

  /**
   * A neighbour's numbering.
   *
   * @param epoch its id
   * @param cursor the highest number that it has given
   * @param ownEpoch the id of this node's own numbering
   */
  record NewNumbering(long epoch, long cursor, long ownEpoch) implements SyncInput {
    private static final MapCodec<NewNumbering> CODEC =
        MapCodec.of(
            f ->
                new NewNumbering(
                    f.get("Epoch", LONG, NewNumbering::epoch),
                    f.get("Cursor", LONG, NewNumbering::cursor),
                    f.get("OwnEpoch", LONG, NewNumbering::ownEpoch)));
  }

  /**
   * Numbers from the first one on.
   *
   * @param number the last of them, 1 or more
   */
  record UpTo(long number) implements SyncInput {
    private static final MapCodec<UpTo> CODEC =
        MapCodec.of(f -> new UpTo(f.get("Number", LONG, UpTo::number)));
  }

  /** Nothing. */
  static NoInput none() {
    return new NoInput();
  }
}
