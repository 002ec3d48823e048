package io.sluice.node.pullsync.bee;

import io.sluice.node.pullsync.bee.OfferedPage.OfferedChunk;
import io.sluice.node.pullsync.bee.PullResult.ChunkFailure;
import io.sluice.node.pullsync.bee.PullResult.FailureKind;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.pullsync.bee.BeeCrypto;
import io.sluice.protocol.pullsync.bee.BeeMessage.Delivery;
import io.sluice.protocol.pullsync.bee.BeeVersion;
import io.sluice.protocol.pullsync.bee.ChunkHash;
import io.sluice.protocol.pullsync.bee.ChunkId;
import io.sluice.protocol.pullsync.bee.Postage;
import io.sluice.protocol.pullsync.bee.Stamp;
import io.sluice.protocol.pullsync.bee.Stamp.StampFault;
import io.sluice.protocol.retrieval.Bytes32;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Looks at what is delivered of one page: it has to be what was wanted, with a stamp that lets it
 * in. What is wrong costs one chunk and not the page, also by 1.0.0, where bee drops it all.
 */
final class DeliveryCheck {
  private final BeeVersion version;
  private final BeeCrypto crypto;
  private final ChunkHash hash;
  private final Postage postage;
  private final Set<OfferedChunk> expected;

  DeliveryCheck(
      BeeVersion version,
      BeeCrypto crypto,
      ChunkHash hash,
      Postage postage,
      Set<OfferedChunk> expected) {
    this.version = version;
    this.crypto = crypto;
    this.hash = hash;
    this.postage = postage;
    this.expected = new HashSet<>(expected);
  }

  /** What became of a delivery. */
  sealed interface Checked {
    /**
     * It is to be kept.
     *
     * @param chunk as it came
     */
    record Good(StampedChunk chunk) implements Checked {}

    /**
     * It is not.
     *
     * @param failure and why
     */
    record Bad(ChunkFailure failure) implements Checked {}
  }

  /** Looks at the next delivery. */
  Checked check(Delivery delivery) {
    if (delivery.isGone()) {
      return bad(FailureKind.GONE, "not there any more");
    }
    byte[] name = array(delivery.address());
    if (name.length != Bytes32.LENGTH) {
      return bad(FailureKind.UNSOLICITED, "an address of " + name.length + " bytes");
    }
    Bytes32 address = Bytes32.of(name);
    Stamp stamp;
    try {
      stamp = Stamp.decode(array(delivery.stamp()));
    } catch (ProtocolException e) {
      return bad(FailureKind.BAD_STAMP, address + ": " + e.getMessage());
    }
    Optional<ChunkId> id =
        version == BeeVersion.V1_0
            ? Optional.empty()
            : Optional.of(ChunkId.of(address, stamp, crypto));
    if (!expected.remove(new OfferedChunk(address, id))) {
      return bad(FailureKind.UNSOLICITED, address + " was not asked for");
    }
    Optional<StampFault> fault = postage.fault(address, stamp);
    if (fault.isPresent()) {
      return bad(
          fault.get() == StampFault.UNKNOWN_BATCH
              ? FailureKind.UNKNOWN_BATCH
              : FailureKind.BAD_STAMP,
          address + ": " + fault.get());
    }
    byte[] data = array(delivery.data());
    return hash.matches(address, data)
        ? new Checked.Good(new StampedChunk(address, ByteBuffer.wrap(data), stamp))
        : bad(FailureKind.BAD_CHUNK, address + " is not the address of what came");
  }

  private static Checked bad(FailureKind kind, String reason) {
    return new Checked.Bad(new ChunkFailure(kind, reason));
  }

  private static byte[] array(ByteBuffer bytes) {
    byte[] array = new byte[bytes.remaining()];
    bytes.duplicate().get(array);
    return array;
  }
}
