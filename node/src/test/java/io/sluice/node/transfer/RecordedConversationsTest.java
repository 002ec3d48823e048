package io.sluice.node.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.MachineId;
import io.sluice.fsm.transfer.TransferChannel.ChannelOpening;
import io.sluice.node.transfer.RecordedTalk.Said;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.MessageType;
import io.sluice.protocol.datatransfer.TransferCodec;
import io.sluice.protocol.datatransfer.TransferExtensions;
import io.sluice.protocol.datatransfer.TransferMessage;
import io.sluice.protocol.datatransfer.TransferRequest;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.MemoryNetwork;
import io.sluice.protocol.graphsync.ScriptedPeer;
import io.sluice.protocol.graphsync.wire.GraphsyncMessage;
import io.sluice.protocol.graphsync.wire.GsRequest;
import io.sluice.protocol.graphsync.wire.GsResponse;
import io.sluice.protocol.graphsync.wire.RequestId;
import io.sluice.protocol.graphsync.wire.RequestKind;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Cid;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Plays the conversations that Go peers were recorded in, with the manager at one end, a whole one,
 * and what the recorded peer wrote at the other, at the points at which it wrote that. Our end says
 * what the recorded one said, and goes through the same statuses; where it does not, {@link
 * Differences} has the reason.
 */
@Timeout(30)
class RecordedConversationsTest {
  private static final long PATIENCE_SECONDS = 12;
  private static final TypedVoucher NOTHING = new TypedVoucher("", Node.ofNull());

  /** Nothing is tried again but when the recording says so. */
  private static final TransferLimits UNHURRIED =
      new TransferLimits(
          Duration.ofSeconds(60),
          1,
          50,
          Duration.ofHours(1),
          Duration.ofHours(1),
          Duration.ofHours(24),
          100_000,
          2,
          3);

  private final MemoryNetwork network = new MemoryNetwork();
  private final MemoryNetwork.MemoryHost host = network.host(2);
  private final BlockingQueue<TransferMessage> byStream = new LinkedBlockingQueue<>();
  private final Deque<String> heardByStream = new ArrayDeque<>();
  private final Deque<String> heardInGraphsync = new ArrayDeque<>();
  private final Map<RequestId, RequestId> ids = new HashMap<>();
  private final List<RequestId> ours = new ArrayList<>();
  private final List<RequestId> theirs = new ArrayList<>();
  private final Set<Cid> given = new HashSet<>();
  private long givenBytes;

  private ScriptedPeer peer = new ScriptedPeer(host);
  private TransferEndpoint end;
  private RecordedTalk talk;
  private boolean initiator;
  private boolean pull;
  private String name = "";
  private List<String> unsaid = new ArrayList<>();
  private List<String> added = new ArrayList<>();
  private MachineId id = new MachineId("none");
  private ChannelId channel = new ChannelId(host.id(), host.id(), 0);

