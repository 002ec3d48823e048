package io.sluice.protocol.datatransfer;

import io.sluice.protocol.ProtocolException;

/** What a message is about. Spec: data transfer 1.2.0, message types. */
public enum MessageType {
  /** Opens a channel; or the answer. */
  NEW(0),
  /** Pause or resume. */
  UPDATE(1),
  /** The channel is given up. */
  CANCEL(2),
  /** The responder is finished, or wants one last voucher for that. */
  COMPLETE(3),
  /** A further voucher, such as a payment. */
  VOUCHER(4),
  /** The answer to a voucher, or the demand for one. */
  VOUCHER_RESULT(5),
  /** Goes on with a channel that exists; or the answer. */
  RESTART(6),
  /** The responder, by a request, asks the initiator to restart. */
  RESTART_EXISTING(7);

  private final int code;

  MessageType(int code) {
    this.code = code;
  }

  /** The number on the wire. */
  public int code() {
    return code;
  }

  static MessageType ofCode(long code) {
    for (MessageType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    throw new ProtocolException(ProtocolException.DECODE_SCHEMA, "message type " + code);
  }
}
