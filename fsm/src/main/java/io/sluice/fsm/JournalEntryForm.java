package io.sluice.fsm;

import static io.sluice.protocol.ipld.NodeCodec.ANY;
import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.ipld.NodeCodec.MILLIS;
import static io.sluice.protocol.ipld.NodeCodec.TEXT;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;

/** Journal entries as nodes. Their names are short because every entry carries them. */
final class JournalEntryForm {
  /** Counts up when the form changes; all older ones stay readable. */
  private static final long FORM = 1;

  private static final MapCodec<Attachment> ATTACHMENT =
      MapCodec.of(
          f ->
              new Attachment(
                  f.get("kind", TEXT, Attachment::kind), f.get("value", ANY, Attachment::value)));

  private static final MapCodec<JournalEntry> ENTRY =
      MapCodec.of(
          f -> {
            f.put("form", entry -> Node.of(FORM));
            return new JournalEntry(
                f.get("id", TEXT.as(MachineId::new, MachineId::value), JournalEntry::machine),
                f.get("table", TEXT, JournalEntry::table),
                f.get("version", NodeCodec.of(Node::of, Node::asInt), JournalEntry::version),
                f.get("seq", LONG, JournalEntry::sequence),
                f.get("event", TEXT, JournalEntry::event),
                f.get("input", ANY, JournalEntry::input),
                f.get("before", TEXT, JournalEntry::before),
                f.get("after", TEXT, JournalEntry::after),
                f.get("data", ANY, JournalEntry::data),
                f.get("time", MILLIS, JournalEntry::time),
                f.get(
                    "prev",
                    NodeCodec.bytes(EntryHash::bytes, EntryHash::of),
                    JournalEntry::previousHash),
                f.get("with", ATTACHMENT.list(), JournalEntry::attachments));
          });

  private JournalEntryForm() {}

  static Node encode(JournalEntry entry) {
    return ENTRY.encode(entry);
  }

  static JournalEntry decode(Node node) {
    long form = node.get("form").asLong();
    if (form != FORM) {
      throw new ProtocolException(
          ProtocolException.DECODE_SCHEMA, "a journal entry of the unknown form " + form);
    }
    return ENTRY.decode(node);
  }
}
