package io.sluice.node.pullsync.bee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.dealstore.disk.StorageFullException;
import io.sluice.node.pullsync.Eventually;
import io.sluice.node.pullsync.bee.BeeClient.BeePeer;
import io.sluice.node.pullsync.bee.BeeClient.Cursors;
import io.sluice.node.pullsync.bee.PullResult.ChunkFailure;
import io.sluice.node.pullsync.bee.PullResult.FailureKind;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.TestJson;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.StreamResetException;
import io.sluice.protocol.libp2p.TestHosts;
import io.sluice.protocol.pullsync.bee.BadPullsync;
import io.sluice.protocol.pullsync.bee.BeeMessage.Ruid;
import io.sluice.protocol.pullsync.bee.BeeVersion;
import io.sluice.protocol.pullsync.bee.Postage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What bee's syncers answered each other, answered to our client: it asks with the same bytes, and
 * ends with the same chunks. Where it differs, the test says so in its name.
 */
@Timeout(60)
class RecordedClientTest {
  private static final String OLD = "1.0.0";
  private static final String NEW = "1.4.0";

  @TempDir Path folder;
  private final TestHosts network = new TestHosts();
  private final Host client = network.host("client");
  private final Host server = network.host("server");
  private final BeePeer peer = new BeePeer(server.id(), List.of());
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
    client.close();
    server.close();
  }

  private Reserve reserve(int radius, long capacity) throws IOException {
    Reserve reserve =
        Reserve.open(
            folder.resolve("reserve-" + open.size()),
            new ReserveRules(BeeContent.OVERLAY, radius, Set.of(BeeContent.BATCH.id())),
            capacity,
            BeeContent.CRYPTO,
            () -> 1,
            DiskWatch.NONE);
    open.add(reserve);
    return reserve;
  }

  /** The number that names the recorded request is the one that is drawn. */
  private BeeClient client(Reserve reserve, Recording recording) {
    return client(reserve, recording, BeeContent.POSTAGE);
  }

  private BeeClient client(Reserve reserve, Recording recording, Postage postage) {
    Random drawn =
        new Random() {
          private static final long serialVersionUID = 1L;
          private int drawn;

          @Override
          public int nextInt() {
            List<Recording.Step> all =
                recording.steps().stream().filter(each -> each.message().equals("Ruid")).toList();
            int at = Math.min(drawn, all.size() - 1);
            drawn++;
            return at < 0 ? 0 : Ruid.decode(all.get(at).fields()).ruid();
          }
        };
    return new BeeClient(client, reserve, BeeContent.CRYPTO, postage, drawn);
  }

  private static BeeVersion version(String text) {
    return text.equals(OLD) ? BeeVersion.V1_0 : BeeVersion.V1_4;
  }

  private static long number(Map<String, Object> of, String key) {
    return ((Number) of.get(key)).longValue();
  }

  @ParameterizedTest
  @ValueSource(strings = {OLD, NEW})
  void cursors(String version) throws IOException {
    Recording recording = Recording.of(version, "cursors");
    RecordedServer recorded = new RecordedServer(recording, server);
    Cursors cursors = client(reserve(0, 1 << 20), recording).cursors(peer);

    assertEquals(version(version), cursors.version());
    assertEquals(version.equals(OLD) ? 0 : BeeContent.EPOCH, cursors.epoch());
    assertEquals(
        TestJson.list(Recording.result(version, "cursors").get("cursors")).stream()
            .map(each -> ((Number) each).longValue())
            .toList(),
        cursors.numbers());
    recorded.assertAskedAsRecorded();
  }

  /** Requests as recorded, with what the client held before; the result is the recorded one. */
  @ParameterizedTest
  @CsvSource({
    "1.0.0, historical-5, 0, 0",
    "1.0.0, historical-partial, 2;4, 0",
    "1.0.0, nothing-wanted, 1;2;3;4;5, 0",
    "1.0.0, eight, 0, 0",
    "1.0.0, one-number, 0, 0",
    "1.0.0, open-end-history, 0, 0",
    "1.0.0, live, 0, 0",
    "1.0.0, empty-gap, 0, 0",
    "1.0.0, gap-inside, 0, 0",
    "1.4.0, historical-5, 0, 0",
    "1.4.0, historical-partial, 2;4, 0",
    "1.4.0, nothing-wanted, 1;2;3;4;5, 0",
    "1.4.0, outside-radius, 0, 4",
    "1.4.0, eight, 0, 0",
    "1.4.0, from-4, 0, 0",
    "1.4.0, live, 0, 0",
    "1.4.0, gap-inside, 0, 0"
  })
  void pulls(String version, String scenario, String here, int radius) throws IOException {
    Recording recording = Recording.of(version, scenario);
    RecordedServer recorded = new RecordedServer(recording, server);
    Reserve reserve = reserve(radius, 1 << 20);
    List<StampedChunk> chunks = BeeContent.ofBin(3, 5, 64);
    for (String number : here.split(";")) {
      if (!number.equals("0")) {
        reserve.put(List.of(chunks.get(Integer.parseInt(number) - 1)));
      }
    }
    int before = reserve.count();
    Map<String, Object> result = Recording.result(version, scenario);
    PullResult pulled = pull(version, reserve, recording, result);

    assertEquals(number(result, "topmost"), pulled.topmost());
    assertEquals(List.of(), pulled.failures());
    assertEquals(number(result, "storedAtClient"), reserve.count());
    assertEquals(reserve.count() - before, pulled.stored());
    Eventually.is(List.of("close"), () -> recorded.ends);
    recorded.assertAskedAsRecorded();
  }

  private PullResult pull(
      String version, Reserve reserve, Recording recording, Map<String, Object> result)
      throws IOException {
    long to = result.containsKey("to") ? number(result, "to") : -1;
    long last = to == -1 ? Long.MAX_VALUE : to;
    return client(reserve, recording).pull(peer, version(version), 3, number(result, "from"), last);
  }

  @ParameterizedTest
  @CsvSource({"1.0.0, pages-120, calls", "1.4.0, pages-300, calls", "1.4.0, rate-500, a;b"})
  void pullsPageByPage(String version, String scenario, String calls) throws IOException {
    Recording recording = Recording.of(version, scenario);
    RecordedServer recorded = new RecordedServer(recording, server);
    Reserve reserve = reserve(0, 1 << 20);
    BeeClient puller = client(reserve, recording);
    Map<String, Object> result = Recording.result(version, scenario);
    List<Map<String, Object>> pages = new ArrayList<>();
    for (String each : calls.split(";")) {
      Object of = result.get(each);
      (of instanceof List<?> ? TestJson.list(of) : List.of(of))
          .forEach(page -> pages.add(TestJson.map(page)));
    }
    for (Map<String, Object> page : pages) {
      long to = page.containsKey("to") ? number(page, "to") : Long.MAX_VALUE;
      PullResult pulled = puller.pull(peer, version(version), 3, number(page, "from"), to);
      assertEquals(number(page, "topmost"), pulled.topmost());
      assertEquals(number(page, "storedAtClient"), reserve.count());
    }
    recorded.assertAskedAsRecorded();
  }

  /** bee asks for any end, and is answered with a page. */
  @Test
  void differs_endsFrom2To63OnAreNotAskedFor() throws IOException {
    Recording recording = Recording.of(OLD, "too-large");
    RecordedServer recorded = new RecordedServer(recording, server);
    Reserve reserve = reserve(0, 1 << 20);
    PullResult pulled =
        client(reserve, recording).pull(peer, BeeVersion.V1_0, 3, 1, Long.MAX_VALUE);
    assertEquals(50, pulled.topmost());
    assertEquals(50, reserve.count());
    assertEquals(1, recorded.unlike.size());
  }

  @Test
  void givenNothingCame_thenNothingIsDone() throws IOException {
    Recording recording = Recording.of(NEW, "empty");
    RecordedServer recorded = new RecordedServer(recording, server);
    assertEquals(
        new PullResult(5, 0, 0, List.of()),
        client(reserve(0, 1 << 20), recording).pull(peer, BeeVersion.V1_4, 3, 6, Long.MAX_VALUE));
    recorded.assertAskedAsRecorded();
  }

  /** One bad chunk does not cost the page; it is told, so that the page is looked at once more. */
  @ParameterizedTest
  @CsvSource({
    "gone-between, GONE",
    "unsolicited, UNSOLICITED",
    "corrupt, BAD_CHUNK",
    "stamp-foreign, UNSOLICITED",
    "stamp-foreign-offered, BAD_STAMP",
    "stamp-missing, BAD_STAMP"
  })
  void givenBadChunk_thenTheOthersAreKept(String scenario, FailureKind kind) throws IOException {
    Recording recording = Recording.of(NEW, scenario);
    RecordedServer recorded = new RecordedServer(recording, server);
    Reserve reserve = reserve(0, 1 << 20);
    PullResult pulled = pull(NEW, reserve, recording, Recording.result(NEW, scenario));

    assertEquals(5, pulled.topmost());
    assertEquals(4, pulled.stored());
    assertEquals(List.of(kind), pulled.failures().stream().map(ChunkFailure::kind).toList());
    assertTrue(pulled.isWorthAnotherTry());
    Eventually.is(List.of("reset"), () -> recorded.ends);
    recorded.assertAskedAsRecorded();
  }

  /** By 1.0.0 the batch shows with the stamp: its chunks come in vain, and not again. */
  @ParameterizedTest
  @CsvSource({"1.0.0, 5", "1.4.0, 0"})
  void givenBatchThatIsNotKnown_thenItsChunksAreNotKept(String version, int refused)
      throws IOException {
    Recording recording = Recording.of(version, "historical-5");
    RecordedServer recorded = new RecordedServer(recording, server);
    Reserve reserve = reserve(0, 1 << 20);
    PullResult pulled =
        client(reserve, recording, new Postage(BeeContent.CRYPTO, List.of()))
            .pull(peer, version(version), 3, 1, version.equals(OLD) ? 5 : Long.MAX_VALUE);

    assertEquals(5, pulled.topmost());
    assertEquals(0, reserve.count());
    assertEquals(refused, pulled.failures().size());
    assertTrue(!pulled.isWorthAnotherTry());
    Eventually.is(version.equals(OLD) ? 0 : 1, recorded.unlike::size);
  }

  /** bee drops all that came; a chunk that is vanished or bad ends the request there. */
  @ParameterizedTest
  @ValueSource(strings = {"unsolicited", "corrupt", "stamp-foreign", "stamp-unknown-batch"})
  void differs_givenBadChunkBy100_thenWhatCameBeforeItIsKept(String scenario) throws IOException {
    Recording recording = Recording.of(OLD, scenario);
    RecordedServer recorded = new RecordedServer(recording, server);
    Reserve reserve = reserve(0, 1 << 20);
    Map<String, Object> result = Recording.result(OLD, scenario);
    // The recording ends with the bad chunk: its client went away, ours waits for the rest.
    recorded.leavesAtTheEnd();
    assertThrows(ProtocolException.class, () -> pull(OLD, reserve, recording, result));
    assertEquals(0, number(result, "storedAtClient"));
    assertEquals(2, reserve.count());
    recorded.assertAskedAsRecorded();
  }

  @Test
  void givenServerResetsInsteadOfDelivering_thenNothingIsDone() throws IOException {
    Recording recording = Recording.of(OLD, "gone-between");
    RecordedServer recorded = new RecordedServer(recording, server);
    Reserve reserve = reserve(0, 1 << 20);
    assertThrows(
        StreamResetException.class,
        () -> pull(OLD, reserve, recording, Recording.result(OLD, "gone-between")));
    assertEquals(0, reserve.count());
    recorded.assertAskedAsRecorded();
  }

  @Test
  void givenLiveRequestFails_thenItIsCancelledByName() throws IOException {
    Recording recording = Recording.of(OLD, "cancel");
    RecordedServer recorded = new RecordedServer(recording, server);
    Reserve reserve = reserve(0, 1 << 20);
    assertThrows(
        StreamResetException.class,
        () -> pull(OLD, reserve, recording, Recording.result(OLD, "cancel")));
    Eventually.is(List.of("close"), () -> recorded.ends);
    recorded.assertAskedAsRecorded();
  }

  @Test
  void givenSomebodyElseCancels_thenTheRequestFails() throws IOException {
    Recording recording = Recording.of(OLD, "cancel-by-other-peer");
    RecordedServer recorded = new RecordedServer(recording, server);
    Reserve reserve = reserve(0, 1 << 20);
    assertThrows(
        StreamResetException.class,
        () -> pull(OLD, reserve, recording, Recording.result(OLD, "cancel-by-other-peer")));
    recorded.assertAskedAsRecorded();
  }

  @Test
  void givenClientGivesUp_thenItResets() throws Exception {
    Recording recording = Recording.of(NEW, "cancel-by-close");
    RecordedServer recorded = new RecordedServer(recording, server);
    Reserve reserve = reserve(0, 1 << 20);
    Thread waiting =
        Thread.startVirtualThread(
            () ->
                assertThrows(
                    IOException.class,
                    () ->
                        client(reserve, recording)
                            .pull(peer, BeeVersion.V1_4, 3, 6, Long.MAX_VALUE)));
    Eventually.is(true, recorded::waitsForEnd);
    waiting.interrupt();
    waiting.join();
    Eventually.is(List.of("reset"), () -> recorded.ends);
    recorded.assertAskedAsRecorded();
  }

  @Test
  void givenLaterStampIsHere_thenTheChunkIsNoFailureOfThePage() throws IOException {
    Recording recording = Recording.of(NEW, "put-overwrite-newer");
    RecordedServer recorded = new RecordedServer(recording, server);
    Reserve reserve = reserve(0, 1 << 20);
    StampedChunk third = BeeContent.ofBin(3, 3, 64).getLast();
    StampedChunk later =
        BeeContent.stamped(
            third.address(),
            BeeContent.bytes(third.data()),
            BeeContent.OWNER,
            third.stamp().index(),
            BeeContent.TIMESTAMP + 1);
    reserve.put(List.of(later));
    PullResult pulled = pull(NEW, reserve, recording, Recording.result(NEW, "put-overwrite-newer"));

    assertEquals(5, pulled.topmost());
    assertEquals(4, pulled.stored());
    assertEquals(FailureKind.OUTDATED, pulled.failures().getFirst().kind());
    assertTrue(!pulled.isWorthAnotherTry());
    assertEquals(5, reserve.count());
    assertTrue(reserve.has(later.id(BeeContent.CRYPTO)));
    recorded.assertAskedAsRecorded();
  }

  /** As with bee nothing is done; none of the group is here, where bee has those before it. */
  @Test
  void givenNoRoom_thenNothingIsDone() throws IOException {
    Recording recording = Recording.of(NEW, "put-fails");
    RecordedServer recorded = new RecordedServer(recording, server);
    Reserve reserve = reserve(0, 600);
    assertThrows(
        StorageFullException.class,
        () -> pull(NEW, reserve, recording, Recording.result(NEW, "put-fails")));
    assertEquals(0, reserve.count());
    Eventually.is(List.of("reset"), () -> recorded.ends);
    recorded.assertAskedAsRecorded();
  }

  @Test
  void givenTailRemoved_thenTheRestIsPulled() throws IOException {
    for (String version : List.of(OLD, NEW)) {
      Recording recording = Recording.of(version, "tail-removed");
      var unused = new RecordedServer(recording, server);
      Reserve reserve = reserve(0, 1 << 20);
      Map<String, Object> first =
          TestJson.map(Recording.result(version, "tail-removed").get("first"));
      assertEquals(4, pull(version, reserve, recording, first).topmost());
      assertEquals(4, reserve.count());
    }
  }

  /** bee asks for such, and waits. */
  @Test
  void differs_nobodyIsAskedForRangesThatCannotBe() throws IOException {
    Recording recording = Recording.of(OLD, "inverted");
    var unused = new RecordedServer(recording, server);
    BeeClient puller = client(reserve(0, 1 << 20), recording);
    assertThrows(BadPullsync.class, () -> puller.pull(peer, BeeVersion.V1_0, 3, 6, 5));
    assertThrows(BadPullsync.class, () -> puller.pull(peer, BeeVersion.V1_0, 40, 1, 5));
  }
}
