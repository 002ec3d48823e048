package io.sluice.protocol.unixfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntrySorterTest {
  private static ShardEntry entry(int i) {
    ByteBuffer content = ByteBuffer.allocate(Integer.BYTES).putInt(i).flip();
    Cid cid =
        i % 3 == 0
            ? Cid.v0(Cid.sha2_256(Codec.DAG_PB, content).hash())
            : Cid.sha2_256(Codec.RAW, content);
    return ShardEntry.of(Node.Text.of("entry " + i), new Imported(cid, i, 2L * i, 1L << 40));
  }

  private static List<ShardEntry> read(EntrySorter.Sorted sorted) throws IOException {
    List<ShardEntry> all = new ArrayList<>();
    for (ShardEntry next = sorted.next(); next != null; next = sorted.next()) {
      all.add(next);
    }
    return all;
  }

  /** None, some in memory only, whole stretches only, and many stretches with a rest. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 16, 17, 32, 1000})
  void anyNumberComesOutInOrder(int count) throws IOException {
    List<ShardEntry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entries.add(entry(i));
    }
    Collections.shuffle(entries, new Random(count));

    try (EntrySorter sorter = new EntrySorter(16)) {
      for (ShardEntry entry : entries) {
        sorter.add(entry);
      }
      entries.sort(ShardEntry.ORDER);
      assertEquals(entries, read(sorter.sorted()));
    }
  }

  /** In whatever stretches they came, the second would be lost behind the first. */
  @Test
  void givenOneNameTwice_whenBuilt_thenRefused() throws IOException {
    NodeWriter writer = new NodeWriter(new MemoryBlockStore(), ImportOptions.DEFAULT);
    try (EntrySorter sorter = new EntrySorter(4)) {
      for (int i : new int[] {1, 2, 3, 4, 5, 1}) {
        sorter.add(entry(i));
      }
      ShardBuilder builder = new ShardBuilder(writer, sorter.sorted());

      assertThrows(IllegalArgumentException.class, () -> builder.build(FileAttributes.NONE));
    }
  }
}
