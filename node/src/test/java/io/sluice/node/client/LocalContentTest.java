package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is here of a DAG of a root, two lists and six leaves of 100 bytes. */
class LocalContentTest {
  private static final TestDag DAG = TestDag.of(5, 2, 3, 100);
  private final MemoryBlockStore store = new MemoryBlockStore();

  private LocalContent look(Exclusions first) throws IOException, InterruptedException {
    return LocalContent.of(store, DAG.root(), TestDag.ALL, first);
  }

  private long have(Cid cid) throws IOException {
    Block block = DAG.store().get(cid).orElseThrow();
    store.put(block);
    return block.data().remaining();
  }

  @Test
  void givenNothing_thenNothingIsLeftOut() throws Exception {
    assertEquals(
        new LocalContent(false, new Exclusions(0, List.of()), 0, 0, 0, 0), look(Exclusions.NONE));
  }

  @Test
  void givenTheBeginning_thenItIsSkipped() throws Exception {
    long bytes = have(DAG.root()) + have(DAG.groups().get(0)) + have(DAG.leaves().get(0));

    assertEquals(
        new LocalContent(false, new Exclusions(3, List.of()), 3, bytes, bytes, 3),
        look(Exclusions.NONE));
  }

  @Test
  void givenBlocksBehindAGap_thenTheyAreNamed() throws Exception {
    long before = have(DAG.root()) + have(DAG.groups().get(0));
    long behind = have(DAG.leaves().get(1)) + have(DAG.groups().get(1));

    LocalContent local = look(Exclusions.NONE);

    assertEquals(
        new Exclusions(2, List.of(DAG.leaves().get(1), DAG.groups().get(1))), local.exclusions());
    assertEquals(2, local.position());
    assertEquals(before, local.charged());
    assertEquals(before + behind, local.bytes());
    assertEquals(4, local.blocks());
    assertFalse(local.complete());
  }

  @Test
  void givenEverything_thenItIsComplete() throws Exception {
    LocalContent local = LocalContent.of(DAG.store(), DAG.root(), TestDag.ALL, Exclusions.NONE);

    assertTrue(local.complete());
    assertEquals(9, local.position());
    assertEquals(9, local.blocks());
    assertEquals(DAG.bytes(), local.bytes());
  }

  /** A deal made from a look need not look again: it would find the same. */
  @Test
  void whatIsLeftOut_isWhatAWalkByThoseExclusionsFinds() throws Exception {
    have(DAG.root());
    have(DAG.groups().get(0));
    have(DAG.leaves().get(0));
    have(DAG.leaves().get(2));
    LocalContent before = look(Exclusions.NONE);

    LocalContent again = look(before.exclusions());

    assertEquals(0, again.charged());
    assertEquals(again.charged(), before.leftOut().charged());
    assertEquals(again.position(), before.leftOut().position());
    assertEquals(again.bytes(), before.leftOut().bytes());
  }

  @Test
  void givenADealsExclusions_thenOnlyWhatCameSinceIsCharged() throws Exception {
    have(DAG.root());
    Exclusions first = look(Exclusions.NONE).exclusions();
    long since = have(DAG.groups().get(0)) + have(DAG.leaves().get(0));

    LocalContent local = look(first);

    assertEquals(3, local.position());
    assertEquals(since, local.charged());
  }
}