  @AfterEach
  void close() {
    end.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pull-cancel-initiator",
        "pull-cancel-responder",
        "pull-free",
        "pull-missing-leaf",
        "pull-missing-root",
        "pull-paid",
        "pull-pause-initiator",
        "pull-pause-responder",
        "pull-pay-refused",
        "pull-rejected",
        "pull-restart-initiator",
        "pull-restart-responder",
        "push-free",
        "push-limit-cancel",
        "push-limit-voucher",
        "push-restart-initiator"
      })
  void asInitiator(String recording) throws Exception {
    play(recording, true);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pull-cancel-initiator",
        "pull-cancel-responder",
        "pull-free",
        "pull-missing-leaf",
        "pull-missing-root",
        "pull-paid",
        "pull-pause-initiator",
        "pull-pause-responder",
        "pull-pay-refused",
        "pull-rejected",
        "pull-restart-initiator",
        "pull-restart-responder",
        "push-free",
        "push-limit-cancel",
        "push-limit-voucher",
        "push-restart-initiator"
      })
  void asResponder(String recording) throws Exception {
    play(recording, false);
  }

  private void play(String recording, boolean asInitiator) throws Exception {
    name = recording;
    initiator = asInitiator;
    talk = RecordedTalk.read(name);
    pull = talk.opening().pull();
    Differences differences = Differences.of(name, initiator);
    unsaid = new ArrayList<>(differences.unsaid());
    added = new ArrayList<>(differences.added());
    end = new TransferEndpoint(network, 1, content(), UNHURRIED);
    end.rule = Optional.empty();
    host.handle("/fil/datatransfer/1.2.0", this::read);
    if (initiator) {
      open();
    } else {
      end.validate(talk.opening().voucher().orElseThrow().type(), new RecordedRules());
    }

    for (Said said : talk.said()) {
      step(said);
    }

    assertEquals(List.of(), unsaid, "named as left out, and not in the recording");
    List<String> statuses = initiator ? talk.initiatorStatuses() : talk.responderStatuses();
    if (statuses.isEmpty()) {
      assertTrue(end.journal.entries().isEmpty(), "the recorded end kept nothing of it");
      return;
    }
    List<String> expected = differences.statuses().isEmpty() ? statuses : differences.statuses();
    MachineId machine = end.only();
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!end.statuses(machine).equals(expected) && System.nanoTime() < until) {
      Thread.onSpinWait();
    }
    assertEquals(expected, end.statuses(machine));
  }

  // ---- our end

  private MemoryBlockStore content() throws IOException {
    MemoryBlockStore all = RecordedTalk.read("pull-free").blocks();
    boolean sends = initiator != pull;
    return switch (name) {
      case "pull-missing-leaf" -> sends ? talk.blocks() : new MemoryBlockStore();
      case "pull-missing-root" -> new MemoryBlockStore();
      default -> sends ? all : new MemoryBlockStore();
    };
  }

  private void open() throws IOException {
    TransferRequest opening = talk.opening();
    Cid root = opening.baseCid().orElseThrow();
    var selector = opening.selector().orElseThrow();
    TypedVoucher voucher = opening.voucher().orElseThrow();
    if (name.equals("push-restart-initiator")) {
      end.blocks.closeAfter(5); // the connection is cut before the last leaf goes out
    }
    id =
        pull
            ? end.manager.pull(host.id(), List.of(), root, selector, voucher)
            : end.manager.push(host.id(), List.of(), root, selector, voucher);
    channel = end.manager.channel(id).orElseThrow();
  }

  /** The recorded verdicts: the results stand in the recorded messages. */
  private final class RecordedRules implements TransferValidator {
    private int demands;
    private int payments;

    @Override
    public Verdict opened(ChannelOpening opening) {
      channel = opening.id();
      TypedVoucher words = result(0);
      if (name.equals("pull-rejected")) {
        return Verdict.refuse(Optional.of(words));
      }
      Verdict verdict = Verdict.accept().saying(words);
      boolean limited =
          List.of("free", "missing", "pause-responder").stream().noneMatch(name::contains);
      verdict = limited ? verdict.upTo(2048) : verdict;
      verdict = name.equals("pull-paid") ? verdict.untilLastVoucher() : verdict;
      return name.equals("pull-pause-responder") ? verdict.waiting() : verdict;
    }

    @Override
    public Verdict restarted(TransferState transfer) {
      return Verdict.accept();
    }

    @Override
    public Verdict paid(TransferState transfer, TypedVoucher voucher) {
      payments++;
      return switch (name) {
        case "pull-pay-refused" -> Verdict.refuse(Optional.of(result(1)));
        case "pull-paid" ->
            payments == 1
                ? Verdict.accept().saying(result(2)).upTo(1 << 20).untilLastVoucher()
                : Verdict.accept().saying(result(4));
        default -> Verdict.accept();
      };
    }

    @Override
    public Optional<TypedVoucher> demand(TransferState transfer) {
      demands++;
      return name.equals("pull-paid")
          ? Optional.of(result(demands == 1 ? 1 : 3))
          : Optional.empty();
    }
  }

  /** The voucher results of the recording, each once. */
  private TypedVoucher result(int number) {
    List<TypedVoucher> results = new ArrayList<>();
    for (Said said : talk.said()) {
      for (TransferMessage message : messages(said)) {
        if (message instanceof TransferResponse response) {
          response.result().filter(each -> !results.contains(each)).ifPresent(results::add);
        }
      }
    }
    return number < results.size() ? results.get(number) : NOTHING;
  }

  private static List<TransferMessage> messages(Said said) {
    return switch (said) {
      case Said.ByStream by -> List.of(by.message());
      case Said.InGraphsync in -> {
        List<TransferMessage> all = new ArrayList<>();
        in.message().requests().forEach(r -> all.addAll(TransferExtensions.read(r.extensions())));
        in.message().responses().forEach(r -> all.addAll(TransferExtensions.read(r.extensions())));
        yield all;
      }
      case Said.Cut cut -> List.of();
      case Said.Reconnected reconnected -> List.of();
    };
  }

  // ---- the recorded order

  private void step(Said said) throws Exception {
    switch (said) {
      case Said.Cut cut -> {
        settle();
        network.reachable(host, false);
        network.cut(host, end.host);
      }
      case Said.Reconnected reconnected -> {
        network.reachable(host, true);
        peer = new ScriptedPeer(host);
        end.blocks.open();
        boolean ownRestart = name.endsWith("initiator") == initiator;
        if (ownRestart) {
          id = end.only();
          assertTrue(end.manager.restart(id));
        }
      }
      case Said.ByStream by when by.byInitiator() == initiator -> {
        act(by.message());
        expect(TalkTokens.of(by.message()), heardByStream);
      }
      case Said.InGraphsync in when in.byInitiator() == initiator -> {
        act(in.message());
        in.message().requests().stream()
            .filter(request -> request.kind() == RequestKind.NEW)
            .forEach(request -> theirs.add(request.id()));
        for (String token : TalkTokens.of(in.message())) {
          expect(token, heardInGraphsync);
        }
      }
      case Said.ByStream by -> {
        settle();
        boolean done =
            by.message() instanceof TransferResponse last && last.type() == MessageType.COMPLETE;
        if (done && !name.equals("pull-pause-initiator")) {
          awaitThrough();
        }
        int before = end.journal.entries().size();
        Stream stream = host.open(end.host.id(), List.of(), List.of("/fil/datatransfer/1.2.0"));
        stream.write(
            ByteBuffer.wrap(TransferCodec.encode(TalkTokens.renumbered(by.message(), number()))));
        stream.close();
        awaitHeard(before);
      }
      case Said.InGraphsync in -> {
        peer.say(end.host.id(), translated(in.message()));
      }
    }
  }

  /** Our channel; an initiator that is recorded keeps its number. */
  private ChannelId number() {
    return initiator ? channel : new ChannelId(host.id(), end.host.id(), talk.opening().transfer());
  }

  /** What the user of our end did there. */
  private void act(TransferMessage message) throws Exception {
    switch (message) {
      case TransferRequest request -> {
        switch (request.type()) {
          case VOUCHER -> {
            settle();
            end.manager.sendVoucher(id, request.voucher().orElseThrow()).get();
          }
          case UPDATE -> {
            settle();
            assertTrue(end.manager.pause(id));
          }
          case CANCEL -> cancel();
          default -> {}
        }
      }
      case TransferResponse response -> {
        if (response.type() == MessageType.CANCEL) {
          cancel();
        }
      }
    }
  }

  private boolean cancelled;

  private void cancel() throws Exception {
    if (!cancelled && name.contains("cancel")) {
      cancelled = true;
      settle();
      end.manager.cancel(end.only());
    }
  }

  private void act(GraphsyncMessage message) throws Exception {
    List<String> tokens = TalkTokens.of(message);
    if (pull && (tokens.equals(List.of("c")) || tokens.equals(List.of("CANCELLED")))) {
      cancel();
    }
    boolean lifted =
        tokens.stream().anyMatch(token -> token.startsWith("[1.1] Rs VOUCHER_RESULT A p"));
    if (lifted && name.startsWith("pull-pause")) {
      settle();
      Verdict verdict = Verdict.accept();
      assertTrue(
          end.manager.judge(
              end.only(),
              name.equals("pull-pause-responder") ? verdict.saying(result(1)) : verdict));
    }
  }

  /** Ours says that some time, next but for what differs. */
  private void expect(String token, Deque<String> heard) throws Exception {
    if (!unsaid.isEmpty() && token.startsWith(unsaid.getFirst())) {
      unsaid.removeFirst();
      return;
    }
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      listen();
      String next = heard.peek();
      if (next == null) {
        if (System.nanoTime() > until) {
          throw new AssertionError("not said: " + token + "; channel " + end.journal.entries());
        }
        Thread.onSpinWait();
        continue;
      }
      heard.remove();
      if (next.equals(token)) {
        return;
      }
      Optional<String> extra = added.stream().filter(next::startsWith).findFirst();
      assertTrue(extra.isPresent(), () -> name + " said: " + next + "\nnot:  " + token);
      added.remove(extra.get());
    }
  }

  private void listen() throws InterruptedException {
    for (TransferMessage said = byStream.poll(); said != null; said = byStream.poll()) {
      heardByStream.add(TalkTokens.of(said));
    }
    GraphsyncMessage message = peer.heardWithin(Duration.ofMillis(1));
    while (message != null) {
      message.requests().stream()
          .filter(request -> request.kind() == RequestKind.NEW)
          .forEach(request -> ours.add(request.id()));
      heardInGraphsync.addAll(TalkTokens.of(message));
      message = peer.heardWithin(Duration.ZERO);
    }
  }

  private void read(Stream stream) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    while (stream.read(buffer) >= 0) {
      bytes.write(buffer.array(), 0, buffer.position());
      buffer.clear();
    }
    if (bytes.size() > 0) {
      byStream.add(TransferCodec.decode(ByteBuffer.wrap(bytes.toByteArray())));
    }
  }

  /** Our ids in place of the recorded ones, where our requests are answered. */
  private GraphsyncMessage translated(GraphsyncMessage message) {
    for (int i = 0; i < Math.min(ours.size(), theirs.size()); i++) {
      ids.put(theirs.get(i), ours.get(i));
    }
    message.blocks().stream()
        .filter(block -> given.add(block.cid()))
        .forEach(block -> givenBytes += block.data().remaining());
    List<GsRequest> requests =
        message.requests().stream()
            .map(
                request ->
                    new GsRequest(
                        request.id(),
                        request.kind(),
                        request.priority(),
                        request.root(),
                        request.selector(),
                        TalkTokens.renumbered(request.extensions(), number())))
            .toList();
    List<GsResponse> responses =
        message.responses().stream()
            .map(
                response ->
                    new GsResponse(
                        ids.getOrDefault(response.id(), response.id()),
                        response.status(),
                        response.metadata(),
                        TalkTokens.renumbered(response.extensions(), number())))
            .toList();
    return new GraphsyncMessage(requests, responses, message.blocks());
  }

  /**
   * Waits until our end has taken what was given to it, and recorded that it is through or paused,
   * where the recorded end had come to that.
   */
  private void settle() throws Exception {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
    while (!isSettled() && System.nanoTime() < until) {
      Thread.onSpinWait();
    }
  }

  private boolean isSettled() throws Exception {
    if (end.journal.entries().isEmpty()) {
      return false;
    }
    boolean takes = initiator == pull;
    long taken = end.manager.moved(number()).map(totals -> totals.bytes()).orElse(0L);
    return !takes || taken >= givenBytes || end.channel(end.only()).responderPaused();
  }

  /** Streams overtake each other; in the recording these did not. */
  private void awaitHeard(int before) {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200);
    while (end.journal.entries().size() == before && System.nanoTime() < until) {
      Thread.onSpinWait();
    }
  }

  /** What a recorded responder says last it said when the data were through at the initiator. */
  private void awaitThrough() throws Exception {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
    while (!end.statuses(id).getLast().endsWith("TRANSFER_FINISHED") && System.nanoTime() < until) {
      Thread.onSpinWait();
    }
  }
}
