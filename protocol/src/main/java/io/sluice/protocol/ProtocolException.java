package io.sluice.protocol;

/**
 * Input from a peer or a file that is malformed or forbidden: the other side is to blame, never we.
 *
 * <p>Every decoder throws this and nothing else. The code is a stable name for logs, counters and
 * answers; the message is for people, holds the values compared, and may quote the input only in
 * escaped or shortened form.
 */
public class ProtocolException extends RuntimeException {
  /** The input ended early, or declares a length beyond its end. */
  public static final String DECODE_TRUNCATED = "DECODE_TRUNCATED";

  /** The input is a value in an encoding other than the one allowed form. */
  public static final String DECODE_NOT_CANONICAL = "DECODE_NOT_CANONICAL";

  /** The input is nested too deeply. */
  public static final String DECODE_DEPTH = "DECODE_DEPTH";

  /** Decoding the input would take too much memory. */
  public static final String DECODE_BUDGET = "DECODE_BUDGET";

  /** The input breaks the rules of its format in a way that no other code names. */
  public static final String DECODE_MALFORMED = "DECODE_MALFORMED";

  /** The input is well formed, but not of the shape asked for: a wrong kind, a missing field. */
  public static final String DECODE_SCHEMA = "DECODE_SCHEMA";

  /** No CID, or one over the limits. */
  public static final String BAD_CID = "BAD_CID";

  /** No multiaddr, or one of unknown protocols. */
  public static final String BAD_MULTIADDR = "BAD_MULTIADDR";

  /** No peer id. */
  public static final String BAD_PEER_ID = "BAD_PEER_ID";

  /** A hash function that blocks are not verified with here. */
  public static final String HASH_NOT_ALLOWED = "HASH_NOT_ALLOWED";

  /** A codec that blocks are not decoded with here. */
  public static final String CODEC_UNKNOWN = "CODEC_UNKNOWN";

  /** A message above the limit. */
  public static final String MESSAGE_TOO_LARGE = "MESSAGE_TOO_LARGE";

  /** A block above the limit. */
  public static final String BLOCK_TOO_LARGE = "BLOCK_TOO_LARGE";

  /** A block whose bytes do not hash to its CID. */
  public static final String BLOCK_HASH_MISMATCH = "BLOCK_HASH_MISMATCH";

  /** A selector that is not valid, or uses a clause that nobody implements. */
  public static final String SELECTOR_INVALID = "SELECTOR_INVALID";

  /** A selector over the limits of size, nodes or nesting. */
  public static final String SELECTOR_TOO_COMPLEX = "SELECTOR_TOO_COMPLEX";

  /** A selector that recurs deeper than allowed. */
  public static final String SELECTOR_TOO_DEEP = "SELECTOR_TOO_DEEP";

  /** A walk over more blocks than allowed. */
  public static final String BLOCK_BUDGET = "BLOCK_BUDGET";

  /** A block with more links than allowed. */
  public static final String LINK_BUDGET = "LINK_BUDGET";

  /** A walk over more bytes than allowed. */
  public static final String BYTE_BUDGET = "BYTE_BUDGET";

  /** A walk deeper than allowed. */
  public static final String DEPTH_BUDGET = "DEPTH_BUDGET";

  /** A walk through more nodes than allowed. */
  public static final String NODE_BUDGET = "NODE_BUDGET";

  private final String code;

  /**
   * @param code one of the names above, or a protocol's own in the same style
   * @param message what was wrong, for people
   */
  public ProtocolException(String code, String message) {
    super(message);
    this.code = code;
  }

  /**
   * @param code one of the names above, or a protocol's own in the same style
   * @param message what was wrong, for people
   * @param cause what noticed it
   */
  public ProtocolException(String code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** The stable name of what was wrong. */
  public String code() {
    return code;
  }
}
