package io.sluice.node.transfer;

import io.sluice.fsm.transfer.TransferChannel.ChannelOpening;
import io.sluice.protocol.datatransfer.TypedVoucher;
import java.util.Optional;

/**
 * Decides as responder about transfers that peers open with a certain type of voucher, pulls and
 * pushes alike. Called on threads of their own, so it may block, and from several at once, but of
 * one transfer one call after the other. An exception refuses.
 *
 * <p>Spec: go-data-transfer v1.15.1, validators and revalidators; v2.0.0, validation result.
 */
@FunctionalInterface
public interface TransferValidator {
  /** A peer wants to begin; what {@code opening} says is the peer's claim. */
  Verdict opened(ChannelOpening opening);

  /** The initiator begins again, perhaps after either process was another one. */
  default Verdict restarted(TransferState transfer) {
    return Verdict.unchanged(transfer.channel());
  }

  /**
   * The initiator gives a further voucher, which is recorded by now. A transfer that was paused
   * other than by its limit stays so, whatever the verdict says. After a restart of either end the
   * same voucher may come once more, since neither may know whether it was judged.
   */
  default Verdict paid(TransferState transfer, TypedVoucher voucher) {
    return Verdict.unchanged(transfer.channel());
  }

  /**
   * The limit is reached, or all is through and the last voucher is missing.
   *
   * @return what the initiator is told beside that; empty for nothing
   */
  default Optional<TypedVoucher> demand(TransferState transfer) {
    return Optional.empty();
  }
}
