package io.sluice.protocol.dsync;

/**
 * The names and texts of dsync 0.2.0, as the programs that speak it write them and in part compare
 * them.
 */
public final class DsyncNames {
  /** The protocol id on libp2p and the value of {@link #VERSION_HEADER}. */
  public static final String PROTOCOL = "/dsync/0.2.0";

  /** What a server speaks that says nothing: no archives, only single blocks. */
  public static final String OLD_PROTOCOL = "/dsync/0.1.1";

  /** The path on an HTTP server, by convention. */
  public static final String PATH = "/dsync";

  /** Header with the version, on every answer. */
  public static final String VERSION_HEADER = "dsync-version";

  /** Header of the answer to a new session, and the parameter of what belongs to it. */
  public static final String SID = "sid";

  /** Parameter that asks for a pin; it counts only as exactly {@code true}. */
  public static final String PIN = "pin";

  /** Parameter that names the block in a body. */
  public static final String HASH = "hash";

  /** Parameter that asks for the info of a DAG. */
  public static final String MANIFEST = "manifest";

  /** Parameter that asks for a block. */
  public static final String BLOCK = "block";

  /** Parameter that names the DAG to be removed. */
  public static final String CID = "cid";

  /** Media type of an archive; the only one that clients take, without parameters. */
  public static final String CAR = "archive/car";

  /** Media type of an info in CBOR; anything else is read as JSON. */
  public static final String CBOR = "application/cbor";

  /** Media type of infos and manifests in answers. */
  public static final String JSON = "application/json";

  /** Media type of a single block. */
  public static final String BYTES = "application/octet-stream";

  /** Why nothing is removed; clients compare it. */
  public static final String REMOVE_NOT_SUPPORTED = "remove is not supported";

  /** Why a push is not taken, where none is. */
  public static final String PUSH_NOT_ACCEPTED = "remote is not configured to accept DAGs";

  /** Why a push that is to be pinned is not taken. */
  public static final String PIN_NOT_SUPPORTED = "remote doesn't support pinning";

  /** Why a body was not taken for an info. */
  public static final String NOT_AN_INFO = "body must be a json dag info object";

  /** What a GET has to ask for. */
  public static final String NOTHING_ASKED_FOR =
      "either manifest or block query params are required";

  /** What is said of an empty manifest whose blocks are asked for. */
  public static final String EMPTY_MANIFEST = "invalid state: value already consumed";

  private DsyncNames() {}

  /** What is said of a session that is not there. */
  public static String sessionNotFound(String sid) {
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < sid.length(); i++) {
      char next = sid.charAt(i);
      if (next == '"' || next == '\\') {
        shown.append('\\').append(next);
      } else if (next < ' ' || next == 0x7f) {
        shown.append("\\x%02x".formatted((int) next));
      } else {
        shown.append(next);
      }
    }
    return "sid \"" + shown + "\" not found";
  }

  /** What is said of bytes that are not the block that they are sent as. */
  public static String hashMismatch(Object expected, Object actual) {
    return "hash mismatch. expected: '%s', got: '%s'".formatted(expected, actual);
  }

  /**
   * Whether a peer of this version takes and sends whole archives: {@code /dsync/A.B.C} with B of 2
   * or more. Others go block by block.
   */
  public static boolean streams(String version) {
    String[] numbers =
        version.startsWith("/dsync/")
            ? version.substring("/dsync/".length()).split("\\.", -1)
            : new String[0];
    if (numbers.length != 3) {
      return false;
    }
    for (String number : numbers) {
      if (!number.matches("[0-9]{1,9}")) {
        return false;
      }
    }
    return Integer.parseInt(numbers[1]) >= 2;
  }
}
