package io.sluice.node.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.api.ServiceException;
import io.sluice.protocol.TestJson;
import io.sluice.protocol.dsync.DsyncMessage;
import io.sluice.protocol.dsync.DsyncMessages;
import io.sluice.protocol.dsync.DsyncNames;
import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.libp2p.HostConfig;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.libp2p.Libp2pHost;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Multiaddr;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Recorded conversations with the original over libp2p, each half of them: its requests are sent to
 * us, and its answers given to our client. Where we differ is named here.
 */
@Timeout(60)
class RecordedStreamsTest {
  private static final Map<String, String> META = Map.of("hello", "world", "this is", "fun");
  private static final int MAX_BODY = 1 << 20;

  private final Libp2pHost server = host(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
  private final Libp2pHost client = host(List.of());

  private static Libp2pHost host(List<Multiaddr> listen) {
    return Libp2pHost.silent(
        HostConfig.of(Identity.generate(new SecureRandom())).withListen(listen));
  }

  @BeforeEach
  void listen() throws IOException {
    server.listen();
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  /** What one stream began with, and what was answered first. */
  private record Conversation(DsyncMessage request, Optional<DsyncMessage> reply) {}

  /**
   * The conversations in the order of their streams. What the original sends back on a stream after
   * the answer, it sends to itself, and nobody needs it.
   */
  private static List<Conversation> recorded(String scenario) throws IOException {
    Map<Integer, DsyncMessage> requests = new TreeMap<>();
    Map<Integer, DsyncMessage> replies = new HashMap<>();
    for (Map<String, Object> line :
        TestJson.readLines(RecordedStreamsTest.class, "libp2p/" + scenario + ".jsonl")) {
      if (line.get("base64") instanceof String base64) {
        DsyncMessage message =
            DsyncMessages.read(written(Base64.getDecoder().decode(base64)), MAX_BODY).orElseThrow();
        boolean request = line.get("dir").equals("request");
        (request ? requests : replies)
            .putIfAbsent(((Number) line.get("stream")).intValue(), message);
      }
    }
    List<Conversation> conversations = new ArrayList<>();
    requests.forEach(
        (stream, request) ->
            conversations.add(new Conversation(request, Optional.ofNullable(replies.get(stream)))));
    return conversations;
  }

  /** A stream on which these bytes come, and nothing else happens. */
  private static Stream written(byte[] bytes) {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    return (Stream)
        Proxy.newProxyInstance(
            Stream.class.getClassLoader(),
            new Class<?>[] {Stream.class},
            (stream, method, arguments) -> {
              ByteBuffer into = (ByteBuffer) arguments[0];
              int count = Math.min(into.remaining(), left.remaining());
              into.put(left.slice(left.position(), count));
              left.position(left.position() + count);
              return count == 0 ? -1 : count;
            });
  }

  // ---- we answer

  private record Refusing(String scenario) implements SyncHooks {
    private void refuse(String when, String why) throws SyncRefusal {
      if (scenario.equals(when)) {
        throw SyncRefusal.because(why);
      }
    }

    @Override
    public void pushBegins(SyncCaller from, Info info, Map<String, String> meta)
        throws SyncRefusal {
      assertEquals(META, meta);
      refuse("push-5-refused", "rejected for secret reasons");
    }

    @Override
    public void pushArrived(SyncCaller from, Info info, Map<String, String> meta)
        throws SyncRefusal {
      refuse("push-5-final-refused", "final check says no");
    }

    @Override
    public void infoAsked(SyncCaller by, Info info, Map<String, String> meta) throws SyncRefusal {
      refuse("pull-refused", "no info for you");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "pull-5, five, 5",
    "pull-5-partial, five, 5",
    "pull-refused, five, 5",
    "push-1, one, 0",
    "push-5-final-refused, five, 0",
    "push-5-nothing-missing, five, 5",
    "push-5-partial, five, 2",
    "push-5-pin-meta, five, 0",
    "push-5-refused, five, 0",
  })
  void answersAsRecorded(String scenario, String dag, int here) throws Exception {
    SyncContent content = SyncContent.of(dag);
    try (SyncServer answering = new SyncServer(new Refusing(scenario))) {
      content.nodes().stream()
          .skip(content.nodes().size() - here)
          .forEach(cid -> answering.home.blocks.put(content.block(cid)));
      new DsyncStreams(answering.service).serve(server);
      String sid = "";
      DsyncMessage last = null;
      for (Conversation recorded : recorded(scenario)) {
        DsyncMessage answer = ask(recorded.request(), sid);
        sid = answer.header(DsyncNames.SID).isEmpty() ? sid : answer.header(DsyncNames.SID);
        last = answer;
        if (scenario.equals("push-5-refused")) { // they say nothing, and their client hangs
          assertEquals("rejected for secret reasons", answer.header(DsyncMessage.ERROR));
          assertTrue(recorded.reply().isEmpty());
        } else if (!scenario.equals("push-5-final-refused")) {
          compare(recorded.reply().orElseThrow(), answer);
        }
      }
      if (scenario.equals("push-5-final-refused")) { // theirs came in another order
        assertEquals(DsyncMessage.ERRORED, last.header(DsyncMessage.STATUS));
        assertEquals("final check says no", last.header(DsyncMessage.ERROR));
        assertTrue(answering.home.received.isEmpty());
      } else if (scenario.startsWith("push") && !scenario.equals("push-5-refused")) {
        // Of a push that lacks nothing they run no hook and pin nothing.
        assertEquals(List.of(content.root()), answering.home.received);
        boolean pins = recorded(scenario).getFirst().request().header("pin").equals("true");
        assertEquals(pins, answering.home.pinned.contains(content.root()));
      }
    }
  }

  private DsyncMessage ask(DsyncMessage recorded, String sid) throws IOException {
    Map<String, String> headers = new HashMap<>(recorded.headers());
    headers.replace(DsyncNames.SID, sid);
    DsyncMessage request =
        new DsyncMessage(
            recorded.type(), recorded.id(), recorded.initiator(), headers, recorded.body());
    try (Stream stream =
        client.open(server.id(), server.addresses(), List.of(DsyncNames.PROTOCOL))) {
      stream.write(ByteBuffer.wrap(DsyncMessages.encode(request)));
      DsyncMessage answer = DsyncMessages.read(stream, MAX_BODY).orElseThrow();
      // An answer that comes back is no request.
      stream.write(ByteBuffer.wrap(DsyncMessages.encode(answer)));
      stream.closeWrite();
      assertTrue(DsyncMessages.read(stream, MAX_BODY).isEmpty());
      return answer;
    }
  }

  private static void compare(DsyncMessage theirs, DsyncMessage ours) {
    assertEquals(theirs.type(), ours.type());
    assertEquals(theirs.id(), ours.id());
    Map<String, String> expected = new TreeMap<>(theirs.headers());
    // Also of what is refused we say that it is an answer, so that nobody sends it back.
    expected.put(DsyncMessage.PHASE, DsyncMessage.RESPONSE);
    expected.computeIfPresent(DsyncNames.SID, (name, sid) -> ours.header(name));
    assertEquals(expected, ours.headers());
    // They send back what they got; we send nothing with nothing to say.
    if (!theirs.type().equals(DsyncMessage.RECEIVE_BLOCK)) {
      assertEquals(theirs.body(), ours.body());
    }
  }

  // ---- we ask

  /** Answers once for each recorded request, which has to be as it was. */
  private final class Script {
    final List<DsyncMessage> asked = new CopyOnWriteArrayList<>();
    private final List<Conversation> left;

    Script(String scenario) throws IOException {
      left = new ArrayList<>(recorded(scenario));
      server.handle(DsyncNames.PROTOCOL, this::answer);
    }

    private void answer(Stream stream) throws IOException {
      DsyncMessage request = DsyncMessages.read(stream, MAX_BODY).orElseThrow();
      asked.add(request);
      Optional<DsyncMessage> reply = take(request).reply();
      if (reply.isPresent()) {
        DsyncMessage said = reply.get();
        stream.write(
            ByteBuffer.wrap(
                DsyncMessages.encode(
                    new DsyncMessage(
                        said.type(),
                        request.id(),
                        said.initiator(),
                        said.headers(),
                        said.body()))));
      }
    }

    private synchronized Conversation take(DsyncMessage request) {
      Conversation found =
          left.stream()
              .filter(
                  each ->
                      each.request().type().equals(request.type())
                          && (each.request().headers().equals(request.headers())
                              // Theirs names no phase where it asks for a block, as ours.
                              || (each.request().type().equals(DsyncMessage.GET_BLOCK)
                                  && each.request()
                                      .header(DsyncNames.CID)
                                      .equals(request.header(DsyncNames.CID))))
                          && each.request().body().equals(request.body()))
              .findFirst()
              .orElseThrow(() -> new AssertionError("not recorded: " + request));
      left.remove(found);
      return found;
    }
  }

  private DsyncClient.Remote remote(Map<String, String> meta) {
    return new DsyncClient.Remote.AtPeer(client, server.id(), server.addresses(), meta);
  }

  private SyncOutcome push(BlockStore store, SyncContent content, boolean pin) throws Exception {
    try (TestClient asking = new TestClient(store)) {
      return asking.client().push(content.root(), remote(META), pin, (bytes, expected) -> {});
    }
  }

  private SyncOutcome pull(BlockStore store, SyncContent content) throws Exception {
    try (TestClient asking = new TestClient(store)) {
      return asking.client().pull(content.root(), remote(META), (bytes, expected) -> {});
    }
  }

  @ParameterizedTest
  @CsvSource({
    "push-1, one, 1, false",
    "push-5-nothing-missing, five, 0, true",
    "push-5-partial, five, 3, false",
    "push-5-pin-meta, five, 5, true",
  })
  void pushesAsRecorded(String scenario, String dag, int missing, boolean pin) throws Exception {
    SyncContent content = SyncContent.of(dag);
    Script script = new Script(scenario);

    SyncOutcome outcome = push(content.store(), content, pin);

    assertEquals(missing, outcome.missing());
    assertEquals(missing, outcome.moved());
    assertEquals(missing + 1, script.asked.size());
    assertEquals(List.of(), script.left);
  }

  @ParameterizedTest
  @CsvSource({"pull-5, five, 0", "pull-5-partial, five, 2"})
  void pullsAsRecorded(String scenario, String dag, int here) throws Exception {
    SyncContent content = SyncContent.of(dag);
    MemoryBlockStore store = content.last(here);
    Script script = new Script(scenario);

    SyncOutcome outcome = pull(store, content);

    assertEquals(5 - here, outcome.moved());
    content.nodes().forEach(cid -> assertTrue(store.has(cid)));
    assertEquals(List.of(), script.left);
  }

  @ParameterizedTest
  @CsvSource({
    "push-5-refused, it takes no such push",
    "push-5-final-refused, final check says no",
  })
  void givenPushIsRefused_thenSaid(String scenario, String words) throws Exception {
    SyncContent content = SyncContent.of("five");
    Script script = new Script(scenario);
    ServiceException no =
        assertThrows(ServiceException.class, () -> push(content.store(), content, false));
    assertEquals("REFUSED", no.code().name());
    assertTrue(no.reason().contains(words), no.reason());
    assertEquals(scenario.equals("push-5-refused") ? 1 : 6, script.asked.size());
  }

  @Test
  void givenPullIsRefused_thenItsWordsAreTold() throws Exception {
    SyncContent content = SyncContent.of("five");
    Script script = new Script("pull-refused");
    ServiceException no =
        assertThrows(ServiceException.class, () -> pull(new MemoryBlockStore(), content));
    assertEquals("REFUSED", no.code().name());
    assertTrue(no.reason().contains("no info for you"), no.reason());
    assertEquals(1, script.asked.size());
  }
}
