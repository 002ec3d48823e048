package io.sluice.node.pullsync;

import io.sluice.node.pullsync.Neighbour.Failed;
import io.sluice.node.pullsync.Neighbour.Page;
import io.sluice.node.pullsync.Neighbour.PageReceiver;
import io.sluice.node.pullsync.NeighbourException.Kind;
import io.sluice.protocol.OrderedTasks;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.libp2p.TimedOutException;
import io.sluice.protocol.pullsync.Delivery;
import io.sluice.protocol.pullsync.Get;
import io.sluice.protocol.pullsync.Item;
import io.sluice.protocol.pullsync.MessageStream;
import io.sluice.protocol.pullsync.Offer;
import io.sluice.protocol.pullsync.Pullsync;
import io.sluice.protocol.pullsync.Want;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One page, from the side that asks for it. Nothing that the neighbour says is believed: the offer
 * has to lie within what was asked for, deliveries come in its order and have its sizes, and bytes
 * count once they are hashed, which is done beside the reading.
 */
final class PageTransfer {
  private static final Logger LOG = LoggerFactory.getLogger(PageTransfer.class);

  /** How much more a delivery may take than an answer: a neighbour may hold back, by its rates. */
  private static final Duration PATIENCE = PullsyncNeighbour.PATIENCE.multipliedBy(2);

  /** How long all deliveries together may take, however steadily they trickle. */
  private static final Duration LONGEST = Duration.ofMinutes(10);

  /** What the end of a stream may take behind its last message. */
  private static final Duration END = Duration.ofSeconds(5);

  private static final int HASHES_A_CORE = 2;

  private final Stream stream;
  private final MessageStream messages;
  private final Get get;
  private final PageReceiver receiver;
  private final ExecutorService hashing;
  private final Ticker ticker;
  private final List<Failed> failed = new ArrayList<>();
  private int received;

  /**
   * @param stream fresh; whoever gave it ends it
   * @param hashing where blocks are hashed
   */
  PageTransfer(
      Stream stream, Get get, PageReceiver receiver, ExecutorService hashing, Ticker ticker) {
    this.stream = stream;
    this.messages = new MessageStream(stream);
    this.get = get;
    this.receiver = receiver;
    this.hashing = hashing;
    this.ticker = ticker;
  }

  /**
   * Has the whole conversation.
   *
   * @throws ProtocolException if the neighbour breaks the rules before anything counts
   */
  Page run() throws IOException, NeighbourException {
    stream.timeout(PullsyncNeighbour.PATIENCE.plus(get.patience()));
    messages.write(get);
    if (!(PullsyncNeighbour.answer(messages) instanceof Offer offer)) {
      throw PullsyncNeighbour.wrong("a page was asked for, and something else came");
    }
    require(offer);
    stream.timeout(PATIENCE);
    if (offer.offersBlocks()) {
      take(wanted(offer));
    }
    requireEnd();
    return new Page(offer.topmost(), offer.items(), failed);
  }

  /** Refuses an offer of something else than what was asked for. */
  private void require(Offer offer) throws NeighbourException {
    if (offer.epoch() != get.epoch()) {
      throw new NeighbourException(
          Kind.OTHER_EPOCH,
          "epoch %x, and it was %x".formatted(offer.epoch(), get.epoch()),
          Duration.ZERO);
    }
    long before = get.start() - 1;
    long last = get.end().orElse(Long.MAX_VALUE);
    if (offer.topmost() < before
        || offer.topmost() > last
        || offer.topmost() > Math.max(offer.cursor(), before)) {
      throw PullsyncNeighbour.wrong(
          "done up to %d, of %d to %d, where the cursor is at %d"
              .formatted(offer.topmost(), get.start(), last, offer.cursor()));
    }
    if (!get.isLive() && offer.topmost() == before && offer.cursor() > before) {
      throw PullsyncNeighbour.wrong(
          "nothing is done from %d on, where the cursor is at %d"
              .formatted(get.start(), offer.cursor()));
    }
    if (!offer.items().isEmpty() && offer.items().getFirst().number() < get.start()) {
      throw PullsyncNeighbour.wrong(
          "number %d, from %d on".formatted(offer.items().getFirst().number(), get.start()));
    }
  }

  /** Says which blocks are wanted. */
  private List<Item> wanted(Offer offer) throws IOException {
    List<Item> wanted = new ArrayList<>();
    BitSet bits = new BitSet();
    for (int at = 0; at < offer.items().size(); at++) {
      Item item = offer.items().get(at);
      if (item.isBlock() && receiver.wants(item)) {
        wanted.add(item);
        bits.set(at);
      }
    }
    messages.write(Want.of(offer.items().size(), bits::get));
    return wanted;
  }

