package io.sluice.protocol.datatransfer;

import io.sluice.protocol.graphsync.OutgoingRequest;
import io.sluice.protocol.graphsync.RequestListener;
import io.sluice.protocol.graphsync.RequestSpec;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The responder's side of pushes: has a request that came by stream validated, and asks its
 * initiator for the data, by a GraphSync request that carries the answer. Thread-safe.
 *
 * <p>A push is a peer's word that costs it a message and us a thread, a validation and maybe a
 * request. So what is not whole is refused unseen, and so is what comes while {@link #VALIDATIONS}
 * are under way; what is pushed then is the validator's to bound.
 *
 * <p>Messages for one channel may overtake each other in their threads, and the last one counts. A
 * lock for each of so many shares of all channels lets one validation of a channel run at a time,
 * from the validator's call to the request for the data; channels that share a lock wait for each
 * other, which costs time and nothing else. Spec: data transfer 1.2, pushes.
 */
final class IncomingPushes {
  private static final Logger LOG = LoggerFactory.getLogger(IncomingPushes.class);

  /** Validations at once; whoever asks beyond that is refused. */
  private static final int VALIDATIONS = 32;

  private static final int LOCKS = 64;

  /** Makes a GraphSync request. */
  interface Requestor {
    OutgoingRequest request(
        PeerId peer, RequestSpec spec, BlockStore store, RequestListener listener);
  }

  private final PeerId self;
  private final TransferNetwork network;
  private final Requestor requestor;
  private final BiConsumer<ChannelId, TransferRequest> said;
  private final ConcurrentMap<ChannelId, ReceivedRun> runs = new ConcurrentHashMap<>();
  private final Semaphore validations = new Semaphore(VALIDATIONS);
  private final List<Lock> locks = Stream.<Lock>generate(ReentrantLock::new).limit(LOCKS).toList();
  private volatile PushValidator validator = PushValidator.NONE;

  /**
   * @param said hears what initiators say inside GraphSync
   */
  IncomingPushes(
      PeerId self,
      TransferNetwork network,
      Requestor requestor,
      BiConsumer<ChannelId, TransferRequest> said) {
    this.self = self;
    this.network = network;
    this.requestor = requestor;
    this.said = said;
  }

  void validatedBy(PushValidator by) {
    validator = by;
  }

  /** The channel is given up; what GraphSync does for it ends. */
  void cancelled(ChannelId channel) {
    ReceivedRun run = runs.remove(channel);
    if (run != null) {
      run.end();
    }
  }

  /** An end that can say something of a channel for which nothing runs here. */
  ReceivedPush silent(ChannelId channel) {
    return run(channel);
  }

  /**
   * A new one, which forgets itself when its request is over, unless another has taken its place.
   */
  private ReceivedRun run(ChannelId channel) {
    return new ReceivedRun(
        channel,
        network,
        (run, message) -> said.accept(run.channel(), message),
        over -> runs.remove(over.channel(), over));
  }

  /** A peer wants to push, or to go on with it. */
  void asked(PeerId from, TransferRequest message) {
    ChannelId channel = new ChannelId(from, self, message.transfer());
    boolean restart = message.type() == MessageType.RESTART;
    if (message.baseCid().isEmpty()
        || message.selector().isEmpty()
        || message.voucher().isEmpty()
        || !validations.tryAcquire()) { // last: it has to be given back
      LOG.debug("{} is refused unseen", channel);
      refuse(channel, restart, Optional.empty());
      return;
    }
    Cid root = message.baseCid().get();
    Node selector = message.selector().get();
    TypedVoucher voucher = message.voucher().get();
    Thread.ofVirtual()
        .name("push-of-" + from)
        .start(
            () -> {
              // Of one channel in turn, up to the request for the data: the last one counts.
              Lock lock = locks.get(Math.floorMod(channel.hashCode(), LOCKS));
              lock.lock();
              try {
                validate(channel, restart, root, selector, voucher);
              } finally {
                lock.unlock();
                validations.release();
              }
            });
  }

  private void validate(
      ChannelId channel, boolean restart, Cid root, Node selector, TypedVoucher voucher) {
    ReceivedRun run = run(channel);
    PushDecision decision;
    try {
      decision =
          validator.validate(new PushRequest(channel, restart, root, selector, voucher, run));
    } catch (RuntimeException e) {
      // A failure of ours; a peer that heard nothing would wait for it.
      LOG.error("validating {} failed", channel, e);
      refuse(channel, restart, Optional.empty());
      return;
    }
    switch (decision) {
      case PushDecision.Reject reject -> refuse(channel, restart, reject.result());
      // It was all here before, of another push, say: nothing has to travel.
      case PushDecision.Complete done -> {
        var unused = run.complete(false, Optional.empty());
      }
      case PushDecision.Accept accept -> ask(run, restart, root, selector, accept);
    }
  }

  /** One GraphSync request a channel: the one before is cancelled first. */
  private void ask(
      ReceivedRun run, boolean restart, Cid root, Node selector, PushDecision.Accept accept) {
    ChannelId channel = run.channel();
    // Before it asks: its end, which may come at once, takes it out again.
    ReceivedRun before = runs.put(channel, run);
    if (before != null) {
      before.end();
    }
    run.heardBy(accept.listener()); // before the first call that it could miss
    TransferResponse answer =
        TransferResponse.answer(
            restart, channel.transfer(), true, accept.paused(), accept.result());
    if (accept.paused()) { // the answer alone; asked for when it is begun again
      var unused = network.send(channel.initiator(), List.of(), answer);
      return;
    }
    RequestSpec request =
        RequestSpec.of(root, selector)
            .keyed(channel.dedupKey())
            .always()
            .with(TransferExtensions.plain(answer));
    RequestSpec spec = accept.exclusions().map(request::charging).orElse(request);
    run.ask(() -> requestor.request(channel.initiator(), spec, accept.store(), run));
  }

  /** By stream, since there is no GraphSync request to say it in. */
  private void refuse(ChannelId channel, boolean restart, Optional<TypedVoucher> result) {
    var unused =
        network.send(
            channel.initiator(),
            List.of(),
            TransferResponse.answer(restart, channel.transfer(), false, false, result));
  }
}
