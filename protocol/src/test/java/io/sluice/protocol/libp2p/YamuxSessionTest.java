package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One session against a scripted peer that sends frames by hand; this end is the listener. */
class YamuxSessionTest {
  private static final long AT_ONCE = Duration.ofSeconds(5).toNanos();
  private static final HostLimits LIMITS =
      new HostLimits(8, 8, 8, 8, 8, 8, 4, 4, 8, 1 << 20, 8 << 20, 64 * 1024);

  private final List<YamuxStream> opened = new ArrayList<>();
  private final List<YamuxSession> closed = new ArrayList<>();
  private final WindowBudget budget = new WindowBudget(LIMITS.windowMemory());
  private EmbeddedChannel channel;
  private YamuxSession session;

  @BeforeEach
  void start() {
    start(HostTimeouts.DEFAULT);
  }

  private void start(HostTimeouts timeouts) {
    channel = new EmbeddedChannel();
    session =
        new YamuxSession(
            channel,
            false,
            new YamuxSession.SessionLimits(LIMITS, timeouts, budget, 1000),
            new YamuxSession.SessionListener() {
              @Override
              public void onStream(YamuxStream stream) {
                opened.add(stream);
              }

              @Override
              public void onClosed(YamuxSession over) {
                closed.add(over);
              }
            });
    channel.pipeline().addLast(session);
    assertEquals(List.of("2 1 0 1"), sent()); // the first ping
  }

  @AfterEach
  void noBytesAreLeft() {
    opened.forEach(each -> each.reset(ResetCode.NONE));
    channel.finishAndReleaseAll();
  }

  private void receive(int type, int flags, int id, int length, byte... body) {
    ByteBuf frame = Unpooled.buffer();
    Yamux.writeHeader(frame, type, flags, id, length);
    channel.writeInbound(frame.writeBytes(body));
    channel.runPendingTasks();
  }

  private YamuxStream accept(int id) {
    receive(Yamux.WINDOW_UPDATE, Yamux.SYN, id, 0);
    assertEquals(List.of(), sent());
    opened.getLast().accept();
    assertEquals(List.of("1 2 " + id + " 0"), sent());
    return opened.getLast();
  }

  /** The frames written since the last call, as "type flags id length", a body as its length. */
  private List<String> sent() {
    channel.runPendingTasks();
    List<String> frames = new ArrayList<>();
    YamuxFrameReader reader =
        new YamuxFrameReader(
            new YamuxFrameReader.FrameHandler() {
              @Override
              public void onControl(int type, int flags, int id, long length) {
                frames.add(type + " " + flags + " " + id + " " + length);
              }

              @Override
              public void onData(int flags, int id, long length) {
                frames.add("0 " + flags + " " + id + " " + length);
              }

              @Override
              public void onBody(ByteBuf slice) {
                slice.release();
              }

              @Override
              public void onDataEnd(int flags, int id) {}
            });
    for (ByteBuf each = channel.readOutbound(); each != null; each = channel.readOutbound()) {
      reader.read(each);
      each.release();
    }
    return frames;
  }

