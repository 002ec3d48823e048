package io.sluice.fsm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.sluice.protocol.ipld.Node;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** An entry's hash covers every field of it, and is what the next entry and the store hold. */
class HashChainTest {
  private static final EntryHash OTHER = EntryHash.sha256(new byte[] {1});

  private static JournalEntry entry() {
    return new JournalEntry(
        new MachineId("c-1"),
        "table",
        2,
        7,
        "EVENT",
        Node.of(1),
        "BEFORE",
        "AFTER",
        Node.of(2),
        Instant.ofEpochMilli(5),
        EntryHash.ZERO,
        List.of(new Attachment("kind", Node.of(3))));
  }

  @Test
  void whicheverFieldIsAnother_theHashIsAnother() {
    JournalEntry e = entry();
    List<JournalEntry> others =
        List.of(
            with(e, new MachineId("c-2"), e.table(), 2, 7, "EVENT"),
            with(e, e.machine(), "other", 2, 7, "EVENT"),
            with(e, e.machine(), e.table(), 3, 7, "EVENT"),
            with(e, e.machine(), e.table(), 2, 8, "EVENT"),
            with(e, e.machine(), e.table(), 2, 7, "OTHER"),
            with(e, Node.of(9), "BEFORE", "AFTER", Node.of(2)),
            with(e, Node.of(1), "OTHER", "AFTER", Node.of(2)),
            with(e, Node.of(1), "BEFORE", "OTHER", Node.of(2)),
            with(e, Node.of(1), "BEFORE", "AFTER", Node.of(9)),
            with(e, Instant.ofEpochMilli(6), EntryHash.ZERO, e.attachments()),
            with(e, e.time(), OTHER, e.attachments()),
            with(e, e.time(), EntryHash.ZERO, List.of()),
            with(e, e.time(), EntryHash.ZERO, List.of(new Attachment("other", Node.of(3)))),
            with(e, e.time(), EntryHash.ZERO, List.of(new Attachment("kind", Node.of(9)))));
    Set<EntryHash> hashes = new HashSet<>(Set.of(e.hash()));

    others.forEach(other -> hashes.add(other.hash()));

    assertEquals(1 + others.size(), hashes.size());
    assertEquals(e.hash(), entry().hash());
  }

  @Test
  void partsOfAMillisecondAreNoDifference() {
    JournalEntry e = entry();

    assertEquals(
        e.hash(), with(e, e.time().plusNanos(999_999), EntryHash.ZERO, e.attachments()).hash());
    assertNotEquals(
        e.hash(), with(e, e.time().plusNanos(1_000_000), EntryHash.ZERO, e.attachments()).hash());
  }

  @Test
  void theMachineHoldsTheHashOfItsLastEntry() {
    JournalEntry e = entry();

    assertEquals(e.hash(), e.machineAfter(false).head());
    assertEquals(e.hash(), JournalEntry.of(e.toNode()).hash());
  }

  private static JournalEntry with(
      JournalEntry e, MachineId machine, String table, int version, long sequence, String event) {
    return new JournalEntry(
        machine,
        table,
        version,
        sequence,
        event,
        e.input(),
        e.before(),
        e.after(),
        e.data(),
        e.time(),
        e.previousHash(),
        e.attachments());
  }

  private static JournalEntry with(
      JournalEntry e, Node input, String before, String after, Node data) {
    return new JournalEntry(
        e.machine(),
        e.table(),
        e.version(),
        e.sequence(),
        e.event(),
        input,
        before,
        after,
        data,
        e.time(),
        e.previousHash(),
        e.attachments());
  }

  private static JournalEntry with(
      JournalEntry e, Instant time, EntryHash previous, List<Attachment> attachments) {
    return new JournalEntry(
        e.machine(),
        e.table(),
        e.version(),
        e.sequence(),
        e.event(),
        e.input(),
        e.before(),
        e.after(),
        e.data(),
        time,
        previous,
        attachments);
  }
}
