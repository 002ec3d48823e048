package io.sluice.node.pullsync.bee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.pullsync.Eventually;
import io.sluice.node.pullsync.bee.Recording.Step;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.ProtocolNotSupportedException;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.libp2p.StreamResetException;
import io.sluice.protocol.libp2p.TestHosts;
import io.sluice.protocol.multiformats.Varint;
import io.sluice.protocol.pullsync.bee.BeeFrames;
import io.sluice.protocol.pullsync.bee.BeeMessage.Ack;
import io.sluice.protocol.pullsync.bee.BeeMessage.AddressOffer;
import io.sluice.protocol.pullsync.bee.BeeVersion;
import io.sluice.protocol.pullsync.bee.BeeVersion.Purpose;
import io.sluice.protocol.retrieval.Bytes32;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What bee's syncers asked each other, asked of our server: it answers with the same bytes. Where
 * it differs, the test says so in its name.
 */
@Timeout(60)
class RecordedServerTest {
  private static final String OLD = "1.0.0";
  private static final String NEW = "1.4.0";

  @TempDir Path folder;
  private final TestHosts network = new TestHosts();
  private final Host client = network.host("client");
  private final Host server = network.host("server");
  private final RecordedDelays delays = new RecordedDelays();
  private Reserve reserve;
  private SharedPages pages;

  @BeforeEach
  void serve() throws IOException {
    reserve = BeeContent.reserve(folder);
    pages = new SharedPages(reserve::look, delays);
    reserve.onStored(pages::stored);
    new BeeServer(reserve, pages, peer -> !peer.equals(server.id()), () -> 0, delays)
        .serve(server, BeeVersion.values());
  }

  @AfterEach
  void close() throws IOException {
    server.close();
    client.close();
    reserve.close();
  }

  private void holds(int bin, int count, int payload) throws IOException {
    reserve.put(BeeContent.ofBin(bin, count, payload));
  }

  private void remove(int bin, int number) throws IOException {
    List<StampedChunk> chunks = BeeContent.ofBin(bin, number, 64);
    reserve.remove(chunks.getLast().id(BeeContent.CRYPTO));
  }

  private Stream open(Host from, String protocol) throws IOException {
    return from.open(server.id(), List.of(), List.of(protocol));
  }

  private interface Moment {
    void at(Step step) throws IOException;
  }

  /** Has the recorded conversation; what is done before a step is the test's. */
  private void replay(String version, String scenario, Moment before) throws IOException {
    Map<Integer, Stream> streams = new HashMap<>();
    for (Step step : Recording.of(version, scenario).steps()) {
      if (!streams.containsKey(step.stream())) {
        streams.put(step.stream(), open(client, step.protocol()));
      }
      before.at(step);
      follow(step, streams.get(step.stream()));
    }
  }

  private void replay(String version, String scenario) throws IOException {
    replay(version, scenario, step -> {});
  }

  private static void follow(Step step, Stream stream) throws IOException {
    if (step.isRequest()) {
      if (!step.isEnd()) {
        stream.write(step.frame().duplicate());
      } else if (step.message().equals("close")) {
        stream.closeWrite();
      } else {
        stream.reset();
      }
    } else if (!step.isEnd()) {
      assertEquals(hex(step.frame()), hex(frame(stream)), step.message());
    } else if (step.message().equals("EOF")) {
      assertEquals(-1, stream.read(ByteBuffer.allocate(1)));
    } else {
      assertReset(stream);
    }
  }

  private static void assertReset(Stream stream) {
    ByteBuffer any = ByteBuffer.allocate(1024); // a reset may overtake what came before
    assertThrows(
        StreamResetException.class,
        () -> {
          while (stream.read(any.clear()) >= 0) {
            assertTrue(any.position() > 0);
          }
        });
  }

  /** A message with its length, and not one byte more. */
  private static ByteBuffer frame(Stream stream) throws IOException {
    Varint.Partial length = new Varint.Partial();
    ByteBuffer one = ByteBuffer.allocate(1);
    do {
      assertEquals(1, stream.read(one.clear()), "the stream ended");
    } while (!length.take(one.get(0)));
    byte[] head = Varint.encode(length.value());
    ByteBuffer frame = ByteBuffer.allocate(head.length + (int) length.value()).put(head);
    while (frame.hasRemaining()) {
      assertTrue(stream.read(frame) > 0);
    }
    return frame.flip();
  }

