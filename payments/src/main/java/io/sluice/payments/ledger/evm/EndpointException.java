package io.sluice.payments.ledger.evm;

import io.sluice.payments.ledger.LedgerStanding.NodeFault;
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

  final NodeFault fault;

  private EndpointException(String message, NodeFault fault, @Nullable Throwable cause) {
    super(message, cause);
    this.wrong = fault == NodeFault.WRONG;
    this.fault = fault;
  }

  /** It was not reached, or broke off. */
  static EndpointException failed(String message, @Nullable Throwable cause) {
    return new EndpointException(message, NodeFault.UNREACHABLE, cause);
  }

  /** What it said cannot be read. */
  static EndpointException bad(String message, Throwable cause) {
    return new EndpointException(message, NodeFault.UNREADABLE, cause);
  }

  /** What it said is not so. */
  static EndpointException wrong(String message) {
    return new EndpointException(message, NodeFault.WRONG, null);
  }

  /** It is behind: no fault of its kind, but of no use now. */
  static EndpointException behind(String message) {
    return new EndpointException(message, NodeFault.BEHIND, null);
  }
}
