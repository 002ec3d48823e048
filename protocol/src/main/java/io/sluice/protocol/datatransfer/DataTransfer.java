package io.sluice.protocol.datatransfer;

import io.sluice.protocol.graphsync.GraphsyncConfig;
import io.sluice.protocol.graphsync.RequestSpec;
import io.sluice.protocol.graphsync.endpoint.Graphsync;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The data-transfer endpoint of a host, with a GraphSync endpoint of its own beneath. Opens pulls
 * at peers, has the pulls of peers validated by the type of their voucher, and carries the messages
 * of both, by stream and inside GraphSync. Pushes likewise, in which the responder makes the
 * GraphSync request. Thread-safe.
 *
 * <pre>
 * initiator                                                responder
 *  open     ── GraphSync request [New or Restart] ──────▶  PullValidator.validate
 *           ◀─ GraphSync 14 [accepted] or 32 [refused] ──
 *           ◀─ blocks ───────────────────────────────────  BlockGate
 *           ◀─ GraphSync 15 [demand] ────────────────────  ServedPull.demand
 *  sendVoucher ── stream: voucher ──────────────────────▶  TransferHandler.onVoucher
 *           ◀─ GraphSync 14 [result], blocks ────────────  ServedPull.resume
 *           ◀─ GraphSync 20 ─────────────────────────────
 *           ◀─ stream: complete ─────────────────────────  ServedPull.complete
 *
 *  push     ── stream: New or Restart ──────────────────▶  PushValidator.validate
 *           ◀─ GraphSync request [accepted] ─────────────  or stream: refused
 *  PushListener.onAsked
 *           ── blocks, GraphSync 20 ────────────────────▶
 *           ◀─ stream: complete ─────────────────────────  ReceivedPush.complete
 * </pre>
 *
 * <p>Spec: data transfer 1.2.0.
 */
public final class DataTransfer implements AutoCloseable {
  /** What peers are asked for that may be pushed to and pulled from in this way. */
  public static final String PROTOCOL = TransferNetwork.PROTOCOL;

  private final PeerId self;
  private final TransferHandler handler;
  private final TransferNetwork network;
  private final PullService service;
  private final Graphsync graphsync;
  private final ConcurrentMap<ChannelId, PullRun> pulls = new ConcurrentHashMap<>();
  private final OutgoingPushes pushes = new OutgoingPushes();
  private final IncomingPushes received;

  private DataTransfer(Host host, GraphsyncConfig config, TransferHandler handler) {
    this.self = host.id();
    this.handler = handler;
    this.network = new TransferNetwork(host, this::receive);
    this.service = new PullService(host.id(), network, pushes);
    this.graphsync = Graphsync.start(host, config, service);
    this.received = new IncomingPushes(host.id(), network, graphsync::request, this::said);
  }

  /**
   * Serves data transfer and GraphSync from now on. GraphSync requests without a data-transfer
   * message are refused.
   *
   * @param handler hears what belongs to no live conversation, and what initiators say
   */
  public static DataTransfer start(Host host, GraphsyncConfig config, TransferHandler handler) {
    return new DataTransfer(host, config, handler);
  }

  /**
   * Has pulls validated whose voucher is of a type. Those of other types are rejected.
   *
   * @throws IllegalArgumentException if the type has a validator already
   */
  public void register(String voucherType, PullValidator validator) {
    service.register(voucherType, validator);
  }

  /**
   * Opens a pull, or restarts one; a conversation of the same channel that is still open is closed
   * first. Returns at once.
   */
  public Pull open(PullSpec spec, BlockStore store, PullListener listener) {
    RequestSpec request = spec.request();
    ChannelId channel = new ChannelId(self, spec.responder(), spec.transfer());
    PullRun run =
        new PullRun(
            channel,
            request.addresses(),
            listener,
            network,
            ended -> pulls.remove(ended.channel(), ended));
    PullRun before = pulls.put(channel, run);
    if (before != null) {
      before.request().cancel();
    }
    Map<String, Node> carried = new LinkedHashMap<>(request.extensions());
    carried.putAll(
        TransferExtensions.plain(
            TransferRequest.pull(
                spec.restart(),
                spec.transfer(),
                request.root(),
                request.selector(),
                spec.voucher())));
    run.over(graphsync.request(spec.responder(), request.with(carried), store, run));
    return run;
  }

