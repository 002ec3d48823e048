package io.sluice.node;

import static io.sluice.protocol.ipld.NodeCodec.BOOL;
import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.ipld.NodeCodec.TEXT;

import io.sluice.protocol.ipld.MapCodec;

/**
 * What a home knows of one root.
 *
 * @param size bytes of its distinct blocks
 * @param blocks how many these are
 * @param complete whether all of it was there
 * @param imported whether it is offered, by the price list; content that was bought is not
 * @param name where it came from, for people
 */
record ContentRecord(long size, long blocks, boolean complete, boolean imported, String name) {
  static final MapCodec<ContentRecord> CODEC =
      MapCodec.of(
          f ->
              new ContentRecord(
                  f.get("Size", LONG, ContentRecord::size),
                  f.get("Blocks", LONG, ContentRecord::blocks),
                  f.get("Complete", BOOL, ContentRecord::complete),
                  f.get("Imported", BOOL, ContentRecord::imported),
                  f.get("Name", TEXT, ContentRecord::name)));
}
