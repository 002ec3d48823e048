package io.sluice.node.transfer;

import io.sluice.fsm.transfer.TransferChannel.Exchanged;
import io.sluice.protocol.datatransfer.TypedVoucher;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The vouchers that an initiator has given and the responder has not gone on for. A voucher that
 * was written may never have been read, and a responder that read it may have died with it in its
 * hands, so each is given again whenever the responder agrees to go on with the transfer, until it
 * is answered: rather twice than not at all.
 *
 * <p>A response names no voucher, so one that goes on answers the oldest. One that says that the
 * responder waits answers none: a demand looks the same. Thread-safe.
 */
final class OpenVouchers {
  /** Who is not answered for so long has nothing to expect from older ones. */
  private static final int MOST = 16;

  // Guarded by this.
  private final Deque<TypedVoucher> open = new ArrayDeque<>();
  private int beingWritten;

  /** What an earlier process has left; of several the newest, which is all that is recorded. */
  synchronized void recall(Exchanged vouchers) {
    if (open.isEmpty() && vouchers.open() > 0) {
      vouchers.last().ifPresent(open::add);
    }
  }

  /** One is given, and begins to be written. */
  synchronized void given(TypedVoucher voucher) {
    if (open.size() == MOST) {
      open.removeFirst();
    }
    open.addLast(voucher);
    beingWritten++;
  }

  /** One is written, or cannot be. */
  synchronized void written() {
    beingWritten--;
  }

  /** The responder goes on; returns whether that answers one. */
  synchronized boolean answered() {
    return open.pollFirst() != null;
  }

  /** What to give again, oldest first; nothing while one is still being written, which suffices. */
  synchronized List<TypedVoucher> again() {
    return beingWritten > 0 ? List.of() : List.copyOf(open);
  }
}
