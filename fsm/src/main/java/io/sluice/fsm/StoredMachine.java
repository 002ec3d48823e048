package io.sluice.fsm;

import io.sluice.protocol.ipld.Node;
import java.time.Instant;

/**
 * A machine between two events.
 *
 * @param id its name
 * @param table the name of its table
 * @param version the version of the table that handled its last event
 * @param state the name of its state
 * @param ended whether that is an end state
 * @param data as its table stores them
 * @param sequence the number of its last journal entry, from 1
 * @param head the hash of that entry
 * @param changed when that entry was made
 */
public record StoredMachine(
    MachineId id,
    String table,
    int version,
    String state,
    boolean ended,
    Node data,
    long sequence,
    EntryHash head,
    Instant changed) {}
