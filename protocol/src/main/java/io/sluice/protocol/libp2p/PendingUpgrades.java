package io.sluice.protocol.libp2p;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Inbound connections that are not yet secured, of which there may be so many. One that comes when
 * all places are taken gets one all the same, and who pays for it is drawn by lot: to refuse the
 * newest would shut the door for everybody as long as the others are silent, and to drop the oldest
 * lets a crowd that keeps coming outrun every handshake. Whoever is dropped tries again; silence
 * does not.
 *
 * <p>Those that have agreed on how to be secured are under way, and are left out of the draw while
 * they hold half of the places or less. On a busy machine a handshake takes long, and a crowd that
 * says nothing, or a byte now and then, would win the draw against each of them. They never hold
 * more than half for long, so that a crowd that begins handshakes and leaves them does not shut the
 * door either.
 *
 * <p>Safe for all threads.
 */
@SuppressWarnings(
    "FutureReturnValueIgnored") // a loop that takes nothing any more has closed its channels
final class PendingUpgrades {
  /** The place of one connection. */
  final class Place {
    private final Channel channel;

    @GuardedBy("PendingUpgrades.this")
    private boolean underWay;

    // Of the channel's event loop alone.
    private boolean finished;

    private Place(Channel channel) {
      this.channel = channel;
    }

    /** The peer has said how it wants to be secured. */
    void underWay() {
      synchronized (PendingUpgrades.this) {
        if (waiting.remove(this)) { // else it was drawn, and is closed in a moment
          underWay = true;
          securing.add(this);
        }
      }
    }

    /** Its upgrade came to an end, one way or the other. On the channel's event loop. */
    void finished() {
      finished = true;
      synchronized (PendingUpgrades.this) {
        (underWay ? securing : waiting).remove(this);
      }
    }

    private void drop() {
      // There, and not here: a handshake that ends in the moment of the draw has made a connection,
      // whose peer may be told of it already and would not try again.
      channel
          .eventLoop()
          .execute(
              () -> {
                if (!finished) {
                  channel.close();
                }
              });
    }
  }

  private final int limit;
  private final IntUnaryOperator lot;

  @GuardedBy("this")
  private final List<Place> waiting = new ArrayList<>();

  @GuardedBy("this")
  private final List<Place> securing = new ArrayList<>();

  /**
   * None yet.
   *
   * @param limit how many there may be
   * @param lot draws a number below the one given
   */
  PendingUpgrades(int limit, IntUnaryOperator lot) {
    this.limit = limit;
    this.lot = lot;
  }

  /** One more, for which another is dropped if there are too many. */
  Place add(Channel channel) {
    Place place = new Place(channel);
    Place dropped = null;
    synchronized (this) {
      if (waiting.size() + securing.size() >= limit) {
        boolean tooManySecuring = waiting.isEmpty() || securing.size() > limit / 2;
        List<Place> drawn = tooManySecuring ? securing : waiting;
        dropped = drawn.remove(lot.applyAsInt(drawn.size()));
      }
      waiting.add(place);
    }
    if (dropped != null) {
      dropped.drop();
    }
    return place;
  }
}
