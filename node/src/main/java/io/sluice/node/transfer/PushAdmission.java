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
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.datatransfer.PushDecision;
import io.sluice.protocol.datatransfer.PushRequest;
import io.sluice.protocol.datatransfer.PushValidator;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Selector;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides about pushes of peers: who may, how much, and whether it is the channel that it was. What
 * is accepted is durable before it is said. Thread-safe.
 */
final class PushAdmission implements PushValidator {
  private static final Logger LOG = LoggerFactory.getLogger(PushAdmission.class);

  private final TransferRecords records;
  private final Receiving receiving;
  private final TransferLimits limits;
  private final Set<MachineId> fresh;
  private final Function<MachineView<TransferStatus, TransferChannel>, Conversation> conversation;
  private final LongSupplier arriving;

  /**
   * @param fresh those that begin here are put in until something runs for them
   * @param conversation what runs for a channel
   * @param arriving bytes of pushes that are not complete yet
   */
  PushAdmission(
      TransferRecords records,
      Receiving receiving,
      TransferLimits limits,
      Set<MachineId> fresh,
      Function<MachineView<TransferStatus, TransferChannel>, Conversation> conversation,
      LongSupplier arriving) {
    this.records = records;
    this.receiving = receiving;
    this.limits = limits;
    this.fresh = fresh;
    this.conversation = conversation;
    this.arriving = arriving;
  }

  @Override
  public PushDecision validate(PushRequest request) {
    try {
      return decide(request);
    } catch (IOException e) {
      LOG.warn("a push of {} is refused", request.channel().initiator(), e);
      return refusal("the node cannot look after it now");
    }
  }

  private static PushDecision refusal(String why) {
    return PushDecision.reject(Optional.of(PushVouchers.refusal(why)));
  }

  private PushDecision decide(PushRequest request) throws IOException {
    PeerId from = request.channel().initiator();
    Optional<Receiving.ReceiveRule> rule = receiving.rule(from);
    if (rule.isEmpty()) {
      return refusal("this node does not take pushes of " + from);
    }
    MachineId id = ManagedChannel.idOf(request.channel(), false);
    Optional<MachineView<TransferStatus, TransferChannel>> known = records.channels().get(id);
    if (known.isEmpty()) {
      Optional<String> objection = objection(request, rule.get());
      if (objection.isPresent()) {
        return refusal(objection.get());
      }
      known = Optional.of(start(id, request));
    }
    return goOn(known.get(), request, rule.get());
  }

  private Optional<String> objection(PushRequest request, Receiving.ReceiveRule rule)
      throws IOException {
    try {
      Selector.parse(request.selector());
    } catch (ProtocolException e) {
      return Optional.of("the selector cannot be used: " + e.getMessage());
    }
    long claimed = Math.max(0, PushVouchers.claimed(request.voucher()).orElse(0));
    if (rule.max().isPresent() && claimed > rule.max().getAsLong()) {
      return Optional.of("it is more than " + rule.max().getAsLong() + " bytes");
    }
    if (isCrowded(request.channel().initiator())) {
      return Optional.of("too many pushes are under way; try again later");
    }
    return receiving.lacksRoom(arriving.getAsLong(), claimed);
  }

  private boolean isCrowded(PeerId peer) throws IOException {
    List<PeerId> senders =
        records.own().stream()
            .map(view -> view.data().opening())
            .filter(opening -> !opening.initiated())
            .map(opening -> opening.id().initiator())
            .toList();
    return senders.size() >= limits.total()
        || senders.stream().filter(peer::equals).count() >= limits.perPeer();
  }

  private MachineView<TransferStatus, TransferChannel> start(MachineId id, PushRequest request)
      throws IOException {
    ChannelOpening opening =
        new ChannelOpening(
            request.channel(),
            false,
            false,
            request.root(),
            request.selector(),
            request.voucher(),
            List.of());
    fresh.add(id);
    TransferManager.join(records.channels().start(id, TransferChannel.opened(opening)));
    CrashPoint.PUSH_TAKEN.reached();
    accept(id);
    CrashPoint.PUSH_ACCEPTED.reached();
    return records.channels().get(id).orElseThrow();
  }

  private void accept(MachineId id) throws IOException {
    TransferManager.join(
        records.channels().send(id, TransferChannelEvent.ACCEPT, TransferInput.none()));
  }

  /**
   * A new request for a channel that is known is taken for a restart, and a restart of an unknown
   * one for a new request: whoever lost what the other end remembers may go on.
   */
  private PushDecision goOn(
      MachineView<TransferStatus, TransferChannel> view,
      PushRequest request,
      Receiving.ReceiveRule rule)
      throws IOException {
    if (!isFor(view.data().opening(), request)) {
      return refusal("the channel was opened for something else");
    }
    if (view.state() == TransferStatus.COMPLETED || view.state() == TransferStatus.COMPLETING) {
      return new PushDecision.Complete();
    }
    if (view.ended() || TransferTable.CLEANUP.contains(view.state())) {
      String why = view.data().message();
      return refusal(why.isEmpty() ? "the transfer has ended" : why);
    }
    if (request.restart()) {
      TransferRecords.note(
          records.channels().send(view.id(), TransferChannelEvent.RESTART, TransferInput.none()));
    }
    if (view.state() == TransferStatus.REQUESTED) { // the process died before it had agreed
      accept(view.id());
    }
    Conversation running = conversation.apply(view);
    fresh.remove(view.id());
    return running instanceof TakenPush taken
        ? taken.accept(view.data(), request.push(), rule.max())
        : refusal("the channel runs the other way");
  }

  /** All that a restart repeats byte for byte. */
  private static boolean isFor(ChannelOpening opening, PushRequest request) {
    return opening.id().equals(request.channel())
        && opening.root().equals(request.root())
        && DagCbor.same(opening.selector(), request.selector())
        && opening.voucher().type().equals(request.voucher().type())
        && DagCbor.same(opening.voucher().value(), request.voucher().value());
  }
}
