package io.sluice.protocol.graphsync.requestor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.GraphsyncConfig;
import io.sluice.protocol.graphsync.RequestListener;
import io.sluice.protocol.graphsync.RequestOutcome;
import io.sluice.protocol.graphsync.RequestResult;
import io.sluice.protocol.graphsync.RequestSpec;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.graphsync.VisitReport;
import io.sluice.protocol.graphsync.wire.GraphsyncMessage;
import io.sluice.protocol.graphsync.wire.GsBlock;
import io.sluice.protocol.graphsync.wire.GsResponse;
import io.sluice.protocol.graphsync.wire.LinkAction;
import io.sluice.protocol.graphsync.wire.LinkMeta;
import io.sluice.protocol.graphsync.wire.RequestId;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.Selector;
import io.sluice.protocol.multiformats.Cid;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The walk alone, over an inbox that was filled by hand. */
class RequestWalkTest {
  private static final RequestId ID = new RequestId(0, 1);

  private final TestDag dag = TestDag.of(11, 2, 2, 100);
  private final MemoryBlockStore store = new MemoryBlockStore();
  private final ResponseInbox inbox = new ResponseInbox(1 << 20);
  private final RequestControl control = new RequestControl(inbox);
  private final List<VisitReport> reports = new ArrayList<>();
  private final RequestListener listener =
      new RequestListener() {
        @Override
        public void onVisit(VisitReport visit) {
          reports.add(visit);
        }

        @Override
        public void onEnd(RequestResult result) {
          throw new AssertionError("the run says that, not the walk");
        }
      };
  private boolean siblings;
  private final RequestWalk walk =
      new RequestWalk(
          RequestSpec.of(dag.root(), TestDag.ALL),
          GraphsyncConfig.defaults(),
          store,
          listener,
          inbox,
          control,
          () -> siblings);

  /** All links in the order of the walk. */
  private List<Cid> order() {
    List<Cid> order = new ArrayList<>(List.of(dag.root()));
    for (int group = 0; group < 2; group++) {
      order.add(dag.groups().get(group));
      order.addAll(dag.leaves().subList(2 * group, 2 * group + 2));
    }
    return order;
  }

  private Block block(Cid cid) throws Exception {
    return dag.store().get(cid).orElseThrow();
  }

  private void says(ResponseStatus status, List<LinkMeta> metadata, Block... blocks) {
    List<GsBlock> bodies = new ArrayList<>();
    for (Block block : blocks) {
      bodies.add(GsBlock.of(block.cid(), block.data()));
    }
    GsResponse response = new GsResponse(ID, status, metadata, Map.of());
    inbox.put(
        response,
        Arrival.of(new GraphsyncMessage(List.of(), List.of(response), bodies), Runnable::run));
  }

  private static List<LinkMeta> present(List<Cid> links) {
    return links.stream().map(link -> new LinkMeta(link, LinkAction.PRESENT)).toList();
  }

