package io.sluice.dealstore;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import io.sluice.fsm.EntryHash;
import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.replay.HistoryDigest;
import io.sluice.fsm.replay.HistoryFooter;
import io.sluice.fsm.replay.KnownTables;
import io.sluice.fsm.replay.Replay;
import io.sluice.fsm.replay.ReplayReport;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.DagCbor;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The history of deals in a file of its own: CBOR items one after the other, first the text {@code
 * sluice-history/1}, then each entry as a byte string of canonical dag-cbor, then the footer: the
 * count and the hash over all entries. Anyone can replay it anywhere.
 */
public final class ExportFile {
  private static final CBORFactory CBOR = new CBORFactory();
  private static final String FORMAT = "sluice-history/1";

  private ExportFile() {}

  /**
   * Writes entries to a file that must not exist yet.
   *
   * @return the footer
   */
  public static HistoryFooter write(Path path, Iterable<JournalEntry> entries) throws IOException {
    HistoryDigest digest = new HistoryDigest();
    try (OutputStream bytes =
            new BufferedOutputStream(
                Files.newOutputStream(
                    path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
        CBORGenerator out = CBOR.createGenerator(bytes)) {
      out.enable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      out.writeString(FORMAT);
      for (JournalEntry entry : entries) {
        out.writeBinary(DagCbor.encode(entry.toNode()));
        digest.add(entry);
      }
      out.writeNumber(digest.footer().count());
      out.writeBinary(digest.footer().head().bytes());
    }
    return digest.footer();
  }

  /**
   * Runs a file through the tables again. A file that is changed or cut off gives a report that
   * says where; only a file that cannot be opened throws.
   */
  public static ReplayReport replay(Path path, KnownTables tables) throws IOException {
    try (InputStream bytes = new BufferedInputStream(Files.newInputStream(path))) {
      return replay(bytes, tables);
    }
  }

  static ReplayReport replay(InputStream bytes, KnownTables tables) {
    Replay replay = new Replay(tables);
    try (JsonParser in = CBOR.createParser(bytes)) {
      if (in.nextToken() != JsonToken.VALUE_STRING || !in.getText().equals(FORMAT)) {
        return replay.endUnreadable("the file does not begin with " + FORMAT);
      }
      while (in.nextToken() == JsonToken.VALUE_EMBEDDED_OBJECT) {
        JournalEntry entry = JournalEntry.of(DagCbor.decode(in.getBinaryValue()));
        if (!replay.add(entry)) {
          return replay.endUnreadable("not reached");
        }
      }
      if (in.currentToken() == null) {
        return replay.endCutOff();
      }
      long count = in.getLongValue();
      if (in.nextToken() != JsonToken.VALUE_EMBEDDED_OBJECT) {
        return replay.endCutOff();
      }
      HistoryFooter footer = new HistoryFooter(count, EntryHash.of(in.getBinaryValue()));
      if (in.nextToken() != null) {
        return replay.endUnreadable("bytes after the footer");
      }
      return replay.end(footer);
    } catch (com.fasterxml.jackson.core.io.JsonEOFException e) {
      return replay.endCutOff();
    } catch (IOException | ProtocolException | IllegalArgumentException e) {
      return replay.endUnreadable(String.valueOf(e.getMessage()));
    }
  }
}
