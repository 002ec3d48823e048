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
 * <p>Given again is only what was given before the responder was heard in this attempt: what it has
 * asked for since then is on its way to it, and would count as the next one if it came twice.
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

  /** How many, from the oldest on, may be lost. */
  private int doubtful;

  private boolean heard;

  /** What an earlier process has left; of several the newest, which is all that is recorded. */
  synchronized void recall(Exchanged vouchers) {
    if (open.isEmpty() && vouchers.open() > 0) {
      vouchers.last().ifPresent(open::add);
    }
  }

  /** The transfer is begun, or begun again. */
  synchronized void attempt() {
    heard = false;
    doubtful = open.size();
  }

  /** The responder has said something. */
  synchronized void heard() {
    heard = true;
  }

  /** One is given, and begins to be written. */
  synchronized void given(TypedVoucher voucher) {
    if (open.size() == MOST) {
      var unused = answered();
    }
    open.addLast(voucher);
    beingWritten++;
    if (!heard) {
      doubtful = open.size();
    }
  }

  /** One is written, or cannot be. */
  synchronized void written() {
    beingWritten--;
  }

  /** The responder goes on; returns whether that answers one. */
  synchronized boolean answered() {
    doubtful = Math.max(0, doubtful - 1);
    return open.pollFirst() != null;
  }

  /**
   * What to give again now that the responder has agreed, oldest first; each once in an attempt.
   * Nothing while one is still being written, which suffices.
   */
  synchronized List<TypedVoucher> again() {
    if (beingWritten > 0) {
      return List.of();
    }
    List<TypedVoucher> again = open.stream().limit(doubtful).toList();
    doubtful = 0;
    return again;
  }
}
