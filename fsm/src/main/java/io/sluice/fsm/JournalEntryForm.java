package io.sluice.fsm;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Node;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Journal entries as nodes. Their names are short because every entry carries them. */
final class JournalEntryForm {

  /** Counts up when the form changes; all older ones stay readable. */
  private static final long FORM = 1;

  private JournalEntryForm() {}

  static Node encode(JournalEntry entry) {
    List<Node> attachments = new ArrayList<>();
    for (Attachment attachment : entry.attachments()) {
      attachments.add(
          Node.map().put("kind", attachment.kind()).put("value", attachment.value()).build());
    }
    return Node.map()
        .put("form", FORM)
        .put("id", entry.machine().value())
        .put("table", entry.table())
        .put("version", entry.version())
        .put("seq", entry.sequence())
        .put("event", entry.event())
        .put("input", entry.input())
        .put("before", entry.before())
        .put("after", entry.after())
        .put("data", entry.data())
        .put("time", entry.time().toEpochMilli())
        .put("prev", entry.previousHash().bytes())
        .put("with", Node.list(attachments))
        .build();
  }

  static JournalEntry decode(Node node) {
    try {
      long form = node.get("form").asLong();
      if (form != FORM) {
        throw new ProtocolException(
            ProtocolException.DECODE_SCHEMA, "a journal entry of the unknown form " + form);
      }
      List<Attachment> attachments = new ArrayList<>();
      for (Node attachment : node.get("with").asList()) {
        attachments.add(new Attachment(attachment.get("kind").asText(), attachment.get("value")));
      }
      return new JournalEntry(
          new MachineId(node.get("id").asText()),
          node.get("table").asText(),
          node.get("version").asInt(),
          node.get("seq").asLong(),
          node.get("event").asText(),
          node.get("input"),
          node.get("before").asText(),
          node.get("after").asText(),
          node.get("data"),
          Instant.ofEpochMilli(node.get("time").asLong()),
          EntryHash.of(node.get("prev").asByteArray()),
          attachments);
    } catch (IllegalArgumentException e) {
      throw new ProtocolException(
          ProtocolException.DECODE_SCHEMA, "not a journal entry: " + e.getMessage(), e);
    }
  }
}
