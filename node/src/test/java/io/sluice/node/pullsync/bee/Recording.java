package io.sluice.node.pullsync.bee;

import io.sluice.protocol.TestJson;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A recorded conversation between two syncers of bee.
 *
 * @param steps in the order in which the recorder saw them
 */
record Recording(List<Step> steps) {

  /**
   * A message, or the end of one side of a stream.
   *
   * @param stream counted from 1
   * @param isRequest whether the asking side did it
   * @param frame the message with its length; empty at the end of a side
   * @param message its name, or how the side ended
   * @param protocol of the stream, as far as it is known
   */
  record Step(int stream, boolean isRequest, ByteBuffer frame, String message, String protocol) {
    boolean isEnd() {
      return !frame.hasRemaining();
    }

    /** The message without its length. */
    ByteBuffer fields() {
      ByteBuffer fields = frame.duplicate();
      byte last = fields.get();
      while (last < 0) {
        last = fields.get();
      }
      return fields.slice();
    }
  }

  static Recording of(String version, String scenario) {
    List<Step> steps = new ArrayList<>();
    for (Map<String, Object> line :
        TestJson.readLines(Recording.class, version + "/" + scenario + ".jsonl")) {
      boolean ends = line.containsKey("end");
      steps.add(
          new Step(
              ((Number) line.get("stream")).intValue(),
              line.get("dir").equals("request"),
              ByteBuffer.wrap(ends ? new byte[0] : TestJson.hex(line.get("frameHex"))),
              (String) line.get(ends ? "end" : "message"),
              (String) line.getOrDefault("protocol", "")));
    }
    return new Recording(steps);
  }

  /** What the index says of a scenario: the result of the recorded call. */
  static Map<String, Object> result(String version, String scenario) {
    return TestJson.readLines(Recording.class, version + "/index.jsonl").stream()
        .filter(line -> line.get("scenario").equals(scenario))
        .map(line -> TestJson.map(line.get("result")))
        .findFirst()
        .orElseThrow();
  }

  /** The first message of that name. */
  Step first(String message) {
    return steps.stream().filter(step -> step.message().equals(message)).findFirst().orElseThrow();
  }

  /** The steps of a stream. */
  List<Step> stream(int number) {
    return steps.stream().filter(step -> step.stream() == number).toList();
  }

  /** How many streams there are. */
  int streams() {
    return steps.stream().mapToInt(Step::stream).max().orElse(0);
  }
}
