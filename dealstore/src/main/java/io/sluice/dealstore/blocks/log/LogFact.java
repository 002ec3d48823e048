package io.sluice.dealstore.blocks.log;

import io.sluice.dealstore.blocks.log.LogEntry.BlockCame;
import io.sluice.dealstore.blocks.log.LogEntry.RootListed;
import io.sluice.dealstore.blocks.log.LogEntry.RootRemoved;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Varint;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a block log keeps: numbered entries, and how far the files of the store are numbered. One
 * byte says which it is; numbers are varints, texts and CIDs stand behind their length.
 */
public sealed interface LogFact {
  /** No fact takes more. */
  int MOST_BYTES = 40 << 10;

  /** A root may have more listings than one entry names; then there are several. */
  int MOST_TAGS = 2000;

  /** Names are for people, and cut here. */
  int MOST_NAME_BYTES = 1024;

  /** Something got a number. */
  record Numbered(LogEntry entry) implements LogFact {}

  /**
   * Blocks are numbered up to a place; so are all in older files.
   *
   * @param file number of a file of the store's own
   * @param offset in its payload
   */
  record NumberedUpTo(long file, long offset) implements LogFact {}

  /**
   * The blocks of an archive served in place are numbered.
   *
   * @param stamp of that archive as it then was
   */
  record ArchiveNumbered(String name, String stamp) implements LogFact {}

  /** An archive is served no more. */
  record ArchiveGone(String name) implements LogFact {}

  /** Writes it at the position of a buffer with room for {@link #MOST_BYTES}. */
  default void write(ByteBuffer out) {
    switch (this) {
      case Numbered numbered -> writeEntry(out, numbered.entry());
      case NumberedUpTo place -> {
        out.put((byte) 4);
        Varint.write(out, place.file());
        Varint.write(out, place.offset());
      }
      case ArchiveNumbered archive -> {
        out.put((byte) 5);
        writeText(out, archive.name());
        writeText(out, archive.stamp());
      }
      case ArchiveGone archive -> {
        out.put((byte) 6);
        writeText(out, archive.name());
      }
    }
  }

  private static void writeEntry(ByteBuffer out, LogEntry entry) {
    out.put(
        switch (entry.what()) {
          case BlockCame came -> (byte) 1;
          case RootListed listed -> (byte) 2;
          case RootRemoved removed -> (byte) 3;
        });
    Varint.write(out, entry.number());
    entry.cid().write(out);
    switch (entry.what()) {
      case BlockCame came -> Varint.write(out, came.size());
      case RootListed listed -> {
        writeTag(out, listed.tag());
        out.put((byte) (listed.offered() ? 1 : 0));
        writeText(out, listed.name());
      }
      case RootRemoved removed -> {
        Varint.write(out, removed.tags().size());
        removed.tags().forEach(tag -> writeTag(out, tag));
      }
    }
  }

  /**
   * Reads what {@link #write} writes.
   *
   * @throws RuntimeException if it is something else
   */
  static LogFact read(ByteBuffer in) {
    byte kind = in.get();
    return switch (kind) {
      case 1, 2, 3 -> {
        long number = Varint.read(in);
        Cid cid = Cid.read(in);
        yield new Numbered(new LogEntry(number, cid, what(kind, in)));
      }
      case 4 -> new NumberedUpTo(Varint.read(in), Varint.read(in));
      case 5 -> new ArchiveNumbered(readText(in), readText(in));
      case 6 -> new ArchiveGone(readText(in));
      default -> throw new IllegalArgumentException("no fact has the kind " + kind);
    };
  }

  private static LogEntry.What what(byte kind, ByteBuffer in) {
    return switch (kind) {
      case 1 -> new BlockCame(Math.toIntExact(Varint.read(in)));
      case 2 -> new RootListed(readTag(in), in.get() != 0, readText(in));
      default -> {
        long count = Varint.read(in);
        List<RootTag> tags = new ArrayList<>();
        for (long i = 0; i < count; i++) {
          tags.add(readTag(in));
        }
        yield new RootRemoved(tags);
      }
    };
  }

  private static void writeTag(ByteBuffer out, RootTag tag) {
    out.putLong(tag.epoch()).putLong(tag.number());
  }

  private static RootTag readTag(ByteBuffer in) {
    return new RootTag(in.getLong(), in.getLong());
  }

  private static void writeText(ByteBuffer out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Varint.write(out, bytes.length);
    out.put(bytes);
  }

  private static String readText(ByteBuffer in) {
    byte[] bytes = new byte[Math.toIntExact(Math.min(Varint.read(in), in.remaining() + 1L))];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** A name that is not too long to be kept. */
  static String cut(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= MOST_NAME_BYTES) {
      return name;
    }
    int end = MOST_NAME_BYTES;
    while ((bytes[end] & 0xc0) == 0x80) { // not within a character
      end--;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }
}
