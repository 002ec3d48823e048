package io.sluice.dealstore.blocks.log;

import static io.sluice.protocol.ipld.NodeCodec.BOOL;
import static io.sluice.protocol.ipld.NodeCodec.LINK;
import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.ipld.NodeCodec.TEXT;

import io.sluice.dealstore.blocks.log.LogEntry.RootListed;
import io.sluice.dealstore.disk.Directories;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What a start needs to know of a block log, but for what the newest segment says: replaced as a
 * whole whenever segments come or go. What the newest segment says may be in it already.
 *
 * <p>The file is dag-cbor with its CRC-32C behind it.
 *
 * @param epoch of the numbering
 * @param cursor the highest number given
 * @param inode of the newest segment's file, where the system has such a thing: a copy has another
 * @param sealed segments in the order of their numbers
 * @param newest id of the segment that grows
 * @param begun the first number that it may have
 * @param places which blocks are numbered
 * @param going listings that go on
 * @param ended listings that ended
 */
record LogHead(
    long epoch,
    long cursor,
    Optional<Long> inode,
    List<LogSegment.Seal> sealed,
    long newest,
    long begun,
    NumberedPlaces places,
    List<RootListings.Listing> going,
    List<EndedListings> ended) {
  private static final String FORMAT = "sluice-block-log/1";
  private static final String FILE = "head";

  /**
   * Deep enough for what is written here; listings that ended are kept for ever and may be many.
   */
  private static final Limits LIMITS = new Limits(16, 256L << 20);

  /** Listings of one root that ended. */
  record EndedListings(Cid root, List<RootTag> tags) {
    static List<EndedListings> of(Map<Cid, List<RootTag>> byRoot) {
      return byRoot.entrySet().stream()
          .map(entry -> new EndedListings(entry.getKey(), entry.getValue()))
          .toList();
    }
  }

  private static final MapCodec<RootTag> TAG =
      MapCodec.of(
          f ->
              new RootTag(
                  f.get("Epoch", LONG, RootTag::epoch), f.get("Number", LONG, RootTag::number)));

  /** There may be many: as bytes they take half of what maps would. */
  private static final NodeCodec<List<RootTag>> TAGS =
      NodeCodec.bytes(LogHead::bytes, LogHead::tags);

  private static byte[] bytes(List<RootTag> tags) {
    ByteBuffer out = ByteBuffer.allocate(tags.size() * 2 * Long.BYTES);
    tags.forEach(tag -> out.putLong(tag.epoch()).putLong(tag.number()));
    return out.array();
  }

  private static List<RootTag> tags(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    List<RootTag> tags = new ArrayList<>();
    while (in.hasRemaining()) {
      tags.add(new RootTag(in.getLong(), in.getLong()));
    }
    return tags;
  }

  private static final MapCodec<LogSegment.Seal> SEAL =
      MapCodec.of(
          f ->
              new LogSegment.Seal(
                  f.get("ID", LONG, LogSegment.Seal::id),
                  f.get("Length", LONG, LogSegment.Seal::length),
                  f.get("Checksum", LONG, LogSegment.Seal::checksum),
                  f.get("Entries", LONG, LogSegment.Seal::entries)));

  private record Archive(String name, String stamp) {
    static final MapCodec<Archive> CODEC =
        MapCodec.of(
            f ->
                new Archive(
                    f.get("Name", TEXT, Archive::name), f.get("Stamp", TEXT, Archive::stamp)));
  }

  private static final MapCodec<NumberedPlaces> PLACES =
      MapCodec.of(
          f ->
              places(
                  f.get("File", LONG, (NumberedPlaces it) -> it.upTo().file()),
                  f.get("Offset", LONG, it -> it.upTo().offset()),
                  f.get("Archives", Archive.CODEC.list(), LogHead::archives)));

  private static final MapCodec<RootListings.Listing> LISTING =
      MapCodec.of(
          f ->
              new RootListings.Listing(
                  f.get("Root", LINK, RootListings.Listing::root),
                  new RootListed(
                      f.get("Tag", TAG, it -> it.as().tag()),
                      f.get("Offered", BOOL, it -> it.as().offered()),
                      f.get("Name", TEXT, it -> it.as().name()))));

  private static final MapCodec<EndedListings> ENDED =
      MapCodec.of(
          f ->
              new EndedListings(
                  f.get("Root", LINK, EndedListings::root),
                  f.get("Tags", TAGS, EndedListings::tags)));

  private static final MapCodec<LogHead> CODEC =
      MapCodec.of(
          f -> {
            f.put("Format", head -> Node.of(FORMAT));
            return new LogHead(
                f.get("Epoch", LONG, LogHead::epoch),
                f.get("Cursor", LONG, LogHead::cursor),
                f.find("Inode", LONG, LogHead::inode),
                f.get("Sealed", SEAL.list(), LogHead::sealed),
                f.get("Newest", LONG, LogHead::newest),
                f.get("Begun", LONG, LogHead::begun),
                f.get("Places", PLACES, LogHead::places),
                f.get("Going", LISTING.list(), LogHead::going),
                f.get("Ended", ENDED.list(), LogHead::ended));
          });

  private static NumberedPlaces places(long file, long offset, List<Archive> archives) {
    NumberedPlaces places = NumberedPlaces.NONE.after(new LogFact.NumberedUpTo(file, offset));
    for (Archive archive : archives) {
      places = places.after(new LogFact.ArchiveNumbered(archive.name(), archive.stamp()));
    }
    return places;
  }

  private static List<Archive> archives(NumberedPlaces places) {
    List<Archive> archives = new ArrayList<>();
    places.archives().forEach((name, stamp) -> archives.add(new Archive(name, stamp)));
    return archives;
  }

  /** Puts it in the place of the one before; durable when this returns. */
  void write(Path folder, DiskWatch watch) throws IOException {
    byte[] body = DagCbor.encode(CODEC.encode(this));
    ByteBuffer all = ByteBuffer.allocate(body.length + Integer.BYTES).put(body);
    all.putInt(checksum(body));
    Directories.replace(folder.resolve(FILE), watch, out -> out.write(all.array()));
  }

  static boolean isIn(Path folder) {
    return Files.exists(folder.resolve(FILE));
  }

  /**
   * Reads the head of a log.
   *
   * @throws LogDamagedException if there is none, or it is not what was written
   */
  static LogHead read(Path folder) throws IOException {
    // A store that never had a log is told apart before, by isIn: here a head was there once, and
    // numbers without it could be given a second time.
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      throw new LogDamagedException(file + " is missing");
    }
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(file));
    int length = all.limit() - Integer.BYTES;
    byte[] body = new byte[Math.max(0, length)];
    // Replaced as a whole, it cannot be torn by a crash; what differs was changed by the disk.
    if (length <= 0 || all.get(body).getInt() != checksum(body)) {
      throw new LogDamagedException(file + " is not what was written");
    }
    try {
      Node head = DagCbor.decode(ByteBuffer.wrap(body), LIMITS);
      String format = head.asMap().get("Format").asText();
      if (!format.equals(FORMAT)) { // not to be begun anew: it is sound, and somebody else's
        throw new IOException("%s is %s, this is %s".formatted(file, format, FORMAT));
      }
      return CODEC.decode(head);
    } catch (ProtocolException e) {
      // Its checksum is right, so it was written like this: begun anew all the same, since what it
      // says of numbers cannot be relied on.
      throw new LogDamagedException(file + " cannot be read: " + e.getMessage());
    }
  }

  private static int checksum(byte[] body) {
    CRC32C checksum = new CRC32C();
    checksum.update(body);
    return (int) checksum.getValue();
  }
}