  /**
   * Has pushes of peers validated; until then they are refused.
   *
   * @param by decides about all of them, whatever their voucher's type
   */
  public void receivePushes(PushValidator by) {
    received.validatedBy(by);
  }

  /**
   * Opens a push, or restarts one; a conversation of the same channel that is still open is closed
   * first. Returns at once.
   */
  public Push push(PushSpec spec, PushListener listener) {
    PushRun run =
        new PushRun(
            new ChannelId(self, spec.responder(), spec.transfer()),
            spec,
            listener,
            network,
            pushes::remove);
    pushes.add(run);
    run.open();
    return run;
  }

  /** The responder's end of a push for which no GraphSync request is open: it can only speak. */
  public ReceivedPush received(ChannelId channel) {
    return received.silent(channel);
  }

  /**
   * Sends a message on a stream of its own, trying again where that may help. Messages to one peer
   * go out in the order of the calls.
   *
   * @param addresses where the peer may be dialled, beside what the host knows
   * @return completes when it is written, exceptionally after the last attempt failed
   */
  public CompletableFuture<Void> send(
      PeerId peer, List<Multiaddr> addresses, TransferMessage message) {
    return network.send(peer, addresses, message);
  }

  /** The GraphSync endpoint beneath, for requests that have no channel. */
  public Graphsync graphsync() {
    return graphsync;
  }

  /** Ends all conversations without a word. Idempotent. */
  @Override
  public void close() {
    network.close();
    graphsync.close();
  }

  // ---- what comes by stream

  private void receive(PeerId from, TransferMessage message) {
    switch (message) {
      case TransferRequest request -> receive(from, request);
      case TransferResponse response -> receive(from, response);
    }
  }

  private void receive(PeerId from, TransferRequest request) {
    ChannelId channel = new ChannelId(from, self, request.transfer());
    switch (request.type()) {
      case VOUCHER -> request.voucher().ifPresent(voucher -> handler.onVoucher(channel, voucher));
      case UPDATE -> {
        ServedRun served = service.served(channel);
        if (served != null) {
          served.initiatorPaused(request.paused());
        }
        handler.onUpdate(channel, request.paused());
      }
      case CANCEL -> {
        service.cancelled(channel);
        received.cancelled(channel);
        handler.onCancel(channel);
      }
      case RESTART_EXISTING ->
          request
              .restart()
              .filter(named -> named.initiator().equals(self) && named.responder().equals(from))
              .ifPresent(handler::onRestartAsked);
      case NEW, RESTART -> asked(from, request);
      case COMPLETE, VOUCHER_RESULT -> {}
    }
  }

  /** By stream come pushes; a pull has to come with the GraphSync request that it is about. */
  private void asked(PeerId from, TransferRequest request) {
    if (!request.pull()) {
      received.asked(from, request);
      return;
    }
    boolean restart = request.type() == MessageType.RESTART;
    CompletableFuture<Void> ignored =
        network.send(
            from,
            List.of(),
            TransferResponse.answer(restart, request.transfer(), false, false, Optional.empty()));
  }

  /** What an initiator says inside GraphSync; it can open nothing there. */
  private void said(ChannelId channel, TransferRequest request) {
    switch (request.type()) {
      case UPDATE, CANCEL, VOUCHER -> receive(channel.initiator(), request);
      default -> {}
    }
  }

  private void receive(PeerId from, TransferResponse response) {
    ChannelId channel = new ChannelId(self, from, response.transfer());
    PullRun pull = pulls.get(channel);
    PushRun push = pushes.find(channel);
    if (pull != null) {
      pull.heard(response);
    } else if (push != null) {
      push.heard(response);
    } else if (response.type() == MessageType.CANCEL) {
      handler.onCancel(channel);
    } else {
      handler.onResponse(channel, response);
    }
  }
}
