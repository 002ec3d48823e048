package io.sluice.protocol.pullsync;

import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.protobuf.ProtobufReader;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.util.ArrayList;
import java.util.List;

/** Items on the wire: {@code cid, number, size, kind, listings, offered, name}. */
final class ItemCodec {
  private static final int BLOCK = 0;
  private static final int LISTED = 1;
  private static final int REMOVED = 2;

  private ItemCodec() {}

  static ProtobufWriter encode(Item item) {
    ProtobufWriter out = new ProtobufWriter().bytes(1, item.cid().bytes()).number(2, item.number());
    switch (item.what()) {
      case Item.OfferedBlock block -> out.numberUnlessZero(3, block.size());
      case Item.ListedRoot root -> {
        out.number(4, LISTED);
        listing(out, root.listing());
        out.numberUnlessZero(6, root.offered() ? 1 : 0);
        if (!root.name().isEmpty()) {
          out.text(7, root.name());
        }
      }
      case Item.RemovedRoot root -> {
        out.number(4, REMOVED);
        root.listings().forEach(listing -> listing(out, listing));
      }
    }
    return out;
  }

  private static void listing(ProtobufWriter out, Item.Listing listing) {
    out.message(
        5,
        new ProtobufWriter()
            .numberUnlessZero(1, listing.epoch())
            .numberUnlessZero(2, listing.number()));
  }

  static Item decode(ProtobufReader in) {
    byte[] cid = {};
    long number = 0;
    long size = 0;
    long kind = BLOCK;
    List<Item.Listing> listings = new ArrayList<>();
    boolean offered = false;
    String name = "";
    while (in.next()) {
      switch (in.field()) {
        case 1 -> cid = in.byteArray();
        case 2 -> number = in.number();
        case 3 -> size = in.number();
        case 4 -> kind = in.number();
        case 5 -> {
          if (listings.size() == Pullsync.LISTINGS) {
            throw BadPullsync.because("more than " + Pullsync.LISTINGS + " listings of one root");
          }
          listings.add(listing(in.message()));
        }
        case 6 -> offered = in.number() != 0;
        case 7 -> name = in.text();
        default -> in.skip();
      }
    }
    return new Item(number, Cid.of(cid), what(kind, size, listings, offered, name));
  }

  private static Item.What what(
      long kind, long size, List<Item.Listing> listings, boolean offered, String name) {
    if (kind == BLOCK) {
      return new Item.OfferedBlock(Saturated.of(size));
    }
    if (kind == LISTED && listings.size() == 1) {
      return new Item.ListedRoot(listings.getFirst(), offered, name);
    }
    if (kind == REMOVED) {
      return new Item.RemovedRoot(listings);
    }
    throw BadPullsync.because(
        "an item of kind %s with %d listings"
            .formatted(Long.toUnsignedString(kind), listings.size()));
  }

  private static Item.Listing listing(ProtobufReader in) {
    long epoch = 0;
    long number = 0;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> epoch = in.number();
        case 2 -> number = in.number();
        default -> in.skip();
      }
    }
    return new Item.Listing(epoch, number);
  }
}
