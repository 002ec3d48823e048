package io.sluice.node.transfer;

import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferChannel.ChannelOpening;
import io.sluice.fsm.transfer.TransferChannelEvent;
import io.sluice.fsm.transfer.TransferInput;
import io.sluice.fsm.transfer.TransferStatus;
import io.sluice.fsm.transfer.TransferTable;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What is the same for all requests of peers: whether the channel is known, whether it is the one
 * that it was, and that it is durable before anything is said of it. Thread-safe.
 *
 * @param fresh those that begin here are put in until something runs for them
 * @param conversation what runs for a channel
 */
record Admission(
    TransferRecords records,
    TransferLimits limits,
    Set<MachineId> fresh,
    Function<MachineView<TransferStatus, TransferChannel>, Conversation> conversation) {

  Optional<MachineView<TransferStatus, TransferChannel>> known(ChannelId channel)
      throws IOException {
    return records.channels().get(ManagedChannel.idOf(channel, false));
  }

  /** Whether no more channels of that direction are taken of that peer. */
  boolean isCrowded(PeerId peer, boolean pull) throws IOException {
    List<PeerId> initiators =
        records.own().stream()
            .map(view -> view.data().opening())
            .filter(opening -> !opening.initiated() && opening.pull() == pull)
            .map(opening -> opening.id().initiator())
            .toList();
    return initiators.size() >= limits.total()
        || initiators.stream().filter(peer::equals).count() >= limits.perPeer();
  }

  /**
   * A channel comes into being, on these terms: all of them are durable before it is accepted.
   *
   * @param verdict accepts it
   */
  MachineView<TransferStatus, TransferChannel> start(ChannelOpening opening, Verdict verdict)
      throws IOException {
    MachineId id = ManagedChannel.idOf(opening.id(), false);
    ManagedChannel channel = new ManagedChannel(id, opening, records);
    TransferChannel opened = TransferChannel.opened(opening);
    fresh.add(id);
    TransferManager.join(records.channels().start(id, opened));
    CrashPoint.TRANSFER_TAKEN.reached();
    Responding.note(channel, verdict, opened);
    if (verdict.paused()) {
      channel.happened(TransferChannelEvent.PAUSE_RESPONDER);
    }
    accept(channel);
    CrashPoint.TRANSFER_ACCEPTED.reached();
    return records.channels().get(id).orElseThrow();
  }

  private static void accept(ManagedChannel channel) throws IOException {
    TransferManager.join(channel.decided(TransferChannelEvent.ACCEPT, TransferInput.none()));
  }

  /** What runs for a channel whose initiator begins again, or has just begun. */
  Conversation goOn(MachineView<TransferStatus, TransferChannel> view, boolean restart)
      throws IOException {
    ManagedChannel channel = new ManagedChannel(view.id(), view.data().opening(), records);
    if (restart) {
      channel.happened(TransferChannelEvent.RESTART);
    }
    Conversation running = conversation.apply(view);
    fresh.remove(view.id());
    return running;
  }

  /** Whether it is not agreed to yet: a process died over that, and the opening is to be judged. */
  static boolean isOpen(MachineView<TransferStatus, TransferChannel> view) {
    return view.state() == TransferStatus.REQUESTED;
  }

  /** A channel that is known goes on, on terms that are recorded by now. */
  void agree(MachineView<TransferStatus, TransferChannel> view) throws IOException {
    if (isOpen(view)) {
      accept(new ManagedChannel(view.id(), view.data().opening(), records));
    }
  }

  /** Why a channel that has ended does not go on; empty if it lives. */
  static Optional<String> ended(MachineView<TransferStatus, TransferChannel> view) {
    if (!view.ended() && !TransferTable.CLEANUP.contains(view.state())) {
      return Optional.empty();
    }
    String why = view.data().message();
    return Optional.of(why.isEmpty() ? "the transfer has ended" : why);
  }

  static boolean isComplete(MachineView<TransferStatus, TransferChannel> view) {
    return view.state() == TransferStatus.COMPLETED || view.state() == TransferStatus.COMPLETING;
  }

  /** All that a restart repeats byte for byte. */
  static boolean isFor(ChannelOpening opening, ChannelOpening again) {
    return opening.id().equals(again.id())
        && opening.pull() == again.pull()
        && opening.root().equals(again.root())
        && DagCbor.same(opening.selector(), again.selector())
        && opening.voucher().type().equals(again.voucher().type())
        && DagCbor.same(opening.voucher().value(), again.voucher().value());
  }
}
