package io.sluice.node.sync;

import io.sluice.node.sync.ScriptedServer.Answer;
import io.sluice.node.sync.ScriptedServer.Request;
import io.sluice.protocol.TestJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What github.com/qri-io/dag v0.2.2 answered its own client, once for each request that was
 * recorded; other requests it has no block for.
 */
final class RecordedAnswers implements ScriptedServer.Script {
  private final List<Map<String, Object>> left;

  RecordedAnswers(String scenario) {
    left =
        new ArrayList<>(TestJson.readLines(RecordedAnswers.class, "http/" + scenario + ".jsonl"));
  }

  /** What was asked first by a method. */
  Map<String, Object> first(String method) {
    return left.stream()
        .filter(each -> each.get("method").equals(method))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public synchronized Answer answer(Request request) {
    for (Map<String, Object> line : left) {
      if (line.get("method").equals(request.method())
          && ScriptedServer.query((String) line.get("query")).equals(request.query())) {
        left.remove(line);
        Map<String, String> headers = new HashMap<>();
        TestJson.map(line.get("respHeaders"))
            .forEach((name, value) -> headers.put(name, "" + value));
        headers.remove("Content-Length");
        return new Answer(
            ((Number) line.get("status")).intValue(), headers, bytes(line, "resp"), 0);
      }
    }
    return Answer.no(500, "merkledag: not found");
  }

  /** A recorded body, of a request ({@code req}) or an answer ({@code resp}). */
  static byte[] bytes(Map<String, Object> line, String of) {
    Object base64 = line.get(of + "Base64");
    return base64 == null
        ? ((String) line.get(of + "Text")).getBytes(StandardCharsets.UTF_8)
        : Base64.getDecoder().decode((String) base64);
  }
}
