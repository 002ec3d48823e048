package io.sluice.protocol.libp2p;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * How far the life of one stream has come, and what that lets each side of it do. It decides and
 * does nothing; guarded by the lock of its stream.
 *
 * <pre>
 *   sending    opening due → open → end due (no more is written) → end sent
 *   receiving  open → ended by the peer
 *                   → of no interest to us
 *   both       → failed: reset by either end, or the connection lost
 * </pre>
 *
 * <p>Each direction ends on its own. That we read no more is something yamux has no word for: data
 * still comes, is dropped, and gets no credit. A failure ends both directions; the first one
 * counts, since what follows it are its consequences. Spec: yamux, closing and resetting a stream.
 */
final class StreamLife {
  private static final OutboundFrame IDLE = new OutboundFrame.Idle();
  private static final OutboundFrame OPENING = new OutboundFrame.HeaderOnly(Yamux.SYN, 0);
  private static final OutboundFrame END = new OutboundFrame.HeaderOnly(Yamux.FIN, 0);

  private boolean openingDue;
  private boolean endDue;
  private boolean endSent;
  private boolean resetDue;
  private long resetCode;
  private boolean remoteEnded;
  private boolean readClosed;
  private @Nullable IOException failure;

  /**
   * A stream that is open here.
   *
   * @param openingDue whether the peer has still to hear of it
   */
  StreamLife(boolean openingDue) {
    this.openingDue = openingDue;
  }

  // ---- what happens

  /** Nothing more will be written; false if that was so already. */
  boolean endWriting() {
    if (isWriteClosed()) {
      return false;
    }
    endDue = true;
    return true;
  }

  /** Nothing more will be read here. */
  void endReading() {
    readClosed = true;
  }

  /** The peer will send no more. */
  void remoteEnded() {
    remoteEnded = true;
  }

  /**
   * The peer is to hear that the stream is dropped; false if it need not: one that has said
   * everything, and heard everything, has forgotten the stream.
   */
  boolean reset(long code) {
    if (isOver()) {
      return false;
    }
    resetDue = true;
    resetCode = code;
    return true;
  }

  /** Both directions fail; the first cause counts. */
  void fail(IOException cause) {
    if (failure == null) {
      failure = cause;
    }
  }

  // ---- what may be done

  /** Whether neither end will send any more. */
  boolean isOver() {
    return failure != null || (endSent && remoteEnded);
  }

  boolean hasFailed() {
    return failure != null;
  }

  /** Whether nothing more can be written. */
  boolean isWriteClosed() {
    return failure != null || endDue;
  }

  boolean isReadClosed() {
    return readClosed;
  }

  /**
   * Whether data that comes is kept. Behind an end or a reset nobody wants it, and a peer that
   * sends it all the same must not fill our memory with it.
   */
  boolean keepsData() {
    return !readClosed && !remoteEnded && failure == null;
  }

  /** Whether the peer may use more credit: not if it has ended, nor if all has failed. */
  boolean needsCredit() {
    return !remoteEnded && failure == null;
  }

  /**
   * Whether what came before this failure may still be read: after a broken connection it may,
   * since it was said; after a reset it was taken back.
   */
  boolean keepsReceived(IOException cause) {
    return !readClosed && cause instanceof ConnectionLostException;
  }

  /**
   * Whether a reader who finds nothing is at the end; else it waits.
   *
   * @throws IOException if nothing will come any more, and the peer has not said that this is all
   */
  boolean isReadEnd() throws IOException {
    // All had come, whatever became of the connection since.
    if (remoteEnded && !(failure instanceof StreamResetException) && !readClosed) {
      return true;
    }
    checkNotFailed();
    if (readClosed) {
      throw new StreamResetException(false, 0);
    }
    return false;
  }

  /**
   * Holds if more may be written.
   *
   * @throws IOException if not
   */
  void checkWritable() throws IOException {
    checkNotFailed();
    if (endDue) {
      throw new StreamResetException(false, 0);
    }
  }

  /**
   * Holds if nothing has failed.
   *
   * @throws IOException the failure, anew, so that each caller sees its own stack
   */
  void checkNotFailed() throws IOException {
    if (failure == null) {
      return;
    }
    throw switch (failure) {
      case StreamResetException reset -> new StreamResetException(reset.byPeer(), reset.code());
      case ConnectionLostException lost ->
          new ConnectionLostException(String.valueOf(lost.getMessage()), lost);
      default -> failure;
    };
  }

  // ---- what is said next

  /**
   * What goes before any data: a reset overrules all, an opening is the first that is said. Null if
   * it is the turn of data.
   */
  @Nullable OutboundFrame nextBeforeData() {
    if (resetDue || failure != null) {
      boolean say = resetDue && !openingDue; // never opened: the peer has not heard of it
      resetDue = false;
      return say ? new OutboundFrame.HeaderOnly(Yamux.RST, (int) resetCode) : IDLE;
    }
    if (openingDue) {
      openingDue = false;
      return OPENING;
    }
    return null;
  }

  /**
   * What goes when no data waits.
   *
   * @param drained whether none is on its way to the queue either: the end stands behind all that
   *     was written
   */
  OutboundFrame nextBehindData(boolean drained) {
    if (endDue && !endSent && drained) {
      endSent = true;
      return END;
    }
    return IDLE;
  }
}
