package io.sluice.protocol.datatransfer;

/**
 * Hears what peers say about channels, whether their conversation is live or not. Calls come on
 * threads that read from peers, one stream a message, so messages may overtake each other; nothing
 * here may block.
 */
public interface TransferHandler {
  /** Hears nothing. */
  TransferHandler NONE = new TransferHandler() {};

  /**
   * As responder: the initiator gives a further voucher. The channel may be unknown, not begun yet,
   * or over.
   */
  default void onVoucher(ChannelId channel, TypedVoucher voucher) {}

  /** As responder: the initiator pauses, or goes on. */
  default void onUpdate(ChannelId channel, boolean paused) {}

  /**
   * The other end gave the channel up. What GraphSync still does for it has been ended. Clients
   * cancel channels that are completed, too.
   */
  default void onCancel(ChannelId channel) {}

  /** As initiator: a response for a channel that {@link DataTransfer} does not have open. */
  default void onResponse(ChannelId channel, TransferResponse response) {}

  /** As initiator: the responder asks for a restart. Nothing was checked but who asks. */
  default void onRestartAsked(ChannelId channel) {}
}
