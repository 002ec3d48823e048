package io.sluice.protocol.graphsync.requestor;

import io.sluice.protocol.ProtocolException;

/**
 * The responder sent what the walk does not allow. Ends the walk from within; its cause names the
 * rule.
 */
final class VerificationFailure extends RuntimeException {
  private final ProtocolException violation;

  VerificationFailure(String code, String message) {
    super(message);
    this.violation = new ProtocolException(code, message);
  }

  ProtocolException violation() {
    return violation;
  }
}