  private Block[] blocks(List<Cid> links) throws Exception {
    Block[] blocks = new Block[links.size()];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = block(links.get(i));
    }
    return blocks;
  }

  private RequestResult walked() throws Exception {
    return walked(Exclusions.NONE);
  }

  private RequestResult walked(Exclusions wire) throws Exception {
    walk.withPeer(Selector.canonical(TestDag.ALL), Exclusions.NONE, wire);
    return walk.result(RequestOutcome.COMPLETED, inbox.terminal(), true, null);
  }

  private static String code(Exception failure) {
    return ((VerificationFailure) failure).violation().code();
  }

  @Test
  void givenAllBlocksInOrder_thenStoredAndChargedOnce() throws Exception {
    says(ResponseStatus.COMPLETED, present(order()), blocks(order()));

    RequestResult result = walked();

    assertTrue(walk.isComplete());
    assertEquals(7, result.visits());
    assertEquals(7, result.wireBlocks());
    assertEquals(dag.bytes(), result.wireBytes());
    assertEquals(dag.bytes(), result.charged());
    assertEquals(order(), reports.stream().map(VisitReport::cid).toList());
    assertEquals(
        List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L), reports.stream().map(VisitReport::number).toList());
    assertEquals(dag.bytes(), reports.getLast().charged());
    for (Cid link : order()) {
      assertTrue(store.get(link).isPresent());
    }
  }

  @Test
  void givenLinksInAnotherOrder_thenRefusedBeforeTheBlockIsStored() throws Exception {
    List<Cid> wrong = new ArrayList<>(order());
    wrong.set(2, order().get(3));
    wrong.set(3, order().get(2));
    says(ResponseStatus.COMPLETED, present(wrong), blocks(order()));

    assertEquals("UNEXPECTED_LINK", code(assertThrows(VerificationFailure.class, this::walked)));
    assertFalse(store.get(order().get(2)).isPresent());
    assertFalse(store.get(order().get(3)).isPresent());
    assertEquals(2, walk.visits());
  }

  @Test
  void givenBlockOfOtherBytes_thenTheWalkEndsThere() throws Exception {
    Block[] blocks = blocks(order());
    blocks[2] = new Block(order().get(2), ByteBuffer.wrap(new byte[block(order().get(2)).size()]));
    says(ResponseStatus.COMPLETED, present(order()), blocks);

    assertEquals(
        ProtocolException.BLOCK_HASH_MISMATCH,
        code(assertThrows(VerificationFailure.class, this::walked)));
    assertEquals(2, walk.visits());
    RequestResult result = walk.result(RequestOutcome.VERIFICATION_FAILED, null, false, null);
    assertEquals(1, result.unrequested());
    assertEquals(block(order().get(0)).size() + block(order().get(1)).size(), result.charged());
    assertFalse(store.get(order().get(2)).isPresent());
  }

  /** Bytes that come later are bytes that nobody spoke of: messages are complete in themselves. */
  @Test
  void givenPresentWhoseBytesComeWithTheNextMessage_thenTheWalkEndsThere() throws Exception {
    List<Cid> order = order();
    says(ResponseStatus.PARTIAL, present(order.subList(0, 3)), blocks(order.subList(0, 2)));
    says(ResponseStatus.COMPLETED, present(order.subList(3, 7)), blocks(order.subList(2, 7)));

    assertEquals(
        ProtocolException.BLOCK_HASH_MISMATCH,
        code(assertThrows(VerificationFailure.class, this::walked)));
    assertEquals(2, walk.visits());
  }

  @Test
  void givenBytesAheadOfOthersOfTheirMessage_thenTheirOrderIsNothing() throws Exception {
    List<Cid> backwards = new ArrayList<>(order()).reversed();
    says(ResponseStatus.COMPLETED, present(order()), blocks(backwards));

    assertEquals(7, walked().wireBlocks());
    assertTrue(walk.isComplete());
  }

  @Test
  void givenPresentWithoutBytes_whenWeAskedForNone_thenItIsWeWhoLackIt() throws Exception {
    List<Cid> rest = order().subList(3, 7);
    store.put(block(order().get(0)));
    store.put(block(order().get(1)));
    says(ResponseStatus.COMPLETED, present(order()), blocks(rest));

    RequestResult result = walked(new Exclusions(3, List.of()));

    assertEquals(List.of(order().get(2)), result.missing());
    assertEquals(0, reports.get(2).charge());
  }

  @Test
  void givenPresentWithoutBytes_whenWeNamedIt_thenItIsWeWhoLackIt() throws Exception {
    List<Cid> rest = new ArrayList<>(order());
    Cid named = rest.remove(3);
    says(ResponseStatus.COMPLETED, present(order()), blocks(rest));

    assertEquals(List.of(named), walked(new Exclusions(0, List.of(named))).missing());
  }

  /** Without a dedup key a responder sends a block to one of the requests of a peer only. */
  @Test
  void givenPresentWithoutBytes_whenAnotherRequestMayGetThem_thenMissing() throws Exception {
    siblings = true;
    List<Cid> rest = new ArrayList<>(order());
    Cid elsewhere = rest.remove(3);
    says(ResponseStatus.COMPLETED, present(order()), blocks(rest));

    assertEquals(List.of(elsewhere), walked().missing());
  }

  @Test
  void givenPresentWithoutBytes_whenItIsHere_thenChargedThough_nothingCame() throws Exception {
    Cid leaf = order().get(2);
    store.put(block(leaf));
    List<Cid> sent = new ArrayList<>(order());
    sent.remove(leaf);
    says(ResponseStatus.COMPLETED, present(order()), blocks(sent));

    RequestResult result = walked();

    assertTrue(walk.isComplete());
    assertEquals(6, result.wireBlocks());
    assertEquals(dag.bytes(), result.charged());
    assertEquals(0, reports.get(2).wireBytes());
    assertEquals(block(leaf).size(), reports.get(2).charge());
  }

  @Test
  void givenBranchThatTheResponderLacks_whenItIsHere_thenWalkedAloneAndNotCharged()
      throws Exception {
    Cid lacking = dag.groups().get(0);
    for (Cid link : order().subList(1, 4)) {
      store.put(block(link));
    }
    List<LinkMeta> metadata = new ArrayList<>(present(List.of(dag.root())));
    metadata.add(new LinkMeta(lacking, LinkAction.MISSING));
    List<Cid> rest = order().subList(4, 7);
    metadata.addAll(present(rest));
    List<Cid> sent = new ArrayList<>(List.of(dag.root()));
    sent.addAll(rest);
    says(ResponseStatus.COMPLETED_PARTIAL, metadata, blocks(sent));

    RequestResult result = walked();

    assertTrue(walk.isComplete());
    assertEquals(5, result.visits());
    assertEquals(4, result.wireBlocks());
    assertEquals(
        List.of(1L, 2L, 0L, 0L, 3L, 4L, 5L), reports.stream().map(VisitReport::number).toList());
    long beneath = 0;
    for (Cid link : order().subList(1, 4)) {
      beneath += block(link).size();
    }
    assertEquals(dag.bytes() - beneath, result.charged());
  }

  @Test
  void givenBranchThatNobodyHas_thenMissing_andTheWalkGoesOnBehindIt() throws Exception {
    Cid lacking = dag.groups().get(0);
    List<LinkMeta> metadata = new ArrayList<>(present(List.of(dag.root())));
    metadata.add(new LinkMeta(lacking, LinkAction.MISSING));
    List<Cid> rest = order().subList(4, 7);
    metadata.addAll(present(rest));
    List<Cid> sent = new ArrayList<>(List.of(dag.root()));
    sent.addAll(rest);
    says(ResponseStatus.COMPLETED_PARTIAL, metadata, blocks(sent));

    RequestResult result = walked();

    assertEquals(List.of(lacking), result.missing());
    assertEquals(1, result.missingBlocks());
    assertEquals(5, result.visits());
    assertTrue(reports.get(1).missing());
  }

  @Test
  void givenResponderThatStoppedEarly_thenTheRestIsMissing() throws Exception {
    List<Cid> sent = order().subList(0, 3);
    says(ResponseStatus.COMPLETED, present(sent), blocks(sent));

    RequestResult result = walked();

    assertEquals(2, result.missingBlocks());
    assertEquals(3, result.visits());
  }

  @Test
  void givenRefusal_thenTheWalkEnds() {
    says(ResponseStatus.FAILED, List.of());

    assertThrows(WalkEnded.class, this::walked);
    assertEquals(0, walk.visits());
  }

  @Test
  void givenTooManyBlocksThatNoMetadataSpeaksOf_thenRefused() throws Exception {
    Block[] blocks = new Block[18];
    blocks[0] = block(dag.root());
    for (int i = 1; i < blocks.length; i++) {
      blocks[i] = Block.of(0x55, ByteBuffer.wrap(new byte[] {(byte) i, 77}));
    }
    says(ResponseStatus.PARTIAL, present(List.of(dag.root())), blocks);

    assertEquals("BLOCK_UNREQUESTED", code(assertThrows(VerificationFailure.class, this::walked)));
  }

  @Test
  void givenEverythingHere_whenWalkedAlone_thenNothingIsChargedOrTaken() throws Exception {
    for (Cid link : order()) {
      store.put(block(link));
    }
    walk.alone(Selector.canonical(TestDag.ALL));
    RequestResult result = walk.result(RequestOutcome.COMPLETED, null, false, null);

    assertEquals(0, result.visits());
    assertEquals(0, result.charged());
    assertEquals(7, reports.size());
    assertTrue(walk.isComplete());
  }
}
