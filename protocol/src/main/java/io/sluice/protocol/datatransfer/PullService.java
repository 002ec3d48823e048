package io.sluice.protocol.datatransfer;

import io.sluice.protocol.LatestEntries;
import io.sluice.protocol.graphsync.IncomingRequest;
import io.sluice.protocol.graphsync.IncomingRequests;
import io.sluice.protocol.graphsync.RequestDecision;
import io.sluice.protocol.graphsync.ResponseListener;
import io.sluice.protocol.graphsync.ResponsePosition;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The responder's side of pulls: finds the data-transfer message in a GraphSync request, has it
 * validated by the type of its voucher, and answers in the response. What asks for the data of a
 * push is handed on. Thread-safe.
 *
 * <pre>
 *   GraphSync request ── no message ─────────────────▶ rejected
 *                     ── answer to a push of ours ───▶ OutgoingPushes
 *                     ── new, restart ── validator ──▶ refused, or served
 *                     ── update, not paused ─────────▶ resumed: served again, as it was opened
 * </pre>
 *
 * <p>A channel has one run at a time, the latest: whoever asks again, by restart or resumption,
 * ends the one before. A run is in {@code served} from its acceptance until its response has ended,
 * and its opening in {@code ended} after that; a resumption must find it in one of the two, so the
 * step from one to the other is made under the monitor of {@code ended}. The validator is called
 * without any lock, on the response's own thread, since it asks stores and ledgers.
 *
 * <p>A requestor chooses what its message says and what GraphSync is asked for; that both name the
 * same DAG is checked here, once for all validators. What a peer can make us remember is bounded:
 * runs by the responses that it may have, openings by {@link #REMEMBERED}. Spec: data transfer 1.2,
 * pulls.
 */
final class PullService implements IncomingRequests {
  private static final Logger LOG = LoggerFactory.getLogger(PullService.class);

  /** Openings of ended channels, of all peers together; whose is forgotten restarts instead. */
  private static final int REMEMBERED = 1024;

  private final PeerId self;
  private final TransferNetwork network;
  private final OutgoingPushes pushes;
  private final ConcurrentMap<String, PullValidator> validators = new ConcurrentHashMap<>();
  private final ConcurrentMap<ChannelId, ServedRun> served = new ConcurrentHashMap<>();

  /**
   * The latest channels whose response has ended: their initiators may have paused, which at
   * GraphSync's level is a cancel and may come when all is sent, and resume by asking again. What
   * they were opened with is kept, not the run, which holds all that served it.
   */
  private final Map<ChannelId, PullOpening> ended = LatestEntries.byInsertion(REMEMBERED);

  PullService(PeerId self, TransferNetwork network, OutgoingPushes pushes) {
    this.self = self;
    this.network = network;
    this.pushes = pushes;
  }

  void register(String voucherType, PullValidator validator) {
    if (validators.putIfAbsent(voucherType, validator) != null) {
      throw new IllegalArgumentException(
          "voucher type " + voucherType + " has a validator already");
    }
  }

  /** What serves it now; null while it is paused by its initiator, or unknown. */
  @Nullable ServedRun served(ChannelId channel) {
    return served.get(channel);
  }

  /** The channel is given up; what GraphSync does for it ends. */
  void cancelled(ChannelId channel) {
    synchronized (ended) {
      ended.remove(channel);
    }
    ServedRun run = served.remove(channel);
    if (run != null) {
      run.end();
    }
  }

  @Override
  public RequestDecision onNew(IncomingRequest request) {
    List<TransferMessage> messages = TransferExtensions.read(request.extensions());
    // Plain GraphSync: nothing is given away without a voucher, be it one that costs nothing.
    if (messages.isEmpty()) {
      return RequestDecision.reject(ResponseStatus.REJECTED, Map.of());
    }
    if (messages.size() == 1 && messages.getFirst() instanceof TransferResponse answer) {
      return pushes.asked(new ChannelId(self, request.peer(), answer.transfer()), answer, request);
    }
    if (messages.size() > 1 || !(messages.getFirst() instanceof TransferRequest message)) {
      LOG.debug("request {} of {} carries no pull: {}", request.id(), request.peer(), messages);
      return RequestDecision.reject(ResponseStatus.FAILED, Map.of());
    }
    ChannelId channel = new ChannelId(request.peer(), self, message.transfer());
    return switch (message.type()) {
      case NEW -> open(channel, PullRequest.PullKind.NEW, message, request);
      case RESTART -> open(channel, PullRequest.PullKind.RESTART, message, request);
      case UPDATE -> resume(channel, message, request);
      default -> RequestDecision.reject(ResponseStatus.FAILED, Map.of());
    };
  }

  @Override
  public void onUpdate(IncomingRequest request, Map<String, Node> extensions) {
    LOG.debug("update of request {} of {} carries nothing for us", request.id(), request.peer());
  }

  private RequestDecision open(
      ChannelId channel,
      PullRequest.PullKind kind,
      TransferRequest message,
      IncomingRequest request) {
    boolean restart = kind == PullRequest.PullKind.RESTART;
    Optional<PullValidator> validator =
        message.voucher().map(voucher -> voucher.type()).map(validators::get);
    // Nobody's voucher type: refused like one that does not suffice, which tells a prober nothing.
    if (validator.isEmpty() || !message.pull() || !sameDag(message, request)) {
      LOG.debug("{} is refused: voucher {}", channel, message.voucher().map(TypedVoucher::type));
      return refusal(channel, restart, Optional.empty());
    }
    return validate(channel, kind, message.voucher(), validator.get(), request);
  }

  /** The walk is made with what GraphSync was asked for, and validated by what the message says. */
  private static boolean sameDag(TransferRequest message, IncomingRequest request) {
    return message.baseCid().isPresent()
        && message.selector().isPresent()
        && new PullOpening(message.baseCid().get(), message.selector().get(), Optional.empty())
            .asks(request.root(), request.selector());
  }

  /**
   * Goes on with a channel whose initiator had paused. It is validated anew: what was true when it
   * was opened, its price or its credit, may not be any more.
   */
  private RequestDecision resume(
      ChannelId channel, TransferRequest message, IncomingRequest request) {
    // The old response may still be on its way out, and then it is the one that counts.
    PullOpening before;
    synchronized (ended) {
      PullOpening gone = ended.remove(channel);
      ServedRun running = served.get(channel);
      before = running == null ? gone : running.opening();
    }
    // Unknown here, after a restart of this node, say: its initiator restarts the channel then.
    if (before == null || message.paused()) {
      return RequestDecision.reject(ResponseStatus.FAILED, Map.of());
    }
    Optional<PullValidator> validator = before.voucherType().map(validators::get);
    if (validator.isEmpty() || !before.asks(request.root(), request.selector())) {
      return RequestDecision.reject(ResponseStatus.FAILED, Map.of());
    }
    return validate(
        channel,
        PullRequest.PullKind.RESUME,
        Optional.empty(),
        validator.get(),
        request,
        before.voucherType());
  }

  private RequestDecision validate(
      ChannelId channel,
      PullRequest.PullKind kind,
      Optional<TypedVoucher> voucher,
      PullValidator validator,
      IncomingRequest request) {
    return validate(channel, kind, voucher, validator, request, voucher.map(TypedVoucher::type));
  }

  private RequestDecision validate(
      ChannelId channel,
      PullRequest.PullKind kind,
      Optional<TypedVoucher> voucher,
      PullValidator validator,
      IncomingRequest request,
      Optional<String> voucherType) {
    Cid root = request.root();
    ServedRun run =
        new ServedRun(
            channel,
            request.response(),
            network,
            new PullOpening(root, request.selector(), voucherType));
    PullDecision decision;
    try {
      decision =
          validator.validate(
              new PullRequest(
                  channel,
                  kind,
                  root,
                  request.selector(),
                  voucher,
                  request.asked(),
                  request.extensions(),
                  run));
    } catch (RuntimeException e) {
      // A failure of ours: the initiator is told no, and may try again.
      LOG.error("validating {} failed", channel, e);
      return refusal(channel, kind == PullRequest.PullKind.RESTART, Optional.empty());
    }
    return switch (decision) {
      case PullDecision.Reject reject ->
          refusal(channel, kind == PullRequest.PullKind.RESTART, reject.result());
      case PullDecision.Accept accept -> acceptance(run, kind, accept);
    };
  }

  private static RequestDecision refusal(
      ChannelId channel, boolean restart, Optional<TypedVoucher> result) {
    return RequestDecision.reject(
        ResponseStatus.FAILED,
        TransferExtensions.answering(
            TransferResponse.answer(restart, channel.transfer(), false, false, result)));
  }

  /** Serves it from here on, and says so in front of the first block. */
  private RequestDecision acceptance(
      ServedRun run, PullRequest.PullKind kind, PullDecision.Accept accept) {
    ChannelId channel = run.channel();
    // Put first and ended then: there is no moment in which a voucher finds no run.
    ServedRun before = served.put(channel, run);
    if (before != null) {
      before.end();
    }
    Map<String, Node> said = new LinkedHashMap<>();
    // A resumption is no request for the channel, so there is nothing to accept; Go would take an
    // answer for a second acceptance.
    if (kind != PullRequest.PullKind.RESUME) {
      boolean restart = kind == PullRequest.PullKind.RESTART;
      said.putAll(
          TransferExtensions.answering(
              TransferResponse.answer(
                  restart, channel.transfer(), true, accept.paused(), accept.result())));
    }
    said.putAll(accept.serving().extensions());
    return accept
        .serving()
        .saying(said)
        .paused(accept.paused())
        .heardBy(new Leaving(run, accept.serving().listener()));
  }

  /** Passes on what it hears, and takes the channel out of the books when its response ends. */
  private final class Leaving implements ResponseListener {
    private final ServedRun run;
    private final ResponseListener to;

    Leaving(ServedRun run, ResponseListener to) {
      this.run = run;
      this.to = to;
    }

    @Override
    public void onSent(int blocks, long bytes) {
      to.onSent(blocks, bytes);
    }

    @Override
    public void onWalkEnded(ResponseStatus status, ResponsePosition position) {
      to.onWalkEnded(status, position);
    }

    @Override
    public void onFinished(ResponseStatus status) {
      leave();
      to.onFinished(status);
    }

    @Override
    public void onCancelledByPeer() {
      leave();
      to.onCancelledByPeer();
    }

    @Override
    public void onNetworkError(IOException cause) {
      leave();
      to.onNetworkError(cause);
    }

    private void leave() {
      synchronized (ended) { // a resumption finds it in one of the two
        if (served.remove(run.channel(), run)) {
          ended.put(run.channel(), run.opening());
        }
      }
    }
  }
}