  /** Takes what is wanted, in order, as far as it comes. */
  private void take(List<Item> wanted) throws IOException, NeighbourException {
    int ahead = HASHES_A_CORE * Runtime.getRuntime().availableProcessors();
    long began = ticker.nanos();
    int at = 0;
    try (OrderedTasks<Checked> checks = new OrderedTasks<>(hashing, ahead, this::keep)) {
      try {
        for (; at < wanted.size(); at++) {
          Item item = wanted.get(at);
          Delivery delivery = next(item, began);
          Optional<String> objection = objection(item, delivery);
          if (objection.isPresent()) {
            failed.add(new Failed(item, objection.get(), delivery.after()));
          } else {
            checks.submit(() -> Checked.of(item, delivery.data()));
          }
        }
        checks.finish();
      } catch (EarlyEnd end) {
        checks.finish();
        if (received == 0) {
          end.rethrow();
        }
        String reason = String.valueOf(end.getMessage());
        LOG.info("{} ended a page early: {}", stream.remotePeer(), reason);
        for (Item item : wanted.subList(at, wanted.size())) {
          failed.add(new Failed(item, reason, Duration.ZERO));
        }
      }
    }
  }

  private Delivery next(Item item, long began) throws InterruptedIOException, EarlyEnd {
    try {
      if (ticker.nanos() - began > LONGEST.toNanos()) {
        throw new TimedOutException("a page takes longer than " + LONGEST);
      }
      if (PullsyncNeighbour.answer(messages) instanceof Delivery delivery
          && delivery.cid().equals(item.cid())) {
        return delivery;
      }
      throw new EarlyEnd(PullsyncNeighbour.wrong("what came was not asked for, or not now"));
    } catch (InterruptedIOException e) {
      throw e; // nobody wants the page any more
    } catch (IOException | NeighbourException e) {
      throw new EarlyEnd(e);
    } catch (ProtocolException e) {
      throw new EarlyEnd(PullsyncNeighbour.wrong(String.valueOf(e.getMessage())));
    }
  }

  private static Optional<String> objection(Item item, Delivery delivery) {
    return switch (delivery.status()) {
      case OK ->
          delivery.data().remaining() == item.bytes()
              ? Optional.empty()
              : Optional.of(
                  "%d bytes, offered as %d".formatted(delivery.data().remaining(), item.bytes()));
      case GONE -> Optional.of("it is not there any more");
      case REFUSED -> Optional.of("it may not be read");
      case BUSY -> Optional.of("there is too much to do there");
      case PAYMENT_REQUIRED -> Optional.of("it is to be had for money");
    };
  }

  private void keep(Checked checked) throws IOException {
    if (checked.block().isPresent()) {
      receiver.receive(checked.item(), checked.block().get());
      received++;
    } else {
      failed.add(new Failed(checked.item(), checked.objection(), Duration.ZERO));
    }
  }

  /** Waits until the neighbour is done, so that it has room for the next page. */
  private void requireEnd() throws InterruptedIOException {
    try {
      stream.timeout(END);
      if (messages.read(Pullsync.MESSAGE_BYTES).isPresent()) {
        LOG.info("{} sent more than was asked for", stream.remotePeer());
      }
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException | ProtocolException e) { // the page is here all the same
      LOG.debug("{} did not end a page well: {}", stream.remotePeer(), e.getMessage());
    }
  }

  /**
   * Bytes that were hashed.
   *
   * @param block empty if they are not what they were offered as
   * @param objection why not
   */
  private record Checked(Item item, Optional<Block> block, String objection) {
    static Checked of(Item item, ByteBuffer data) {
      try {
        return new Checked(item, Optional.of(Block.verified(item.cid(), data)), "");
      } catch (ProtocolException e) {
        return new Checked(item, Optional.empty(), String.valueOf(e.getMessage()));
      }
    }
  }

  /** Nothing more comes of this page. */
  private static final class EarlyEnd extends Exception {
    private static final long serialVersionUID = 1L;

    EarlyEnd(Exception why) {
      super(why.getMessage(), why);
    }

    void rethrow() throws IOException, NeighbourException {
      switch (getCause()) {
        case IOException lost -> throw lost;
        case NeighbourException wrong -> throw wrong;
        case null, default -> throw new IllegalStateException(this);
      }
    }
  }
}
