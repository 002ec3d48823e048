package io.sluice.protocol.datatransfer;

/** What the two ends of a channel say to each other. Spec: data transfer 1.2.0, message schema. */
public sealed interface TransferMessage permits TransferRequest, TransferResponse {
  /** What it is about. */
  MessageType type();

  /** The number of the channel, unsigned; 0 in {@link MessageType#RESTART_EXISTING}. */
  long transfer();

  /** Whether the sender is, or wants to be, paused. */
  boolean paused();
}
