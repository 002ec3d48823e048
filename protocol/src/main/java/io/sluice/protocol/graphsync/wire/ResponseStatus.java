package io.sluice.protocol.graphsync.wire;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Where a response stands. Spec: GraphSync, response status codes; both protocol versions share
 * them.
 */
public enum ResponseStatus {
  /** Request acknowledged; not emitted by Go. */
  ACKNOWLEDGED(10),
  /** Additional peers; not emitted by Go. */
  ADDITIONAL_PEERS(11),
  /** Not enough gas; not emitted by Go. */
  NOT_ENOUGH_GAS(12),
  /** Another protocol; not emitted by Go. */
  OTHER_PROTOCOL(13),
  /** More will come. */
  PARTIAL(14),
  /** More will come once something has happened, such as a payment. */
  PAUSED(15),
  /** The walk is done and met no missing link. */
  COMPLETED(20),
  /** The walk is done; some links were missing. */
  COMPLETED_PARTIAL(21),
  /** Nobody validated the request. */
  REJECTED(30),
  /** Too much to do; try later. */
  BUSY(31),
  /** Any other failure, a refused voucher included. */
  FAILED(32),
  /** Refused for legal reasons. */
  LEGAL(33),
  /** The root block is missing. */
  NOT_FOUND(34),
  /** The responder gave up. */
  CANCELLED(35);

  private static final Map<Integer, ResponseStatus> BY_CODE =
      Arrays.stream(values()).collect(Collectors.toMap(ResponseStatus::code, Function.identity()));

  private final int code;

  ResponseStatus(int code) {
    this.code = code;
  }

  /** The number on the wire. */
  public int code() {
    return code;
  }

  /** Whether nothing more will come for the request. */
  public boolean terminal() {
    return code >= 20;
  }

  /** Whether the walk went to its end, with or without missing links. */
  public boolean success() {
    return code == 20 || code == 21;
  }

  static ResponseStatus ofCode(long code) {
    ResponseStatus status = code < 0 || code > 255 ? null : BY_CODE.get((int) code);
    if (status == null) {
      throw Malformed.message("response status " + code);
    }
    return status;
  }
}