  private static String hex(ByteBuffer bytes) {
    return HexFormat.of().formatHex(BeeContent.bytes(bytes));
  }

  @ParameterizedTest
  @ValueSource(strings = {OLD, NEW})
  void cursors(String version) throws IOException {
    holds(3, 3, 64);
    holds(0, 2, 64);
    replay(version, "cursors");
  }

  @ParameterizedTest
  @CsvSource({
    "1.0.0, historical-5, 5, 4096",
    "1.0.0, historical-partial, 5, 64",
    "1.0.0, nothing-wanted, 5, 64",
    "1.0.0, eight, 8, 64",
    "1.0.0, one-number, 5, 64",
    "1.0.0, open-end-history, 5, 64",
    "1.0.0, pages-120, 120, 64",
    "1.0.0, too-large, 60, 64",
    "1.0.0, raw-want-long, 5, 64",
    "1.0.0, cancel-unknown, 5, 64",
    "1.0.0, cancel, 5, 64",
    "1.4.0, historical-5, 5, 4096",
    "1.4.0, historical-partial, 5, 64",
    "1.4.0, nothing-wanted, 5, 64",
    "1.4.0, outside-radius, 5, 64",
    "1.4.0, eight, 8, 64",
    "1.4.0, from-4, 5, 64",
    "1.4.0, pages-300, 300, 8",
    "1.4.0, rate-500, 500, 8",
    "1.4.0, put-fails, 5, 64",
    "1.4.0, put-overwrite-newer, 5, 64"
  })
  void answersAreThoseOfBee(String version, String scenario, int count, int payload)
      throws IOException {
    holds(3, count, payload);
    replay(version, scenario);
  }

  @ParameterizedTest
  @ValueSource(strings = {OLD, NEW})
  void givenWantWithoutBits_thenReset(String version) throws IOException {
    holds(3, 5, 64);
    List<Step> steps = Recording.of(version, "raw-want-empty").steps();
    Stream stream = open(client, steps.getFirst().protocol());
    for (Step step : steps) {
      if (step.isRequest()) {
        follow(step, stream);
      }
    }
    assertReset(stream);
  }

  /** The length alone, which the recorder did not keep. */
  @Test
  void givenMessageTooLong_thenReset() throws IOException {
    Step headers = Recording.of(OLD, "raw-message-too-long").steps().getFirst();
    Stream stream = open(client, headers.protocol());
    stream.write(headers.frame(), ByteBuffer.wrap(Varint.encode(BeeFrames.MOST_BYTES + 1L)));
    assertReset(stream);
  }

  @Test
  void givenPageThatIsNotFull_thenItIsSentWhenNothingCameForSoLong() throws IOException {
    holds(3, 5, 64);
    replay(NEW, "from-4");
    assertEquals(List.of(Duration.ofSeconds(1)), delays.waits);
    delays.waits.clear();
    replay(OLD, "open-end-history");
    assertEquals(List.of(Duration.ofMillis(500)), delays.waits);
    delays.waits.clear();
    replay(OLD, "historical-partial");
    assertEquals(List.of(), delays.waits, "all that was asked for is there");
  }

