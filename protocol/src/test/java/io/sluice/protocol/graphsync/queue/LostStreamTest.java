package io.sluice.protocol.graphsync.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.graphsync.GraphsyncConfig;
import io.sluice.protocol.graphsync.wire.LinkAction;
import io.sluice.protocol.graphsync.wire.LinkMeta;
import io.sluice.protocol.graphsync.wire.RequestId;
import io.sluice.protocol.graphsync.wire.RequestNumbers;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.graphsync.wire.WireVersion;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A stream breaks on which more than one response was sent. */
class LostStreamTest {
  private static final Cid CID =
      Cid.parse("bafkreifw7plhl6mofk6sfvhnfh64qmkq73oeqwl6sloru6rehaoujituke");

  private final BlockingQueue<Integer> written = new LinkedBlockingQueue<>();
  private volatile boolean broken;
  private int streams;

  private final MessageQueue queue =
      new MessageQueue(
          SendMemoryTest.peer(1),
          host(),
          GraphsyncConfig.defaults(),
          new SendMemory(1 << 20, 1 << 20),
          new RequestNumbers());

  /** Whose messages go out, until one does not. */
  private static final class Author implements MessageAuthor {
    final BlockingQueue<IOException> lost = new LinkedBlockingQueue<>();
    private final RequestId id;
    private volatile boolean dead;

    Author(long number) {
      this.id = new RequestId(1, number);
    }

    @Override
    public RequestId id() {
      return id;
    }

    @Override
    public boolean isDead() {
      return dead;
    }

    @Override
    public void written(ResponseStatus status, int blocks, long bytes) {}

    @Override
    public void notWritten(IOException cause) {
      dead = true;
      lost.add(cause);
    }
  }

  @AfterEach
  void close() {
    queue.close();
  }

  private Host host() {
    return (Host)
        Proxy.newProxyInstance(
            Host.class.getClassLoader(),
            new Class<?>[] {Host.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "open" -> stream(++streams);
                  case "losses" -> 0L;
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private Stream stream(int number) {
    return (Stream)
        Proxy.newProxyInstance(
            Stream.class.getClassLoader(),
            new Class<?>[] {Stream.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "protocol" -> WireVersion.V2.protocol();
                  case "write" -> {
                    if (broken) {
                      broken = false;
                      throw new IOException("the connection is gone");
                    }
                    written.add(number);
                    yield null;
                  }
                  default -> null;
                });
  }

  private void link(MessageAuthor author) {
    queue.link(author, new LinkMeta(CID, LinkAction.MISSING), null);
  }

  private int writtenOn() throws InterruptedException {
    Integer stream = written.poll(10, TimeUnit.SECONDS);
    return stream == null ? -1 : stream;
  }

  /** What was written of the other before may be lost as well: it must not go on behind a gap. */
  @Test
  void otherResponsesOnIt_endToo() throws Exception {
    Author one = new Author(1);
    Author other = new Author(2);
    link(one);
    assertEquals(1, writtenOn());
    link(other);
    assertEquals(1, writtenOn());
    broken = true;

    link(one);

    assertTrue(one.lost.poll(10, TimeUnit.SECONDS) != null);
    assertTrue(other.lost.poll(10, TimeUnit.SECONDS) != null);
    link(other);
    Author fresh = new Author(3);
    link(fresh);
    assertEquals(2, writtenOn());
    assertEquals(0, written.size());
    assertTrue(fresh.lost.isEmpty());
  }
}
