package io.sluice.node.pullsync.bee;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.node.pullsync.bee.Recording.Step;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.libp2p.StreamResetException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers as bee's syncer did, and wants to be asked with the same bytes. */
final class RecordedServer {
  private final List<List<Step>> left = new ArrayList<>();
  final List<Throwable> unlike = new CopyOnWriteArrayList<>();
  final List<String> ends = new CopyOnWriteArrayList<>();

  private volatile boolean leaves;
  private volatile boolean waitsForEnd;

  RecordedServer(Recording recording, Host host) {
    for (int stream = 1; stream <= recording.streams(); stream++) {
      List<Step> steps = recording.stream(stream);
      left.add(steps);
      host.handle(steps.getFirst().protocol(), this::answer);
    }
  }

  private synchronized List<Step> next(String protocol) {
    List<Step> steps =
        left.stream()
            .filter(each -> each.getFirst().protocol().equals(protocol))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("nothing more of " + protocol));
    left.remove(steps);
    return steps;
  }

  private void answer(Stream stream) throws IOException {
    for (Step step : next(stream.protocol())) {
      if (!step.isRequest()) {
        if (!step.isEnd()) {
          stream.write(step.frame().duplicate());
        } else if (step.message().contains("remote")) {
          stream.reset();
          return;
        }
      } else if (step.isEnd()) {
        waitsForEnd = true;
        if (!leaves) {
          ends.add(end(stream));
        }
        return;
      } else {
        expect(step, stream);
      }
    }
  }

  private static String end(Stream stream) throws IOException {
    try {
      return stream.read(ByteBuffer.allocate(1)) < 0 ? "close" : "more";
    } catch (StreamResetException e) {
      return "reset";
    }
  }

  private void expect(Step step, Stream stream) throws IOException {
    try {
      ByteBuffer asked = ByteBuffer.allocate(step.frame().remaining());
      int count = 1;
      while (asked.hasRemaining() && count > 0) {
        count = stream.read(asked);
      }
      HexFormat hex = HexFormat.of();
      assertEquals(
          hex.formatHex(BeeContent.bytes(step.frame())),
          hex.formatHex(BeeContent.bytes(asked.flip())),
          step.message());
    } catch (AssertionError e) {
      unlike.add(e);
    }
  }

  /** Whether all was asked on some stream, of which only the end is left. */
  boolean waitsForEnd() {
    return waitsForEnd;
  }

  /** Closes its stream where the recorded client went away. */
  void leavesAtTheEnd() {
    leaves = true;
  }

  /** Everything was asked as recorded, and nothing recorded was left out. */
  void assertAskedAsRecorded() {
    unlike.forEach(
        each -> {
          throw new AssertionError(each);
        });
    assertEquals(List.of(), left);
  }
}
