package io.sluice.node.sync;

import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.ipld.DagJson;
import io.sluice.protocol.ipld.Node;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * What somebody outside the node is asked.
 *
 * @param caller a peer id or the name of a token, as {@code grants ls} has it
 * @param root of the content; of {@link HookMoment#BLOCK_ASKED} the block, and of {@link
 *     HookMoment#BLOCKS_ASKED} the first of them
 * @param blocks that the peer names
 */
record HookQuestion(
    HookMoment moment, String caller, Optional<String> root, int blocks, Map<String, String> meta) {

  static HookQuestion of(
      HookMoment moment, SyncCaller caller, Info info, Map<String, String> meta) {
    return new HookQuestion(
        moment,
        caller.name(),
        info.manifest().root().map(Object::toString),
        info.manifest().nodes().size(),
        meta);
  }

  /** As one line. */
  byte[] json() {
    StringBuilder json = new StringBuilder("{\"hook\":").append(text(moment.text()));
    json.append(",\"caller\":").append(text(caller));
    root.ifPresent(cid -> json.append(",\"root\":").append(text(cid)));
    json.append(",\"blocks\":").append(blocks).append(",\"meta\":{");
    String separator = "";
    for (Map.Entry<String, String> each : meta.entrySet()) {
      json.append(separator).append(text(each.getKey())).append(':').append(text(each.getValue()));
      separator = ",";
    }
    return json.append("}}\n").toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String text(String text) {
    return new String(DagJson.encode(Node.of(text)), StandardCharsets.UTF_8);
  }
}
