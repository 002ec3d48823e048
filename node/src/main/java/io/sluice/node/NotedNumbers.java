package io.sluice.node;

import io.sluice.dealstore.DealStore;
import io.sluice.dealstore.blocks.log.BlockLog;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.NodeCodec;
import java.io.IOException;
import java.util.Optional;

/**
 * How far the block log was lately, beside the deals: where it is not as far any more, its files
 * are an old copy that was put back, and what it numbers next may be known to neighbours as
 * something else. Its own files cannot tell when a whole file system was set back. Thread-safe.
 *
 * @param store has it
 */
record NotedNumbers(DealStore store) {
  private static final String COLLECTION = "block-log";
  private static final String KEY = "cursor";

  private record Noted(long epoch, long cursor) {
    static final MapCodec<Noted> CODEC =
        MapCodec.of(
            f ->
                new Noted(
                    f.get("Epoch", NodeCodec.LONG, Noted::epoch),
                    f.get("Cursor", NodeCodec.LONG, Noted::cursor)));
  }

  /** Whether a log had given more numbers of this epoch than it knows of. */
  boolean isAhead(BlockLog log) throws IOException {
    return noted()
        .filter(noted -> noted.epoch() == log.epoch() && noted.cursor() > log.cursor())
        .isPresent();
  }

  /** Notes where a log is; durable on return. */
  synchronized void note(BlockLog log) throws IOException {
    Noted now = new Noted(log.epoch(), log.cursor());
    if (!noted().equals(Optional.of(now))) {
      store.putDocument(COLLECTION, KEY, Noted.CODEC.encode(now));
    }
  }

  private Optional<Noted> noted() throws IOException {
    return store.document(COLLECTION, KEY).map(Noted.CODEC::decode);
  }
}
