package io.sluice.protocol.datatransfer;

import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.util.Optional;

/**
 * What an initiator says; and, with {@link MessageType#RESTART_EXISTING}, a responder.
 *
 * @param baseCid the root, in new and restart requests
 * @param paused pause or resume, in updates
 * @param partial never used
 * @param pull whether the initiator wants the data, in new and restart requests
 * @param selector what of it, in new and restart requests
 * @param voucher in new, restart and voucher requests
 * @param restart the channel meant, in {@link MessageType#RESTART_EXISTING}
 */
public record TransferRequest(
    MessageType type,
    Optional<Cid> baseCid,
    boolean paused,
    boolean partial,
    boolean pull,
    Optional<Node> selector,
    Optional<TypedVoucher> voucher,
    long transfer,
    Optional<ChannelId> restart)
    implements TransferMessage {
  /** Asks for data: opens a pull, or goes on with one. */
  public static TransferRequest pull(
      boolean restart, long transfer, Cid root, Node selector, TypedVoucher voucher) {
    return new TransferRequest(
        restart ? MessageType.RESTART : MessageType.NEW,
        Optional.of(root),
        false,
        false,
        true,
        Optional.of(selector),
        Optional.of(voucher),
        transfer,
        Optional.empty());
  }

  /** Offers data: opens a push, or goes on with one. */
  public static TransferRequest push(
      boolean restart, long transfer, Cid root, Node selector, TypedVoucher voucher) {
    return new TransferRequest(
        restart ? MessageType.RESTART : MessageType.NEW,
        Optional.of(root),
        false,
        false,
        false,
        Optional.of(selector),
        Optional.of(voucher),
        transfer,
        Optional.empty());
  }

  /** Gives a further voucher. */
  public static TransferRequest voucher(long transfer, TypedVoucher voucher) {
    return small(MessageType.VOUCHER, transfer, false, Optional.of(voucher), Optional.empty());
  }

  /** Pauses or resumes. */
  public static TransferRequest update(long transfer, boolean paused) {
    return small(MessageType.UPDATE, transfer, paused, Optional.empty(), Optional.empty());
  }

  /** Gives the channel up. */
  public static TransferRequest cancel(long transfer) {
    return small(MessageType.CANCEL, transfer, false, Optional.empty(), Optional.empty());
  }

  /** Asks the initiator, as responder, to restart. */
  public static TransferRequest restartExisting(ChannelId channel) {
    return small(MessageType.RESTART_EXISTING, 0, false, Optional.empty(), Optional.of(channel));
  }

  private static TransferRequest small(
      MessageType type,
      long transfer,
      boolean paused,
      Optional<TypedVoucher> voucher,
      Optional<ChannelId> restart) {
    return new TransferRequest(
        type, Optional.empty(), paused, false, false, Optional.empty(), voucher, transfer, restart);
  }
}
