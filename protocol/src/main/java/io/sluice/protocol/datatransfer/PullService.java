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
 */
final class PullService implements IncomingRequests {
  private static final Logger LOG = LoggerFactory.getLogger(PullService.class);
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

  private RequestDecision resume(
      ChannelId channel, TransferRequest message, IncomingRequest request) {
    // The old response may still be on its way out.
    PullOpening before;
    synchronized (ended) {
      PullOpening gone = ended.remove(channel);
      ServedRun running = served.get(channel);
      before = running == null ? gone : running.opening();
    }
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

  private RequestDecision acceptance(
      ServedRun run, PullRequest.PullKind kind, PullDecision.Accept accept) {
    ChannelId channel = run.channel();
    ServedRun before = served.put(channel, run);
    if (before != null) {
      before.end();
    }
    Map<String, Node> said = new LinkedHashMap<>();
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
