package io.sluice.protocol.libp2p;

import io.netty.buffer.ByteBuf;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.Ticker;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the frames of the peer do to a session: each is checked, paid for, and given to its stream.
 * On the event loop alone.
 *
 * <p>A hostile peer can send any frame at any time. What yamux forbids is a violation and ends the
 * connection; what it allows has a price ({@link FrameAllowance}) or a bound ({@link StreamTable},
 * the windows), and no frame makes us hold more than its own size. Frames of streams that are gone
 * are no fault, since they were under way when the stream ended. Spec: yamux, framing.
 */
final class PeerFrames implements YamuxFrameReader.FrameHandler {
  /**
   * Wakes readers before the end of a long turn: a fast peer may keep the socket full for so long
   * that they would stand still beside full windows.
   */
  private static final int WAKE_AFTER = 256 * 1024;

  /** The session, as its peer's frames see it. */
  interface FrameOwner {
    /** The peer opens a stream that it may have, and whose window is taken. */
    YamuxStream opened(int id);

    /** The peer opens one that there is no room for. */
    void refused(int id);

    /** The peer has accepted a stream, maybe not for the first time. */
    void acknowledged(YamuxStream stream);

    /** The stream has ended at both ends, or was reset by the peer. */
    void over(YamuxStream stream);

    /** A ping has to be answered. */
    void pinged(int value);

    /** A ping was answered. */
    void ponged(int value);

    /** The peer says that it will go. */
    void goodbye(long code);
  }

  private final YamuxFrameReader reader = new YamuxFrameReader(this);
  private final FrameOwner owner;
  private final StreamTable streams;
  private final FrameAllowance allowance;
  private final long maxWindow;

  /** Whose data frame is being read; null if nobody wants its body. */
  private @Nullable YamuxStream receiving;

  private long receivedThisTurn;
  private final List<YamuxStream> touched = new ArrayList<>();

  PeerFrames(FrameOwner owner, StreamTable streams, FrameAllowance allowance, long maxWindow) {
    this.owner = owner;
    this.streams = streams;
    this.allowance = allowance;
    this.maxWindow = maxWindow;
  }

  /**
   * Takes what came, which stays the caller's.
   *
   * @throws ProtocolException if the peer broke the protocol
   */
  void read(ByteBuf in) {
    receivedThisTurn += in.readableBytes();
    reader.read(in);
    if (receivedThisTurn >= WAKE_AFTER) {
      wakeReaders();
    }
  }

  /** Wakes who reads what came: once for all of it, since a reader that runs takes everything. */
  void wakeReaders() {
    receivedThisTurn = 0;
    for (int i = 0; i < touched.size(); i++) {
      touched.get(i).onTurnEnd();
    }
    touched.clear();
  }

  @Override
  public void onControl(int type, int flags, int id, long length) {
    allowance.spend(FrameAllowance.CONTROL, Ticker.SYSTEM.nanos());
    switch (type) {
      case Yamux.WINDOW_UPDATE -> onWindowUpdate(flags, id, length);
      case Yamux.PING -> onPing(flags, (int) length);
      default -> owner.goodbye(length);
    }
  }

  private void onPing(int flags, int value) {
    if ((flags & Yamux.SYN) != 0) {
      owner.pinged(value);
    } else if ((flags & Yamux.ACK) != 0) {
      owner.ponged(value);
    }
  }

  private void onWindowUpdate(int flags, int id, long delta) {
    YamuxStream stream = stream(flags, id);
    if (stream == null) {
      return;
    }
    if ((flags & Yamux.RST) != 0) {
      // With a reset the length is the error code. The window it would have granted is of no use.
      reset(stream, delta);
      return;
    }
    stream.onWindowUpdate(delta);
    if ((flags & Yamux.FIN) != 0) {
      ended(stream);
    }
  }

  @Override
  public void onData(int flags, int id, long length) {
    // Data pays for itself by its bytes; without any it is one more control frame.
    if (length == 0) {
      allowance.spend(FrameAllowance.CONTROL, Ticker.SYSTEM.nanos());
    }
    receiving = stream(flags, id);
    if (receiving != null && (flags & Yamux.RST) != 0) {
      reset(receiving, 0);
      receiving = null;
    }
    // Frames of streams that are gone are read past, but only as long as any window allows.
    if (receiving != null) {
      receiving.onDataHeader(length);
    } else if (length > maxWindow) {
      throw new ProtocolException(
          "FRAME_VIOLATION", "data frame of " + length + " bytes for no stream");
    }
  }

  @Override
  public void onBody(ByteBuf slice) {
    if (receiving == null) {
      slice.release();
    } else if (receiving.onBody(slice)) {
      touched.add(receiving);
    }
  }

  @Override
  public void onDataEnd(int flags, int id) {
    // Behind the body: readers see the end when they have read what came with it.
    if (receiving != null && (flags & Yamux.FIN) != 0) {
      ended(receiving);
    }
    receiving = null;
  }

  /** The stream a frame belongs to, opened by it if it says so; null if it is gone or refused. */
  private @Nullable YamuxStream stream(int flags, int id) {
    if (id == 0) {
      throw new ProtocolException("FRAME_VIOLATION", "stream 0");
    }
    if ((flags & Yamux.SYN) != 0) {
      return open(id);
    }
    YamuxStream stream = streams.get(id);
    if (stream != null && (flags & Yamux.ACK) != 0) {
      owner.acknowledged(stream);
    }
    return stream;
  }

  private @Nullable YamuxStream open(int id) {
    streams.checkOpening(id);
    // Paid for also when it is refused: a peer could make us answer without end otherwise.
    allowance.spend(FrameAllowance.STREAM, Ticker.SYSTEM.nanos());
    if (!streams.takeRoom()) {
      owner.refused(id);
      return null;
    }
    return owner.opened(id);
  }

  private void reset(YamuxStream stream, long code) {
    stream.fail(new StreamResetException(true, code));
    owner.over(stream);
  }

  private void ended(YamuxStream stream) {
    stream.onRemoteClose();
    if (stream.ended()) {
      owner.over(stream);
    }
  }
}
