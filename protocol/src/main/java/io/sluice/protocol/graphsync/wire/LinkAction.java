package io.sluice.protocol.graphsync.wire;

/** What a responder did with a link of its walk. Spec: GraphSync 2.0.0, link metadata. */
public enum LinkAction {
  /** It has the block; the bytes may be in the same message, or not sent at all. */
  PRESENT("p", true),
  /** It lacks the block and left the branch out. */
  MISSING("m", false),
  /** It did not send the block again, but walked on beneath it. Nobody was seen to emit this. */
  DUPLICATE("d", true),
  /** It did not walk a branch again. Nobody was seen to emit this. */
  DUPLICATE_DAG("s", false);

  private final String wire;
  private final boolean followed;

  LinkAction(String wire, boolean followed) {
    this.wire = wire;
    this.followed = followed;
  }

  /** The one letter of the wire. */
  public String wire() {
    return wire;
  }

  /** Whether metadata of the links beneath follows. */
  public boolean followed() {
    return followed;
  }

  static LinkAction ofWire(String wire) {
    return switch (wire) {
      case "p" -> PRESENT;
      case "m" -> MISSING;
      case "d" -> DUPLICATE;
      case "s" -> DUPLICATE_DAG;
      default -> throw Malformed.message("link action " + wire);
    };
  }
}
