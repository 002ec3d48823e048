package io.sluice.protocol.pullsync;

import io.sluice.protocol.protobuf.ProtobufReader;
import io.sluice.protocol.protobuf.ProtobufWriter;

/**
 * Asks how far the log of a lane is.
 *
 * @param lane to be read
 */
public record Syn(Lane lane) implements PullsyncMessage {
  ProtobufWriter encode() {
    return new ProtobufWriter().text(1, lane.toString());
  }

  static Syn decode(ProtobufReader in) {
    String lane = "";
    while (in.next()) {
      if (in.field() == 1) {
        lane = in.text();
      } else {
        in.skip();
      }
    }
    return new Syn(Lane.parse(lane));
  }
}
