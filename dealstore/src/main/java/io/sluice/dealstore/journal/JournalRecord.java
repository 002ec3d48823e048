package io.sluice.dealstore.journal;

import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.Node;
import java.nio.ByteBuffer;

/**
 * One record of the journal: what kind of thing it is, and the thing.
 *
 * @param kind tells its reader what it is
 * @param value the thing, in the data model
 */
public record JournalRecord(String kind, Node value) {
  private static final Limits LIMITS = new Limits(128, 256L << 20);

  /** The bytes that a frame carries. */
  byte[] payload() {
    return Envelope.write(kind, DagCbor.encodeInOrder(value));
  }

  /** Reads what {@link #payload} made; its checksum was right, so anything else is a defect. */
  static JournalRecord of(byte[] payload) throws JournalDamaged {
    Envelope envelope = Envelope.read(payload);
    return new JournalRecord(
        envelope.kind(), DagCbor.decode(ByteBuffer.wrap(envelope.value()), LIMITS));
  }
}
