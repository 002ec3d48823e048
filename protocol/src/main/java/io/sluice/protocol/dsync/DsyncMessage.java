package io.sluice.protocol.dsync;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A request or an answer of dsync over libp2p.
 *
 * @param type what is asked for; an answer repeats it
 * @param id made up by who asks; the answer repeats it
 * @param initiator the peer that asks, as text; only the connection proves who it is
 * @param headers what the request is about, and what the application says beside it
 * @param body an info or manifest in CBOR, or a block, read-only; empty if there is none
 */
public record DsyncMessage(
    String type, String id, String initiator, Map<String, String> headers, ByteBuffer body) {
  /** Opens a session for a push; the body is its info, the answer's body what is missing. */
  public static final String NEW_RECEIVE = "new_receive";

  /** Brings one block of a push. */
  public static final String RECEIVE_BLOCK = "receive_block";

  /** Asks for the info of a DAG. */
  public static final String GET_INFO = "get_daginfo";

  /** Asks for a block. */
  public static final String GET_BLOCK = "get_block";

  /** Asks to remove a DAG. */
  public static final String REMOVE = "remove_cid";

  /** Header that tells requests from answers. */
  public static final String PHASE = "phase";

  /** {@link #PHASE} of requests; those of {@link #GET_BLOCK} have none. */
  public static final String REQUEST = "request";

  /** {@link #PHASE} of answers. */
  public static final String RESPONSE = "response";

  /** Header of an answer that says why not. */
  public static final String ERROR = "error";

  /** Header that says what became of a block. */
  public static final String STATUS = "status";

  /** {@link #STATUS}: stored. */
  public static final String OK = "ok";

  /** {@link #STATUS}: not stored, and may be sent again. */
  public static final String RETRY = "retry";

  /** {@link #STATUS}: not stored, and will not be. */
  public static final String ERRORED = "errored";

  /** What stands for no body. */
  public static final ByteBuffer NO_BODY = ByteBuffer.allocate(0).asReadOnlyBuffer();

  /** Copies the headers, sorted; takes a view of the body, which must not change any more. */
  public DsyncMessage {
    SortedMap<String, String> sorted = new TreeMap<>(headers);
    headers = Collections.unmodifiableSortedMap(sorted);
    body = body.slice().asReadOnlyBuffer();
  }

  /** A view of the body. */
  @Override
  public ByteBuffer body() {
    return body.duplicate();
  }

  /** A header, empty if it is not there. */
  public String header(String name) {
    return headers.getOrDefault(name, "");
  }

  /** Whether this answers something, so that it must not be taken for a request. */
  public boolean isAnswer() {
    return header(PHASE).equals(RESPONSE) || headers.containsKey(ERROR);
  }

  /** The answer to this. Its headers replace those of the request. */
  public DsyncMessage answer(Map<String, String> answerHeaders, ByteBuffer answerBody) {
    Map<String, String> all = new TreeMap<>(answerHeaders);
    all.put(PHASE, RESPONSE);
    return new DsyncMessage(type, id, initiator, all, answerBody);
  }
}
