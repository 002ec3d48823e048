package io.sluice.protocol.libp2p;

import io.sluice.protocol.multiformats.Multiaddr;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What this host signs about where it listens. A peer on this machine is told more than others; a
 * record is signed anew when its addresses change, with a higher number than any before. Safe for
 * all threads.
 */
final class OwnRecords {
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Signed(List<Multiaddr> addresses, byte[] envelope) {}

  private final Identity identity;
  private final Clock clock;
  private final Map<Boolean, Signed> records = new HashMap<>();
  private long sequence;

  /** The numbers are the clock's, so that they grow from one life of the host to the next. */
  OwnRecords(Identity identity, Clock clock) {
    this.identity = identity;
    this.clock = clock;
  }

  /**
   * The record with these addresses.
   *
   * @param near whether it is for peers on this machine
   */
  synchronized byte[] of(List<Multiaddr> addresses, boolean near) {
    Signed known = records.get(near);
    if (known == null || !known.addresses().equals(addresses)) {
      sequence = Math.max(sequence + 1, clock.millis());
      byte[] envelope = new PeerRecord(identity.peerId(), sequence, addresses).sealed(identity);
      known = new Signed(List.copyOf(addresses), envelope);
      records.put(near, known);
    }
    return known.envelope();
  }
}
