package io.sluice.node.pullsync;

import io.sluice.dealstore.blocks.log.BlockLog;
import io.sluice.node.pullsync.ServedPage.Serving;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.pullsync.Ack;
import io.sluice.protocol.pullsync.BadPullsync;
import io.sluice.protocol.pullsync.Get;
import io.sluice.protocol.pullsync.Lane;
import io.sluice.protocol.pullsync.MessageStream;
import io.sluice.protocol.pullsync.Pullsync;
import io.sluice.protocol.pullsync.PullsyncError;
import io.sluice.protocol.pullsync.PullsyncMessage;
import io.sluice.protocol.pullsync.Syn;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells neighbours what came here, as far as they may read it, and delivers it to them. Whatever
 * reads goes through one gate, {@link PullsyncHome#view}, and every block through it once more.
 *
 * <p>Of a lane a peer has one page under way that is done, and one that waits; what it asks beside
 * that is refused as busy. A page that waits costs two virtual threads and no memory to speak of.
 *
 * <p>Thread-safe. Spec: pullsync 1.0.0.
 */
public final class PullsyncServer {
  private static final Logger LOG = LoggerFactory.getLogger(PullsyncServer.class);
  private static final Duration LATER = Duration.ofSeconds(1);
  private static final int SHOWN = 1000;

  private final PullsyncHome home;
  private final PullsyncLimits limits;
  private final Ticker ticker;
  private final PullsyncMetrics metrics;
  private final PeerRates rates;
  private final Semaphore deliveries;
  private final Set<PageSlot> underWay = ConcurrentHashMap.newKeySet();

  private @Nullable Serving serving;

  private record PageSlot(PeerId peer, Lane lane, boolean live) {}

  /**
   * @param ticker measures waits and rates
   * @param metrics where to count
   */
  public PullsyncServer(
      PullsyncHome home, PullsyncLimits limits, Ticker ticker, PullsyncMetrics metrics) {
    this.home = home;
    this.limits = limits;
    this.ticker = ticker;
    this.metrics = metrics;
    this.rates = limits.rates();
    this.deliveries = new Semaphore(limits.deliveries());
  }

  /** Answers the peers of a host from here on. */
  public void serve(Host host) {
    host.handle(Pullsync.CURSORS, stream -> answer(stream, this::cursor));
    host.handle(Pullsync.SYNC, stream -> answer(stream, this::page));
  }

  /** Pages under way, those that wait too. */
  int underWay() {
    return underWay.size();
  }

  private interface Conversation {
    void run(Stream stream, MessageStream messages, PullsyncMessage request)
        throws IOException, PullsyncRefusal;
  }

  /** Whatever becomes of a request, the peer is told. */
  private void answer(Stream stream, Conversation conversation) throws IOException {
    stream.timeout(limits.patience());
    MessageStream messages = new MessageStream(stream);
    PullsyncError error;
    try {
      PullsyncMessage request =
          messages
              .read(Pullsync.REQUEST_BYTES)
              .orElseThrow(() -> BadPullsync.because("no request"));
      conversation.run(stream, messages, request);
      return;
    } catch (RequestWatch.CalledOffException e) {
      stream.reset();
      return;
    } catch (PullsyncRefusal e) {
      error = e.error();
    } catch (ProtocolException e) {
      String text = String.valueOf(e.getMessage());
      error =
          PullsyncError.of(
              PullsyncError.Code.BAD_REQUEST, text.substring(0, Math.min(text.length(), SHOWN)));
    }
    LOG.debug("{} is refused: {}", stream.remotePeer(), error.text());
    metrics.refused(error.code().name().toLowerCase(Locale.ROOT));
    messages.write(error);
  }

  private void cursor(Stream stream, MessageStream messages, PullsyncMessage request)
      throws IOException, PullsyncRefusal {
    if (!(request instanceof Syn syn)) {
      throw BadPullsync.because("not the question for a cursor");
    }
    require(stream.remotePeer(), syn.lane());
    Ack ack;
    try {
      BlockLog log = home.log();
      ack = new Ack(log.cursor(), log.epoch());
    } catch (IOException e) {
      throw FailedHome.because(e);
    }
    messages.write(ack);
  }

  private void page(Stream stream, MessageStream messages, PullsyncMessage request)
      throws IOException, PullsyncRefusal {
    if (!(request instanceof Get get)) {
      throw BadPullsync.because("not the question for a page");
    }
    PeerId peer = stream.remotePeer();
    PageSlot slot = new PageSlot(peer, get.lane(), get.isLive());
    if (!underWay.add(slot)) {
      throw PullsyncRefusal.later("a page of this lane is under way", LATER);
    }
    RequestWatch watch = RequestWatch.of(stream, messages);
    try {
      require(peer, get.lane());
      new ServedPage(serving(), peer, get, messages, watch).run();
    } finally {
      watch.answered();
      underWay.remove(slot); // before the stream ends, which lets the peer ask for the next
    }
  }

  /** Refuses whoever may read nothing, before a log is made for him. */
  private void require(PeerId peer, Lane lane) throws PullsyncRefusal {
    try {
      home.view(peer, lane);
    } catch (IOException e) {
      throw FailedHome.because(e);
    }
  }

  private synchronized Serving serving() throws PullsyncRefusal {
    if (serving == null) {
      try {
        BlockLog log = home.log();
        serving =
            new Serving(home, new SharedReads(log), rates, deliveries, limits, ticker, metrics);
      } catch (IOException e) {
        throw FailedHome.because(e);
      }
    }
    return serving;
  }
}
