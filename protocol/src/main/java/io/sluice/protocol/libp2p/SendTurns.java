package io.sluice.protocol.libp2p;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Who has something to say on a session, and in which order it is said. Streams that have something
 * to send stand in a queue; each turn takes one frame of the first and puts it back at the end, so
 * that all get their share and a large answer does not hold up small ones. Window updates and ping
 * answers stand in queues of their own that go first, since they keep the other direction going.
 *
 * <p>A turn ends when the socket is behind, which is how a slow peer holds writers back: frames
 * stay with their streams, and those have bounds. Everything of one turn is flushed at once.
 */
@SuppressWarnings(
    "FutureReturnValueIgnored") // what fails on a channel closes it, and that is heard of
final class SendTurns {
  /** Answers to pings that may wait: a peer that does not read them gets no more of them. */
  private static final int MAX_PONGS = 32;

  /** The session, as turns see it; called on the event loop, except where it says otherwise. */
  interface TurnOwner {
    /** It is time for {@link #run}, unless there is nobody to send to any more. */
    void turn();

    /** Sends one frame of a stream; false once the stream has no more. */
    boolean send(YamuxStream stream, OutboundFrame frame);

    /** The event loop takes nothing any more. On the thread that wanted a turn. */
    void noTurns(RejectedExecutionException why);
  }

  private final Channel channel;
  private final TurnOwner owner;

  // Filled by any thread. A stream stands in each at most once, which its own lock sees to, so the
  // queues are bounded by the streams there are.
  private final Queue<YamuxStream> controls = new ConcurrentLinkedQueue<>();
  private final Queue<YamuxStream> senders = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final Runnable turn = this::turn;

  // Of the event loop alone.
  private final ArrayDeque<Integer> pongs = new ArrayDeque<>(MAX_PONGS);

  SendTurns(Channel channel, TurnOwner owner) {
    this.channel = channel;
    this.owner = owner;
  }

  /** Any thread: the stream has a window update to send. */
  void control(YamuxStream stream) {
    controls.add(stream);
    schedule();
  }

  /** Any thread: the stream has frames to send. */
  void sender(YamuxStream stream) {
    senders.add(stream);
    schedule();
  }

  /** A ping has to be answered, with the turn at the end of this read. */
  void pong(int value) {
    if (pongs.size() < MAX_PONGS) {
      pongs.add(value);
    }
  }

  /** Asks for a turn. Any thread. */
  void schedule() {
    // One task for however many streams: the turn looks at all queues.
    if (scheduled.compareAndSet(false, true)) {
      try {
        channel.eventLoop().execute(turn);
      } catch (RejectedExecutionException hostClosed) {
        owner.noTurns(hostClosed);
      }
    }
  }

  /** The end of a read: pings are answered at once. */
  void afterRead() {
    if (!pongs.isEmpty()) {
      turn();
    }
  }

  /** The socket has caught up. */
  void whenWritable() {
    if (!senders.isEmpty()) {
      turn();
    }
  }

  private void turn() {
    // Before the queues are looked at: who comes after that look has to ask for a turn of its own.
    scheduled.set(false);
    owner.turn();
  }

  /** One turn: as much as the socket takes. */
  void run() {
    sendControls();
    while (channel.isWritable()) {
      YamuxStream stream = senders.poll();
      if (stream == null) {
        break;
      }
      if (owner.send(stream, stream.nextFrame())) {
        senders.add(stream);
      }
    }
    channel.flush();
  }

  /** Hands all that streams have queued to the channel, whether it can take it now or not. */
  void sendAll() {
    for (YamuxStream each = senders.poll(); each != null; each = senders.poll()) {
      while (owner.send(each, each.nextFrame())) {}
    }
  }

  /** Hands on those that wait to send, and forgets them. Any thread. */
  void drain(Consumer<YamuxStream> unsent) {
    for (YamuxStream each = senders.poll(); each != null; each = senders.poll()) {
      unsent.accept(each);
    }
  }

  private void sendControls() {
    if (pongs.isEmpty() && controls.isEmpty()) {
      return;
    }
    // All in one buffer: each frame is twelve bytes, and a buffer for each would cost more than it.
    ByteBuf out = channel.alloc().directBuffer(16 * Yamux.HEADER);
    for (Integer value = pongs.poll(); value != null; value = pongs.poll()) {
      Yamux.writeHeader(out, Yamux.PING, Yamux.ACK, 0, value);
    }
    for (YamuxStream each = controls.poll(); each != null; each = controls.poll()) {
      each.nextControl(out);
    }
    if (out.isReadable()) {
      channel.write(out);
    } else {
      out.release();
    }
  }
}
