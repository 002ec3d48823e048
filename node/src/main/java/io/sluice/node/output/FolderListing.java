package io.sluice.node.output;

import io.sluice.node.api.Reports;
import io.sluice.node.http.Json;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.unixfs.DirectoryEntry;
import io.sluice.protocol.unixfs.UnixFsEntry;
import io.sluice.protocol.unixfs.UnixFsReader;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * The entries of a folder as text, a line for each, in the order of its DAG: one after the other,
 * however many there are.
 */
public final class FolderListing {
  private static final int BUFFER = 1 << 16;

  private FolderListing() {}

  /** Whether an entry is looked at. */
  @FunctionalInterface
  public interface Look {
    /** Whether what lies there is looked at: it costs reading a block. */
    boolean at(Cid entry) throws IOException;
  }

  /** How an entry is written. */
  @FunctionalInterface
  private interface Form {
    String of(DirectoryEntry entry) throws IOException;
  }

  /**
   * For people: CID, size of the DAG beneath, name.
   *
   * @return how many bytes were written
   */
  static long write(UnixFsReader reader, Cid folder, WritableByteChannel out) throws IOException {
    return write(
            reader,
            folder,
            out,
            entry -> "%s\t%d\t%s".formatted(entry.cid(), entry.dagBytes(), escaped(entry.name())))
        .bytes();
  }

  /**
   * For programs: an {@link Reports.EntryReport} each.
   *
   * @param details which entries are looked at
   * @return how many entries there are
   */
  public static long writeJson(
      UnixFsReader reader, Cid folder, WritableByteChannel out, Look details) throws IOException {
    return write(
            reader,
            folder,
            out,
            entry ->
                Json.write(
                    report(
                        entry,
                        details.at(entry.cid())
                            ? Optional.of(reader.entry(entry.cid()))
                            : Optional.empty())))
        .entries();
  }

  private static Reports.EntryReport report(DirectoryEntry entry, Optional<UnixFsEntry> found) {
    return new Reports.EntryReport(
        entry.name(),
        entry.cid().toString(),
        entry.dagBytes(),
        found.map(known -> known.kind().name().toLowerCase(Locale.ROOT)),
        found
            .filter(known -> known.attributes().mode().isPresent())
            .map(known -> "%04o".formatted(known.attributes().mode().getAsInt())),
        found.flatMap(known -> known.attributes().mtime()).map(Object::toString));
  }

  private record Written(long entries, long bytes) {}

  private static Written write(UnixFsReader reader, Cid folder, WritableByteChannel out, Form form)
      throws IOException {
    long[] entries = {0};
    long[] bytes = {0};
    OutputStream lines = new BufferedOutputStream(Channels.newOutputStream(out), BUFFER);
    reader.list(
        folder,
        entry -> {
          byte[] line = (form.of(entry) + "\n").getBytes(StandardCharsets.UTF_8);
          lines.write(line);
          entries[0]++;
          bytes[0] += line.length;
        });
    lines.flush(); // and not closed, since the channel is not ours
    return new Written(entries[0], bytes[0]);
  }

  /** Names are anybody's: one with a line break would pass for two, others would move a cursor. */
  public static String escaped(String name) {
    StringBuilder out = new StringBuilder();
    name.codePoints()
        .forEach(
            c -> {
              boolean hidden =
                  c == '\\'
                      || Character.isISOControl(c)
                      || Character.getType(c) == Character.FORMAT;
              if (hidden) {
                out.append(String.format(Locale.ROOT, c > 0xffff ? "\\U%08x" : "\\u%04x", c));
              } else {
                out.appendCodePoint(c);
              }
            });
    return out.toString();
  }
}
