package io.sluice.node.transfer;

import io.sluice.fsm.engine.MachineView;
import io.sluice.fsm.transfer.TransferChannel;
import io.sluice.fsm.transfer.TransferChannel.ChannelOpening;
import io.sluice.fsm.transfer.TransferStatus;
import io.sluice.protocol.datatransfer.PullDecision;
import io.sluice.protocol.datatransfer.PullRequest;
import io.sluice.protocol.datatransfer.PullRequest.PullKind;
import io.sluice.protocol.datatransfer.PullValidator;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.RequestDecision;
import io.sluice.protocol.graphsync.ResponseListener;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.BlockStore;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides about pulls of peers that are no deals: their vouchers are judged by whoever was named
 * for the type. What is accepted is durable before it is said. Thread-safe.
 */
final class PullAdmission implements PullValidator {
  private static final Logger LOG = LoggerFactory.getLogger(PullAdmission.class);
  private static final int LOCKS = 64;

  private final Admission admission;
  private final TransferValidator validator;
  private final BlockStore blocks;
  private final Clock clock;
  private final List<Lock> locks = Stream.<Lock>generate(ReentrantLock::new).limit(LOCKS).toList();

  /**
   * @param blocks what peers may pull, if their vouchers are good
   */
  PullAdmission(Admission admission, TransferValidator validator, BlockStore blocks, Clock clock) {
    this.admission = admission;
    this.validator = validator;
    this.blocks = blocks;
    this.clock = clock;
  }

  /**
   * Of one channel in turn: both ends may ask for a restart, and then two requests come at once.
   */
  @Override
  public PullDecision validate(PullRequest request) {
    Lock lock = locks.get(Math.floorMod(request.channel().hashCode(), LOCKS));
    lock.lock();
    try {
      return decide(request);
    } catch (IOException e) {
      LOG.warn("a pull of {} is refused", request.channel().initiator(), e);
      return refusal("the node cannot look after it now");
    } finally {
      lock.unlock();
    }
  }

  private static PullDecision refusal(String why) {
    return PullDecision.reject(Optional.of(PushVouchers.refusal(why)));
  }

  private PullDecision decide(PullRequest request) throws IOException {
    Optional<MachineView<TransferStatus, TransferChannel>> known =
        admission.known(request.channel());
    if (known.isPresent()) {
      return goOn(known.get(), request);
    }
    if (request.voucher().isEmpty()) { // a resumption of what is not there
      return PullDecision.reject(Optional.empty());
    }
    if (admission.isCrowded(request.channel().initiator(), true)) {
      return refusal("too many pulls are under way; try again later");
    }
    ChannelOpening opening = opening(request, request.voucher().get());
    Verdict verdict = validator.opened(opening);
    if (!verdict.accepted()) {
      return PullDecision.reject(verdict.result());
    }
    var started = admission.start(opening, verdict);
    boolean restart = request.kind() == PullKind.RESTART;
    return admission.goOn(started, restart) instanceof GrantedPull granted
        ? granted.accept(started.data(), request, verdict.result())
        : refusal("the channel runs the other way");
  }

  private static ChannelOpening opening(PullRequest request, TypedVoucher voucher) {
    return new ChannelOpening(
        request.channel(), false, true, request.root(), request.selector(), voucher, List.of());
  }

  /** As for pushes: whoever lost what the other end remembers may go on. */
  private PullDecision goOn(MachineView<TransferStatus, TransferChannel> view, PullRequest request)
      throws IOException {
    ChannelOpening opened = view.data().opening();
    if (!Admission.isFor(opened, opening(request, request.voucher().orElse(opened.voucher())))) {
      return refusal("the channel was opened for something else");
    }
    if (Admission.isComplete(view)) {
      return view.changed().plus(admission.limits().expiry()).isBefore(clock.instant())
          ? refusal("the transfer has ended")
          : onceMore(request);
    }
    Optional<String> ended = Admission.ended(view);
    if (ended.isPresent()) {
      return refusal(ended.get());
    }
    boolean resumed = request.kind() == PullKind.RESUME && !Admission.isOpen(view);
    Conversation running = admission.goOn(view, request.kind() == PullKind.RESTART);
    if (!(running instanceof GrantedPull granted)) {
      return refusal("the channel runs the other way");
    }
    if (resumed) {
      granted.peerPaused(false);
      return granted.accept(view.data(), request, Optional.empty());
    }
    Verdict verdict = granted.restarted(view);
    if (!verdict.accepted()) {
      return granted.notAgain(verdict);
    }
    admission.agree(view);
    return granted.accept(view.data(), request, verdict.result());
  }

  /**
   * The word that it is complete, or the blocks before it, did not get there: a transfer that was
   * agreed to up to its end is sent again from wherever the initiator asks.
   */
  private PullDecision onceMore(PullRequest request) {
    ResponseListener listener =
        new ResponseListener() {
          @Override
          public void onFinished(ResponseStatus status) {
            if (status == ResponseStatus.COMPLETED) {
              var unused =
                  request.pull().complete(false, Optional.empty()).exceptionally(failure -> null);
            }
          }
        };
    return PullDecision.accept(blocks, Optional.empty())
        .served(RequestDecision.accept(blocks).alone(true).heardBy(listener));
  }
}
