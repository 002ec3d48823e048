package io.sluice.protocol.graphsync;

/** The ways in which a request ends. */
public enum RequestOutcome {
  /** Everything is here and verified. */
  COMPLETED,
  /** The walk is done, but some blocks are at neither end. */
  PARTIAL,
  /** The responder ended it with a failure status. */
  REFUSED,
  /** We cancelled. */
  CANCELLED,
  /** The responder sent something that the walk does not expect, or that breaks a limit. */
  VERIFICATION_FAILED,
  /** The peer could not be reached, or its stream broke. A restart may help. */
  NETWORK,
  /** Something failed here, such as the store. */
  FAILED
}
