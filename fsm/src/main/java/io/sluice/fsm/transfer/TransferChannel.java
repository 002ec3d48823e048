package io.sluice.fsm.transfer;

import io.sluice.fsm.DataCodec;
import io.sluice.fsm.transfer.TransferInput.Finalization;
import io.sluice.fsm.transfer.TransferInput.Given;
import io.sluice.fsm.transfer.TransferInput.Limit;
import io.sluice.fsm.transfer.TransferInput.Progress;
import io.sluice.fsm.transfer.TransferInput.Reason;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.util.Optional;

/**
 * What is known of a transfer channel beside its status. Bounded however long the transfer: of
 * vouchers and results the newest and their number are kept, the others are in the journal.
 *
 * @param opening what the channel was opened with
 * @param queued what the sender has handed to its transport
 * @param sent what the sender has written
 * @param received what the recipient has verified
 * @param dataLimit bytes after which the responder pauses; 0 for no limit
 * @param requiresFinalization whether the responder wants a last voucher before it completes
 * @param initiatorPaused whether the initiator has paused
 * @param responderPaused whether the responder has paused
 * @param vouchers vouchers after the opening one
 * @param results voucher results
 * @param message the last trouble, for people; empty once it is over
 */
public record TransferChannel(
    Opening opening,
    Flow queued,
    Flow sent,
    Flow received,
    long dataLimit,
    boolean requiresFinalization,
    boolean initiatorPaused,
    boolean responderPaused,
    Exchanged vouchers,
    Exchanged results,
    String message) {

  /** How channels are stored. */
  public static final DataCodec<TransferChannel> CODEC = new TransferChannelCodec();

  /**
   * What a channel is opened with; a restart repeats it.
   *
   * @param id the channel's name
   * @param initiated whether we are the initiator
   * @param pull whether the data flow to the initiator
   * @param root where the walk begins
   * @param selector which way it goes
   * @param voucher why the responder should agree
   */
  public record Opening(
      ChannelId id,
      boolean initiated,
      boolean pull,
      Cid root,
      Node selector,
      TypedVoucher voucher) {

    /** Whether the data flow from us. */
    public boolean sending() {
      return initiated != pull;
    }
  }

  /**
   * Vouchers or results that were exchanged.
   *
   * @param count how many
   * @param last the newest
   */
  public record Exchanged(long count, Optional<TypedVoucher> last) {
    static final Exchanged NONE = new Exchanged(0, Optional.empty());

    Exchanged and(TypedVoucher next) {
      return new Exchanged(count + 1, Optional.of(next));
    }
  }

  /** A channel that has just been opened. */
  public static TransferChannel opened(Opening opening) {
    return new TransferChannel(
        opening,
        Flow.NONE,
        Flow.NONE,
        Flow.NONE,
        0,
        false,
        false,
        false,
        Exchanged.NONE,
        Exchanged.NONE,
        "");
  }

  /** Whether data should not flow. */
  public boolean paused() {
    return initiatorPaused || responderPaused;
  }

  TransferChannel troubled(Reason reason) {
    return with(reason.text());
  }

  TransferChannel cleared(TransferInput input) {
    return with("");
  }

  private TransferChannel with(String message) {
    return new TransferChannel(
        opening,
        queued,
        sent,
        received,
        dataLimit,
        requiresFinalization,
        initiatorPaused,
        responderPaused,
        vouchers,
        results,
        message);
  }

  TransferChannel queued(Progress progress) {
    return with(queued.upTo(progress), sent, received);
  }

  TransferChannel sent(Progress progress) {
    return with(queued, sent.upTo(progress), received);
  }

  TransferChannel received(Progress progress) {
    return with(queued, sent, received.upTo(progress));
  }

  private TransferChannel with(Flow queued, Flow sent, Flow received) {
    return new TransferChannel(
        opening,
        queued,
        sent,
        received,
        dataLimit,
        requiresFinalization,
        initiatorPaused,
        responderPaused,
        vouchers,
        results,
        message);
  }

  TransferChannel limited(Limit limit) {
    return with(limit.bytes(), requiresFinalization);
  }

  TransferChannel finalizationSet(Finalization finalization) {
    return with(dataLimit, finalization.required());
  }

  private TransferChannel with(long dataLimit, boolean requiresFinalization) {
    return new TransferChannel(
        opening,
        queued,
        sent,
        received,
        dataLimit,
        requiresFinalization,
        initiatorPaused,
        responderPaused,
        vouchers,
        results,
        message);
  }

  TransferChannel initiatorPaused(TransferInput input) {
    return paused(true, responderPaused);
  }

  TransferChannel initiatorResumed(TransferInput input) {
    return paused(false, responderPaused);
  }

  TransferChannel responderPaused(TransferInput input) {
    return paused(initiatorPaused, true);
  }

  TransferChannel responderResumed(TransferInput input) {
    return paused(initiatorPaused, false);
  }

  private TransferChannel paused(boolean initiator, boolean responder) {
    return new TransferChannel(
        opening,
        queued,
        sent,
        received,
        dataLimit,
        requiresFinalization,
        initiator,
        responder,
        vouchers,
        results,
        message);
  }

  TransferChannel voucherGiven(Given given) {
    return with(vouchers.and(given.voucher()), results);
  }

  TransferChannel resultGiven(Given given) {
    return with(vouchers, results.and(given.voucher()));
  }

  private TransferChannel with(Exchanged vouchers, Exchanged results) {
    return new TransferChannel(
        opening,
        queued,
        sent,
        received,
        dataLimit,
        requiresFinalization,
        initiatorPaused,
        responderPaused,
        vouchers,
        results,
        message);
  }
}
