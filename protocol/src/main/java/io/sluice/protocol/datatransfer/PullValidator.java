package io.sluice.protocol.datatransfer;

/** Decides about pulls whose voucher has a certain type. */
@FunctionalInterface
public interface PullValidator {
  /**
   * Decides about a request. Called on a virtual thread of the request's own, so it may block. An
   * exception rejects the request without a result.
   */
  PullDecision validate(PullRequest request);
}
