package io.sluice.protocol.graphsync;

import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multihash;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A DAG to be sent: lists of links over raw leaves, made by a seed. */
public final class TestDag {

  /** All of it. */
  public static final Node ALL = Selectors.exploreAll().node();

  private final MemoryBlockStore store = new MemoryBlockStore();
  private final List<Cid> leaves = new ArrayList<>();
  private final List<Cid> groups = new ArrayList<>();
  private Cid root;
  private long bytes;

  private TestDag() {}

  /** A root over {@code groups} lists of {@code width} random leaves each. */
  public static TestDag of(long seed, int groups, int width, int leafSize) {
    TestDag dag = new TestDag();
    Random random = new Random(seed);
    List<Node> lists = new ArrayList<>();
    for (int group = 0; group < groups; group++) {
      List<Node> links = new ArrayList<>();
      for (int i = 0; i < width; i++) {
        byte[] data = new byte[leafSize];
        random.nextBytes(data);
        Cid leaf = dag.add(0x55, data);
        dag.leaves.add(leaf);
        links.add(Node.of(leaf));
      }
      Cid list = dag.add(0x71, DagCbor.encode(Node.list(links)));
      dag.groups.add(list);
      lists.add(Node.of(list));
    }
    dag.root = dag.add(0x71, DagCbor.encode(Node.list(lists)));
    return dag;
  }

  /** A root over one list of links to just these leaves, in that order, equal ones too. */
  public static TestDag over(List<byte[]> leaves) {
    TestDag dag = new TestDag();
    dag.root = dag.add(0x71, dag.listOf(leaves));
    return dag;
  }

  /** As {@link #over}, but for the root: its CID carries the list. */
  public static TestDag inIdentity(List<byte[]> leaves) {
    TestDag dag = new TestDag();
    dag.root = Cid.v1(0x71, Multihash.of(Multihash.IDENTITY, dag.listOf(leaves)));
    return dag;
  }

  /** Nothing but a raw block. */
  public static TestDag single(byte[] data) {
    TestDag dag = new TestDag();
    dag.root = dag.add(0x55, data);
    dag.leaves.add(dag.root);
    return dag;
  }

  private byte[] listOf(List<byte[]> data) {
    for (byte[] leaf : data) {
      leaves.add(add(0x55, leaf));
    }
    return DagCbor.encode(Node.list(leaves.stream().map(Node::of).toList()));
  }

  private Cid add(long codec, byte[] data) {
    Block block = Block.of(codec, ByteBuffer.wrap(data));
    if (!store.has(block.cid())) {
      bytes += data.length;
    }
    store.put(block);
    return block.cid();
  }

  /** A store with all of it. */
  public MemoryBlockStore store() {
    return store;
  }

  /** Where it begins. */
  public Cid root() {
    return root;
  }

  /** Its leaves in the order of the walk. */
  public List<Cid> leaves() {
    return leaves;
  }

  /** The roots of its groups, in the order of the walk. */
  public List<Cid> groups() {
    return groups;
  }

  /** Bytes of its distinct blocks. */
  public long bytes() {
    return bytes;
  }
}
