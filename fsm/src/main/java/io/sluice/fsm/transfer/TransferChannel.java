package io.sluice.fsm.transfer;

import static io.sluice.protocol.ipld.NodeCodec.ANY;
import static io.sluice.protocol.ipld.NodeCodec.BOOL;
import static io.sluice.protocol.ipld.NodeCodec.LINK;
import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.ipld.NodeCodec.TEXT;

import io.sluice.fsm.transfer.TransferInput.DataLimit;
import io.sluice.fsm.transfer.TransferInput.ErrorText;
import io.sluice.fsm.transfer.TransferInput.RequiresFinalization;
import io.sluice.fsm.transfer.TransferInput.Totals;
import io.sluice.fsm.transfer.TransferInput.TransferVoucher;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.util.List;
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
    ChannelOpening opening,
    Totals queued,
    Totals sent,
    Totals received,
    long dataLimit,
    boolean requiresFinalization,
    boolean initiatorPaused,
    boolean responderPaused,
    Exchanged vouchers,
    Exchanged results,
    String message) {

  static final NodeCodec<TypedVoucher> VOUCHER =
      MapCodec.of(
          f ->
              new TypedVoucher(
                  f.get("type", TEXT, TypedVoucher::type),
                  f.get("value", ANY, TypedVoucher::value)));

  /** How channels are stored. */
  public static final NodeCodec<TransferChannel> CODEC =
      MapCodec.of(
          f ->
              new TransferChannel(
                  f.get("opening", ChannelOpening.CODEC, TransferChannel::opening),
                  f.get("queued", Totals.CODEC, TransferChannel::queued),
                  f.get("sent", Totals.CODEC, TransferChannel::sent),
                  f.get("received", Totals.CODEC, TransferChannel::received),
                  f.get("limit", LONG, TransferChannel::dataLimit),
                  f.get("finalization", BOOL, TransferChannel::requiresFinalization),
                  f.get("initiatorPaused", BOOL, TransferChannel::initiatorPaused),
                  f.get("responderPaused", BOOL, TransferChannel::responderPaused),
                  f.get("vouchers", Exchanged.CODEC, TransferChannel::vouchers),
                  f.get("results", Exchanged.CODEC, TransferChannel::results),
                  f.get("message", TEXT, TransferChannel::message)));

  /**
   * What a channel is opened with; a restart repeats it.
   *
   * @param id the channel's name
   * @param initiated whether we are the initiator
   * @param pull whether the data flow to the initiator
   * @param root where the walk begins
   * @param selector which way it goes
   * @param voucher why the responder should agree
   * @param addresses where the other end may be dialled, if this channel keeps that itself
   */
  public record ChannelOpening(
      ChannelId id,
      boolean initiated,
      boolean pull,
      Cid root,
      Node selector,
      TypedVoucher voucher,
      List<Multiaddr> addresses) {

    /** Copies the addresses. */
    public ChannelOpening {
      addresses = List.copyOf(addresses);
    }

    private static final NodeCodec<PeerId> PEER = NodeCodec.bytes(PeerId::bytes, PeerId::of);

    // The transfer number is unsigned on the wire, but only its bits matter here.
    private static final MapCodec<ChannelId> ID =
        MapCodec.of(
            f ->
                new ChannelId(
                    f.get("initiator", PEER, ChannelId::initiator),
                    f.get("responder", PEER, ChannelId::responder),
                    f.get("transfer", LONG, ChannelId::transfer)));

    private static final MapCodec<ChannelOpening> CODEC =
        MapCodec.of(
            f ->
                new ChannelOpening(
                    f.among(ID, ChannelOpening::id),
                    f.get("initiated", BOOL, ChannelOpening::initiated),
                    f.get("pull", BOOL, ChannelOpening::pull),
                    f.get("root", LINK, ChannelOpening::root),
                    f.get("selector", ANY, ChannelOpening::selector),
                    f.get("voucher", VOUCHER, ChannelOpening::voucher),
                    f.get(
                        "addresses",
                        NodeCodec.bytes(Multiaddr::bytes, Multiaddr::of).list(),
                        ChannelOpening::addresses)));

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
   * @param open how many of the newest the responder has not gone on for yet; of results none
   */
  public record Exchanged(long count, Optional<TypedVoucher> last, long open) {
    private static final MapCodec<Exchanged> CODEC =
        MapCodec.of(
            f ->
                new Exchanged(
                    f.get("count", LONG, Exchanged::count),
                    f.find("last", VOUCHER, Exchanged::last),
                    f.find("open", LONG, Exchanged::stored).orElse(0L)));

    static final Exchanged NONE = new Exchanged(0, Optional.empty(), 0);

    private Optional<Long> stored() {
      return open == 0 ? Optional.empty() : Optional.of(open);
    }

    Exchanged andResult(TypedVoucher next) {
      return new Exchanged(count + 1, Optional.of(next), 0);
    }

    Exchanged andVoucher(TypedVoucher next) {
      return new Exchanged(count + 1, Optional.of(next), open + 1);
    }

    Exchanged answered() {
      return open == 0 ? this : new Exchanged(count, last, open - 1);
    }
  }

  /** A channel that has just been opened. */
  public static TransferChannel opened(ChannelOpening opening) {
    return new TransferChannel(
        opening,
        Totals.NONE,
        Totals.NONE,
        Totals.NONE,
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

  TransferChannel troubled(ErrorText error) {
    return with(error.text());
  }

  /** Trouble while it ends does not hide why it ends. */
  TransferChannel troubledToo(ErrorText error) {
    return message.isEmpty() ? troubled(error) : this;
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

  TransferChannel queued(Totals totals) {
    return with(queued.upTo(totals), sent, received);
  }

  TransferChannel sent(Totals totals) {
    return with(queued, sent.upTo(totals), received);
  }

  TransferChannel received(Totals totals) {
    return with(queued, sent, received.upTo(totals));
  }

  private TransferChannel with(Totals queued, Totals sent, Totals received) {
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

  TransferChannel limited(DataLimit limit) {
    return with(limit.bytes(), requiresFinalization);
  }

  TransferChannel finalizationSet(RequiresFinalization finalization) {
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
    return paused(initiatorPaused, false).with(vouchers.answered(), results);
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

  TransferChannel voucherGiven(TransferVoucher given) {
    return with(vouchers.andVoucher(given.voucher()), results);
  }

  TransferChannel resultGiven(TransferVoucher given) {
    return with(vouchers, results.andResult(given.voucher()));
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
