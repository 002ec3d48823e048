package io.sluice.protocol.graphsync.wire;

/** What a request message asks for. Spec: GraphSync 2.0.0, request types. */
public enum RequestKind {
  /** Walk this DAG and send it; also how a paused request goes on. */
  NEW("n"),
  /** Stop; there is no answer. */
  CANCEL("c"),
  /** Take note of these extensions. */
  UPDATE("u");

  private final String wire;

  RequestKind(String wire) {
    this.wire = wire;
  }

  /** The one letter of the wire. */
  public String wire() {
    return wire;
  }

  static RequestKind ofWire(String wire) {
    return switch (wire) {
      case "n" -> NEW;
      case "c" -> CANCEL;
      case "u" -> UPDATE;
      default -> throw Malformed.message("request type " + wire);
    };
  }
}
