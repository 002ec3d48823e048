package io.sluice.cli;

import io.sluice.node.api.Reports;
import io.sluice.node.http.Json;
import io.sluice.node.output.FolderListing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/**
 * Takes the entries of a folder, a line of JSON each, and prints them while they come: a folder may
 * have more than fit into memory.
 */
final class FolderLines extends OutputStream {
  private final PrintWriter out;
  private final boolean json;
  private final boolean details;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private boolean begun;

  /**
   * @param details whether entries were looked at
   */
  FolderLines(PrintWriter out, boolean json, boolean details) {
    this.out = out;
    this.json = json;
    this.details = details;
  }

  @Override
  public void write(int one) throws IOException {
    if (one != '\n') {
      line.write(one);
      return;
    }
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    if (json) {
      out.print(begun ? "," : "{\"items\":[");
      out.print(text);
    } else {
      out.println(forPeople(Json.read(text, Reports.EntryReport.class)));
    }
    begun = true;
    if (out.checkError()) {
      throw new IOException("nobody takes the list any more");
    }
  }

  /** All entries have come. */
  void end() {
    if (json) {
      out.println(begun ? "]}" : "{\"items\":[]}");
    }
    out.flush();
  }

  private String forPeople(Reports.EntryReport entry) {
    String known =
        details
            ? "%-9s  %4s  %-30s  "
                .formatted(
                    entry.kind().orElse("-"), entry.mode().orElse("-"), entry.mtime().orElse("-"))
            : "";
    return "%s%s  %12d  %s"
        .formatted(known, entry.cid(), entry.size(), FolderListing.escaped(entry.name()));
  }
}
