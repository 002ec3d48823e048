package io.sluice.fsm;

import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Node;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * One event of one machine, with all that is needed to check it later: what came in, what the
 * machine was before and what it became.
 *
 * <p>Entries of a machine form a chain: each holds the hash of the one before it, and its own hash
 * covers all its fields, attachments included. A machine's first entry is its start: event {@link
 * #STARTED}, no input, and no state before.
 *
 * @param machine whom it happened to
 * @param table the name of the machine's table
 * @param version the version of that table
 * @param sequence counts the machine's entries from 1
 * @param event the name of the event
 * @param input what the event brought along, as the table stores it
 * @param before the name of the state before; empty at the start
 * @param after the name of the state after
 * @param data the machine's data after, as the table stores them
 * @param time when it was recorded, in whole milliseconds; finer parts are cut off
 * @param previousHash the hash of the machine's previous entry, {@link EntryHash#ZERO} at the start
 * @param attachments records of others that came to be in the same moment
 */
public record JournalEntry(
    MachineId machine,
    String table,
    int version,
    long sequence,
    String event,
    Node input,
    String before,
    String after,
    Node data,
    Instant time,
    EntryHash previousHash,
    List<Attachment> attachments) {

  /** The event of a machine's first entry. No table has an event of this name. */
  public static final String STARTED = "(started)";

  /** Cuts the time to milliseconds and copies the list. */
  public JournalEntry {
    if (sequence < 1 || (sequence == 1) != event.equals(STARTED)) {
      throw new IllegalArgumentException("entry " + sequence + " of " + machine + ": " + event);
    }
    time = time.truncatedTo(ChronoUnit.MILLIS);
    attachments = List.copyOf(attachments);
  }

  /** The SHA-256 hash of the entry's canonical dag-cbor form. */
  public EntryHash hash() {
    return EntryHash.sha256(DagCbor.encode(JournalEntryForm.encode(this)));
  }

  /** The machine as this entry left it. */
  public StoredMachine machineAfter(boolean ended) {
    return new StoredMachine(machine, table, version, after, ended, data, sequence, hash(), time);
  }

  /** The entry as a node, the form in which it is hashed, stored and exported. */
  public Node toNode() {
    return JournalEntryForm.encode(this);
  }

  /**
   * The entry of a node that {@link #toNode} made.
   *
   * @throws io.sluice.protocol.ProtocolException if the node is anything else
   */
  public static JournalEntry of(Node node) {
    return JournalEntryForm.decode(node);
  }
}
