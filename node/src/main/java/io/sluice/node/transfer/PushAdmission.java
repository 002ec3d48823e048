package io.sluice.node.transfer;

import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferChannel.ChannelOpening;
import io.sluice.fsm.transfer.TransferStatus;
import io.sluice.node.transfer.Receiving.ReceiveRule;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.datatransfer.PushDecision;
import io.sluice.protocol.datatransfer.PushRequest;
import io.sluice.protocol.datatransfer.PushValidator;
import io.sluice.protocol.ipld.Selector;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides about pushes of peers: who may, how much, and whether it is the channel that it was. What
 * comes with a voucher that somebody judges is judged; of the rest those are taken whose peer may
 * push. What is accepted is durable before it is said. Thread-safe.
 *
 * @param arriving bytes of pushes that are not complete yet
 */
record PushAdmission(
    Admission admission, Validators validators, Receiving receiving, LongSupplier arriving)
    implements PushValidator {
  private static final Logger LOG = LoggerFactory.getLogger(PushAdmission.class);
  private static final ReceiveRule BY_VOUCHER = new ReceiveRule(OptionalLong.empty());

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
    Optional<TransferValidator> validator = validators.of(request.voucher().type());
    Optional<ReceiveRule> rule =
        validator.isPresent() ? Optional.of(BY_VOUCHER) : receiving.rule(from);
    if (rule.isEmpty()) {
      return refusal("this node does not take pushes of " + from);
    }
    ChannelOpening opening =
        new ChannelOpening(
            request.channel(),
            false,
            false,
            request.root(),
            request.selector(),
            request.voucher(),
            List.of());
    Optional<MachineView<TransferStatus, TransferChannel>> known =
        admission.known(request.channel());
    if (known.isPresent()) {
      return goOn(known.get(), opening, request, rule.get());
    }
    Optional<String> objection = objection(request, rule.get());
    if (objection.isPresent()) {
      return refusal(objection.get());
    }
    Verdict verdict = validator.map(by -> by.opened(opening)).orElse(Verdict.accept());
    if (!verdict.accepted()) {
      return PushDecision.reject(verdict.result());
    }
    var started = admission.start(opening, verdict);
    return admission.goOn(started, request.restart()) instanceof TakenPush taken
        ? taken.accept(started.data(), request.push(), rule.get().max(), verdict.result())
        : refusal("the channel runs the other way");
  }

  private Optional<String> objection(PushRequest request, ReceiveRule rule) throws IOException {
    try {
      Selector.parse(request.selector());
    } catch (ProtocolException e) {
      return Optional.of("the selector cannot be used: " + e.getMessage());
    }
    long claimed = Math.max(0, PushVouchers.claimed(request.voucher()).orElse(0));
    if (rule.max().isPresent() && claimed > rule.max().getAsLong()) {
      return Optional.of("it is more than " + rule.max().getAsLong() + " bytes");
    }
    if (admission.isCrowded(request.channel().initiator(), false)) {
      return Optional.of("too many pushes are under way; try again later");
    }
    return receiving.lacksRoom(arriving.getAsLong(), claimed);
  }

  /**
   * A new request for a channel that is known is taken for a restart, and a restart of an unknown
   * one for a new request: whoever lost what the other end remembers may go on.
   */
  private PushDecision goOn(
      MachineView<TransferStatus, TransferChannel> view,
      ChannelOpening again,
      PushRequest request,
      ReceiveRule rule)
      throws IOException {
    if (!Admission.isFor(view.data().opening(), again)) {
      return refusal("the channel was opened for something else");
    }
    if (Admission.isComplete(view)) {
      return new PushDecision.Complete();
    }
    Optional<String> ended = Admission.ended(view);
    if (ended.isPresent()) {
      return refusal(ended.get());
    }
    if (!(admission.goOn(view, request.restart()) instanceof TakenPush taken)) {
      return refusal("the channel runs the other way");
    }
    Verdict verdict = taken.restarted(view);
    if (!verdict.accepted()) {
      return taken.notAgain(verdict);
    }
    admission.agree(view);
    return taken.accept(view.data(), request.push(), rule.max(), verdict.result());
  }
}
