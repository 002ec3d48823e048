package io.sluice.node.content;

import static io.sluice.protocol.ipld.NodeCodec.BOOL;
import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.ipld.NodeCodec.TEXT;

import io.sluice.dealstore.blocks.log.RootTag;
import io.sluice.protocol.ipld.MapCodec;
import java.util.Optional;

/**
 * What a home knows of one root.
 *
 * @param size bytes of its distinct blocks
 * @param blocks how many these are
 * @param complete whether all of it was there
 * @param imported whether it is offered, by the price list; content that was bought is not
 * @param name where it came from, for people
 * @param adopted the listing of another node by which it is listed here
 */
public record ContentRecord(
    long size,
    long blocks,
    boolean complete,
    boolean imported,
    String name,
    Optional<RootTag> adopted) {
  private static final MapCodec<RootTag> TAG =
      MapCodec.of(
          f ->
              new RootTag(
                  f.get("Epoch", LONG, RootTag::epoch), f.get("Number", LONG, RootTag::number)));

  static final MapCodec<ContentRecord> CODEC =
      MapCodec.of(
          f ->
              new ContentRecord(
                  f.get("Size", LONG, ContentRecord::size),
                  f.get("Blocks", LONG, ContentRecord::blocks),
                  f.get("Complete", BOOL, ContentRecord::complete),
                  f.get("Imported", BOOL, ContentRecord::imported),
                  f.get("Name", TEXT, ContentRecord::name),
                  f.find("Adopted", TAG, ContentRecord::adopted)));

  /** Of what this node listed by itself. */
  public ContentRecord(long size, long blocks, boolean complete, boolean imported, String name) {
    this(size, blocks, complete, imported, name, Optional.empty());
  }
}
