package io.sluice.node;

import io.sluice.dealstore.ExportFile;
import io.sluice.fsm.replay.ReplayReport;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Faults;
import io.sluice.node.api.Reports;
import io.sluice.node.api.ServiceException;
import java.io.IOException;
import java.nio.file.Path;

/** Runs recorded deals through their tables again. Needs no home: the file says it all. */
public final class Replays {
  private Replays() {}

  /**
   * Replays an export.
   *
   * @throws ServiceException {@code BAD_EXPORT} if the file was changed or cut off, {@code
   *     REPLAY_DIFFERS} if the table of today does not do what was recorded
   */
  public static Reports.DealReplayReport replay(Path file) throws ServiceException {
    ReplayReport report;
    try {
      report = ExportFile.replay(file, SluiceNode.TABLES);
    } catch (IOException e) {
      throw Faults.of(e, file + " cannot be read");
    }
    if (report.difference().isPresent()) {
      var difference = report.difference().get();
      throw new ServiceException(
          switch (difference.kind()) {
            case NO_ROW, STATE, DATA -> ErrorCode.REPLAY_DIFFERS;
            case UNREADABLE, UNKNOWN_TABLE, SEQUENCE, CHAIN, CUT_OFF, COUNT, HEAD ->
                ErrorCode.BAD_EXPORT;
          },
          "%s, entry %d: %s".formatted(file, difference.position(), difference.message()));
    }
    return new Reports.DealReplayReport(
        String.join(", ", report.states().keySet().stream().map(id -> id.value()).toList()),
        report.entries(),
        true,
        String.join(", ", report.states().values()));
  }
}