  /** As bee: of two pages in a row the second waits as long as its chunks take. */
  @Test
  void givenFullPages_thenMoreThan250ChunksASecondWait() throws IOException {
    holds(3, 500, 8);
    replay(NEW, "rate-500");
    assertEquals(List.of(Duration.ofSeconds(1)), delays.waits.stream().distinct().toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {OLD, NEW})
  void live(String version) throws IOException {
    holds(3, 5, 64);
    replay(
        version,
        "live",
        step -> {
          if (step.message().equals("Offer")) {
            holds(3, 6, 64); // five of them are here
          }
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {OLD, NEW})
  void gaps(String version) throws IOException {
    holds(3, 5, 64);
    remove(3, 3);
    replay(version, "gap-inside");
    if (version.equals(OLD)) {
      replay(version, "empty-gap");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {OLD, NEW})
  void givenChunkVanishesAfterTheOffer(String version) throws IOException {
    holds(3, 5, 64);
    replay(
        version,
        "gone-between",
        step -> {
          if (step.message().equals("Want")) {
            remove(3, 3);
          }
        });
  }

  @Test
  void givenStoreCloses_thenWhatWaitsGetsNothing() throws IOException {
    holds(3, 5, 64);
    replay(
        NEW,
        "empty",
        step -> {
          if (step.message().equals("Offer")) {
            pages.close();
          }
        });
  }

  @Test
  void stampOfSomebodyElseIsOfferedAsItIs() throws IOException {
    List<StampedChunk> chunks = BeeContent.ofBin(3, 5, 64);
    for (int i = 0; i < chunks.size(); i++) {
      StampedChunk chunk = chunks.get(i);
      reserve.put(
          List.of(
              i == 2
                  ? BeeContent.stamped(
                      chunk.address(),
                      BeeContent.bytes(chunk.data()),
                      BeeContent.STRANGER,
                      BeeContent.TIMESTAMP)
                  : chunk));
    }
    replay(NEW, "stamp-foreign-offered");
  }

  // ---- where bee was made to lie: all but the lie is the same ----

  @ParameterizedTest
  @CsvSource({
    "1.0.0, unsolicited",
    "1.0.0, corrupt",
    "1.0.0, stamp-foreign",
    "1.0.0, stamp-unknown-batch",
    "1.4.0, unsolicited",
    "1.4.0, corrupt",
    "1.4.0, stamp-foreign",
    "1.4.0, stamp-missing"
  })
  void differs_ourServerSendsWhatItOffered(String version, String scenario) throws IOException {
    holds(3, 5, 64);
    List<StampedChunk> chunks = BeeContent.ofBin(3, 5, 64);
    int delivered = 0;
    Stream stream = null;
    for (Step step : Recording.of(version, scenario).steps()) {
      if (stream == null) {
        stream = open(client, step.protocol());
      }
      if (step.message().equals("Delivery")) {
        ByteBuffer frame = frame(stream);
        if (delivered == 2) {
          String sent = hex(frame);
          assertTrue(sent.contains(hex(ByteBuffer.wrap(chunks.get(2).address().bytes()))));
          assertTrue(sent.contains(hex(chunks.get(2).data())));
          assertTrue(sent.contains(hex(ByteBuffer.wrap(chunks.get(2).stamp().encode()))));
        } else {
          assertEquals(hex(step.frame()), hex(frame));
        }
        delivered++;
      } else if (!step.isEnd()) {
        follow(step, stream);
      }
    }
    assertTrue(delivered >= 3);
  }

  // ---- where we differ ----

  /** bee's cursor falls from 5 to 4, it offers up to 4 after 500 ms, and then waits for a new 5. */
  @Test
  void differs_numberOfARemovedTailIsAnsweredAtOnce() throws IOException {
    holds(3, 5, 64);
    remove(3, 5);
    List<Step> first = Recording.of(OLD, "tail-removed").stream(2);
    Stream stream = open(client, first.getFirst().protocol());
    for (Step step : first) {
      if (step.message().equals("Offer")) {
        AddressOffer theirs = AddressOffer.decode(step.fields());
        AddressOffer ours = AddressOffer.decode(fields(frame(stream)));
        assertEquals(4, theirs.topmost());
        assertEquals(new AddressOffer(5, theirs.addresses()), ours);
      } else {
        follow(step, stream);
      }
    }
    List<Step> second = Recording.of(OLD, "tail-removed").stream(3);
    Stream again = open(client, second.getFirst().protocol());
    for (Step step : second) {
      if (!step.isEnd()) {
        follow(step, again);
      }
    }
    assertEquals(new AddressOffer(5, List.of()), AddressOffer.decode(fields(frame(again))));
    assertEquals(List.of(), delays.waits);
  }

  /** By 1.4.0 requests have no end, so that the same is waited for there too; the cursor stays. */
  @Test
  void givenTailRemoved_thenTheNextNumberIsWaitedFor() throws IOException {
    holds(3, 5, 64);
    remove(3, 5);
    assertEquals(5L, reserve.cursors().get(3));
    Set<Integer> started = new HashSet<>();
    Map<Integer, Stream> streams = new HashMap<>();
    for (Step step : Recording.of(NEW, "tail-removed").steps()) {
      if (started.add(step.stream())) {
        streams.put(step.stream(), open(client, step.protocol()));
      }
      if (step.stream() == 1 || step.isRequest() || !step.isEnd()) {
        follow(step, streams.get(step.stream()));
      }
    }
    assertEquals(2, streams.size());
  }

  private static ByteBuffer fields(ByteBuffer frame) {
    return new Step(0, false, frame, "", "").fields();
  }

  /** There bee waits, as if it were a request for what does not exist yet. */
  @ParameterizedTest
  @ValueSource(strings = {"inverted", "raw-bin-40"})
  void differs_rangesAndBinsThatCannotBeAreRefused(String scenario) throws IOException {
    holds(3, 5, 64);
    List<Step> steps = Recording.of(OLD, scenario).steps();
    Stream stream = open(client, steps.getFirst().protocol());
    for (Step step : steps) {
      if (step.isRequest() && !step.isEnd()) {
        follow(step, stream);
      }
    }
    assertReset(stream);
  }

  /** bee ends the request of whoever has that number. */
  @Test
  void differs_nobodyCancelsTheRequestOfAnother() throws IOException {
    holds(3, 5, 64);
    Host third = network.host("third");
    List<Step> steps = Recording.of(OLD, "cancel-by-other-peer").steps();
    Stream stream = open(client, steps.getFirst().protocol());
    for (Step step : steps) {
      if (!step.isEnd()) {
        follow(step, stream);
      }
    }
    Stream cancel = open(third, BeeVersion.V1_0.protocol(Purpose.CANCEL));
    for (Step step : Recording.of(OLD, "cancel").stream(2)) {
      if (step.message().equals("Cancel")) {
        cancel.write(Recording.of(OLD, "cancel-by-other-peer").first("Ruid").frame().duplicate());
      } else {
        follow(step, cancel);
      }
    }
    assertEquals(-1, cancel.read(ByteBuffer.allocate(1)));
    holds(3, 6, 64);
    Bytes32 sixth = BeeContent.ofBin(3, 6, 64).getLast().address();
    assertEquals(new AddressOffer(6, List.of(sixth)), AddressOffer.decode(fields(frame(stream))));
  }

  /** bee's handler stays until the next chunk, and fails when it writes. */
  @Test
  void differs_waitEndsWithTheReset() throws Exception {
    holds(3, 5, 64);
    replay(
        NEW,
        "cancel-by-close",
        step -> {
          if (step.isEnd() && step.isRequest()) {
            Eventually.is(1, pages::count);
          }
        });
    Eventually.is(0, pages::count);
  }

  /** bee takes any id of a minor version up to its own. */
  @Test
  void differs_idsAreThoseOfTheTwoVersions() throws IOException {
    for (String version : List.of("1.0.9", "1.3.0", "1.4.9", "1.5.0", "2.0.0")) {
      String id = BeeVersion.id(version, Purpose.CURSORS);
      assertThrows(ProtocolNotSupportedException.class, () -> open(client, id));
    }
    holds(0, 5, 64);
    for (BeeVersion version : BeeVersion.values()) {
      BeeFrames frames = new BeeFrames(open(client, version.protocol(Purpose.CURSORS)));
      frames.write(new io.sluice.protocol.pullsync.bee.BeeMessage.Headers());
      frames.write(new io.sluice.protocol.pullsync.bee.BeeMessage.Syn());
      assertEquals(0, frames.read().remaining());
      assertEquals(5L, Ack.decode(frames.read()).cursors().getFirst());
    }
  }

  /** A bee of 1.4.0 reads the number of such a request as a bin, and resets the stream. */
  @Test
  void differs_oldMessagesUnderTheOldIdAreAnswered() throws IOException {
    holds(3, 5, 64);
    List<Step> steps = Recording.of(NEW, "raw-old-messages").steps();
    Stream stream = open(client, steps.getFirst().protocol());
    for (Step step : steps) {
      if (!step.isEnd()) {
        follow(step, stream);
      }
    }
    assertEquals(5, AddressOffer.decode(fields(frame(stream))).addresses().size());
  }

  @Test
  void givenPeerThatIsNoNeighbour_thenReset() throws IOException {
    holds(3, 5, 64);
    for (BeeVersion version : BeeVersion.values()) {
      Stream stream =
          server.open(server.id(), List.of(), List.of(version.protocol(Purpose.CURSORS)));
      assertReset(stream);
    }
  }
}
