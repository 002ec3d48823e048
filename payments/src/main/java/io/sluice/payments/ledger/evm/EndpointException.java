package io.sluice.payments.ledger.evm;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint did not do its part: it was not reached, answered late, too much, nonsense or what is
 * not so. Another one is to be asked, and this one left alone for a while.
 */
final class EndpointException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Whether what it said contradicts what is known, not just failed to arrive. */
  final boolean wrong;

  private EndpointException(String message, boolean wrong, @Nullable Throwable cause) {
    super(message, cause);
    this.wrong = wrong;
  }

  /** It was not reached, or broke off. */
  static EndpointException failed(String message, @Nullable Throwable cause) {
    return new EndpointException(message, false, cause);
  }

  /** What it said cannot be read. */
  static EndpointException bad(String message, Throwable cause) {
    return new EndpointException(message, false, cause);
  }

  /** What it said is not so. */
  static EndpointException wrong(String message) {
    return new EndpointException(message, true, null);
  }

  /** It is behind: no fault of its kind, but of no use now. */
  static EndpointException behind(String message) {
    return new EndpointException(message, false, null);
  }
}