  private static String read(YamuxStream stream) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(100);
    int count = stream.read(buffer, AT_ONCE);
    return count < 0 ? "end" : new String(buffer.array(), 0, count, StandardCharsets.US_ASCII);
  }

  private void assertViolation() {
    assertTrue(sent().contains("3 0 0 1"), "no goodbye");
    assertFalse(channel.isActive());
    assertEquals(List.of(session), closed);
  }

  @Test
  void givenPeersStream_thenAcceptedOnce() throws IOException {
    YamuxStream stream = accept(1);

    receive(Yamux.DATA, 0, 1, 2, (byte) 'h', (byte) 'i');

    assertEquals("hi", read(stream));
    assertEquals(List.of(), sent());
  }

  @Test
  void givenOpeningDataAndEndInOneFrame_thenAllOfIt() throws IOException {
    receive(Yamux.DATA, Yamux.SYN | Yamux.FIN, 1, 2, (byte) 'h', (byte) 'i');

    assertEquals("hi", read(opened.getFirst()));
    assertEquals("end", read(opened.getFirst()));
  }

  @Test
  void whenWrittenAndClosed_thenEndHasItsOwnFrame() throws IOException {
    YamuxStream stream = accept(1);

    stream.write(new ByteBuffer[] {ByteBuffer.allocate(2500)}, AT_ONCE);
    stream.closeWrite();

    assertEquals(List.of("0 0 1 1000", "0 0 1 1000", "0 0 1 500", "1 4 1 0"), sent());
  }

  @Test
  void whenWrittenInBits_thenOneFrame() throws IOException {
    YamuxStream stream = accept(1);

    for (int i = 0; i < 10; i++) {
      stream.write(new ByteBuffer[] {ByteBuffer.allocate(10)}, AT_ONCE);
    }

    assertEquals(List.of("0 0 1 100"), sent());
  }

  @Test
  void givenOurStream_thenEvenAndOpenedBeforeItsData() throws IOException {
    YamuxStream stream = session.open();
    stream.write(new ByteBuffer[] {ByteBuffer.allocate(1)}, AT_ONCE);

    assertEquals(List.of("1 1 2 0", "0 0 2 1"), sent());

    stream.reset(ResetCode.VIOLATION);
    assertEquals(List.of("1 8 2 " + 0x1004), sent());
  }

  @Test
  void givenOurStream_whenResetBeforeItWentOut_thenPeerHearsNothing() throws IOException {
    session.open().reset(ResetCode.NONE);

    assertEquals(List.of(), sent());
  }

  @Test
  void givenTwoWriters_thenTheyTakeTurns() throws IOException {
    YamuxStream one = accept(1);
    YamuxStream two = accept(3);

    one.write(new ByteBuffer[] {ByteBuffer.allocate(3000)}, AT_ONCE);
    two.write(new ByteBuffer[] {ByteBuffer.allocate(2000)}, AT_ONCE);

    assertEquals(
        List.of("0 0 1 1000", "0 0 3 1000", "0 0 1 1000", "0 0 3 1000", "0 0 1 1000"), sent());
  }

  @Test
  void whenPeerHasNoCredit_thenWritingTimesOut() throws IOException {
    YamuxStream stream = accept(1);
    ByteBuffer much = ByteBuffer.allocate(300_000);

    assertThrows(TimedOutException.class, () -> stream.write(new ByteBuffer[] {much}, 0));
    assertEquals(LIMITS.sendQueue(), much.position());
  }

  @Test
  void whenRead_thenHalfAWindowIsGrantedAgain() throws IOException {
    YamuxStream stream = accept(1);
    int half = Yamux.INITIAL_WINDOW / 2;
    receive(Yamux.DATA, 0, 1, half, new byte[half]);
    assertEquals(List.of(), sent());

    ByteBuffer all = ByteBuffer.allocate(half);
    while (all.hasRemaining()) {
      stream.read(all, AT_ONCE);
    }

    assertEquals(List.of("1 0 1 " + half), sent());
  }

  @Test
  void givenWholeWindowInOneFrame_thenFine() throws IOException {
    YamuxStream stream = accept(1);

    receive(Yamux.DATA, 0, 1, Yamux.INITIAL_WINDOW, new byte[Yamux.INITIAL_WINDOW]);

    assertEquals(100, read(stream).length());
    assertTrue(channel.isActive());
  }

  @Test
  void givenMoreThanTheWindow_thenViolation() throws IOException {
    YamuxStream stream = accept(1);

    receive(Yamux.DATA, 0, 1, Yamux.INITIAL_WINDOW + 1);

    assertViolation();
    assertThrows(ConnectionLostException.class, () -> read(stream));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void givenIdThatIsNotThePeers_thenViolation(int id) {
    receive(Yamux.WINDOW_UPDATE, Yamux.SYN, id, 0);

    assertViolation();
  }

  @Test
  void givenStreamOpenedTwice_thenViolation() {
    accept(1);
    receive(Yamux.WINDOW_UPDATE, Yamux.SYN, 1, 0);

    assertViolation();
  }

  @Test
  void givenCreditBeyondCounting_thenViolation() {
    accept(1);
    receive(Yamux.WINDOW_UPDATE, 0, 1, -1);

    assertViolation();
  }

  @Test
  void givenACrowdOfStreams_thenAnEighthOfTheMemoryIsLeftToOthers() {
    long most = LIMITS.windowMemory() * 7 / 8 / Yamux.INITIAL_WINDOW;
    crowd((int) most);

    assertEquals(LIMITS.windowMemory() / 8, budget.free());
  }

  @Test
  void givenMoreStreamsThanMayWait_thenResetWithTheReason() {
    budget.giveBack(LIMITS.windowMemory() * 100);
    crowd(2 * LIMITS.inboundStreamsPerPeer() + Yamux.BACKLOG);
  }

  /** So many streams that wait to be accepted are taken, and the next is not. */
  private void crowd(int most) {
    for (int i = 0; i < most; i++) {
      receive(Yamux.WINDOW_UPDATE, Yamux.SYN, 1 + 2 * i, 0);
    }
    assertEquals(List.of(), sent());

    receive(Yamux.WINDOW_UPDATE, Yamux.SYN, 1 + 2 * most, 0);

    assertEquals(List.of("1 8 " + (1 + 2 * most) + " " + 0x1002), sent());
    assertEquals(most, opened.size());
  }

  @Test
  void givenStreamsOpenedAndResetForEver_thenCutOff() {
    for (int id = 1; channel.isActive() && id < 100_000; id += 2) {
      receive(Yamux.WINDOW_UPDATE, Yamux.SYN, id, 0);
      if (channel.isActive()) {
        receive(Yamux.WINDOW_UPDATE, Yamux.RST, id, 0);
      }
      sent();
    }

    assertFalse(channel.isActive());
  }

  @Test
  void givenAllMemoryPromised_thenResetWithTheReason() throws IOException {
    assertTrue(budget.tryTake(LIMITS.windowMemory() - Yamux.INITIAL_WINDOW));
    accept(1);

    receive(Yamux.WINDOW_UPDATE, Yamux.SYN, 3, 0);

    assertEquals(List.of("1 8 3 " + 0x1002), sent());
    assertThrows(LimitExceededException.class, () -> session.open());
    receive(Yamux.WINDOW_UPDATE, Yamux.RST, 1, 0);
    accept(5);
  }

  @Test
  void whenClosedInGoodOrder_thenQueuedBytesGoOutFirst() throws IOException {
    YamuxStream stream = accept(1);
    stream.write(new ByteBuffer[] {ByteBuffer.allocate(1500)}, AT_ONCE);
    stream.closeWrite();

    session.close(Yamux.NORMAL);

    assertEquals(List.of("0 0 1 1000", "0 0 1 500", "1 4 1 0", "3 0 0 0"), sent());
  }

  @Test
  void givenAllCame_whenConnectionBreaks_thenEndAndNoFailure() throws IOException {
    YamuxStream stream = accept(1);
    receive(Yamux.DATA, Yamux.FIN, 1, 2, (byte) 'h', (byte) 'i');

    channel.close();

    assertEquals("hi", read(stream));
    assertEquals("end", read(stream));
  }

  @Test
  void givenFramesForUnknownStreams_thenIgnored() {
    receive(Yamux.DATA, 0, 99, 3, (byte) 1, (byte) 2, (byte) 3);
    receive(Yamux.WINDOW_UPDATE, 0, 99, 500);
    receive(Yamux.WINDOW_UPDATE, Yamux.RST, 99, 0);

    assertEquals(List.of(), sent());
    assertTrue(channel.isActive());
  }

  @Test
  void whenPinged_thenSameValueComesBack() {
    receive(Yamux.PING, Yamux.SYN, 0, 77);

    assertEquals(List.of("2 2 0 77"), sent());
  }

  @Test
  void whenPongComes_thenRoundTripIsKnown() {
    receive(Yamux.PING, Yamux.ACK, 0, 5); // nobody asked
    assertEquals(0, session.roundTripNanos());

    receive(Yamux.PING, Yamux.ACK, 0, 1);
    assertTrue(session.roundTripNanos() > 0);
  }

  @Test
  void givenNoAnswerToAKeepAlive_thenClosed() throws IOException {
    HostTimeouts usual = HostTimeouts.DEFAULT;
    Duration soon = Duration.ofNanos(1);
    channel.finishAndReleaseAll();
    closed.clear();
    start(
        new HostTimeouts(
            usual.connect(),
            usual.upgrade(),
            usual.dial(),
            usual.negotiation(),
            usual.identify(),
            soon,
            usual.keepAlive(),
            usual.streamIdle(),
            usual.linger()));
    YamuxStream stream = accept(1);

    channel.advanceTimeBy(2, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();

    assertFalse(channel.isActive());
    assertThrows(ConnectionLostException.class, () -> read(stream));
  }

  @Test
  void givenFastReader_thenWindowGrowsWithinTheBudget() throws IOException {
    receive(Yamux.PING, Yamux.ACK, 0, 1);
    YamuxStream stream = accept(1);
    long granted = 0;
    for (int i = 0; i < 40; i++) {
      receive(Yamux.DATA, 0, 1, 64 * 1024, new byte[64 * 1024]);
      ByteBuffer all = ByteBuffer.allocate(64 * 1024);
      while (all.hasRemaining()) {
        stream.read(all, AT_ONCE);
      }
      granted += sent().stream().mapToLong(frame -> Long.parseLong(frame.split(" ")[3])).sum();
    }
    long grown = granted - 40 * 64 * 1024;

    assertTrue(grown <= LIMITS.streamWindow() - Yamux.INITIAL_WINDOW, "grown by " + grown);
    assertTrue(
        budget.free() <= LIMITS.windowMemory() - grown,
        "free " + budget.free() + ", grown by " + grown);
    stream.reset(ResetCode.NONE);
    sent();
    assertEquals(LIMITS.windowMemory(), budget.free());
  }

  @Test
  void whenPeerResets_thenReaderHearsTheCode() {
    YamuxStream stream = accept(1);

    receive(Yamux.WINDOW_UPDATE, Yamux.RST, 1, 0x1002);

    StreamResetException reset = assertThrows(StreamResetException.class, () -> read(stream));
    assertEquals(0x1002, reset.code());
    assertTrue(reset.byPeer());
  }

  @Test
  void whenPeerSaysGoodbye_thenStreamsFail() {
    YamuxStream stream = accept(1);

    receive(Yamux.GO_AWAY, 0, 0, 0);

    assertThrows(ConnectionLostException.class, () -> read(stream));
    assertThrows(ConnectionLostException.class, () -> session.open());
    assertEquals(List.of(session), closed);
  }

  @Test
  void whenConnectionBreaks_thenWhatCameCanStillBeRead() throws IOException {
    YamuxStream stream = accept(1);
    receive(Yamux.DATA, 0, 1, 2, (byte) 'h', (byte) 'i');

    channel.close();

    assertEquals("hi", read(stream));
    assertThrows(ConnectionLostException.class, () -> read(stream));
  }

  @Test
  void givenManyTinyFrames_thenHeldTogether() throws IOException {
    YamuxStream stream = accept(1);
    for (int i = 0; i < 3000; i++) {
      receive(Yamux.DATA, 0, 1, 1, (byte) 'x');
    }

    ByteBuffer all = ByteBuffer.allocate(4000);
    while (all.position() < 3000) {
      stream.read(all, AT_ONCE);
    }
    assertEquals(3000, all.position());
  }
}
