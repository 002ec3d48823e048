package io.sluice.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.HostConfig;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.libp2p.Libp2pHost;
import io.sluice.protocol.libp2p.ProtocolNotSupportedException;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.libp2p.StreamResetException;
import io.sluice.protocol.libp2p.TimedOutException;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.pullsync.bee.BeeFrames;
import io.sluice.protocol.pullsync.bee.BeeMessage.Ack;
import io.sluice.protocol.pullsync.bee.BeeMessage.GetRange;
import io.sluice.protocol.pullsync.bee.BeeMessage.Headers;
import io.sluice.protocol.pullsync.bee.BeeMessage.Ruid;
import io.sluice.protocol.pullsync.bee.BeeMessage.Syn;
import io.sluice.protocol.pullsync.bee.BeeVersion;
import io.sluice.protocol.pullsync.bee.BeeVersion.Purpose;
import io.sluice.protocol.pullsync.bee.Proximity;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who gets what by bee's pullsync from a running node: neighbours and readers, and no content. */
@Timeout(120)
class BeeNodeTest {
  @TempDir Path folder;

  private TestNode node() throws Exception {
    return new TestNode(folder.resolve("node"));
  }

  private static Host host() throws IOException {
    return Libp2pHost.start(HostConfig.of(Identity.generate(new SecureRandom())));
  }

  private static Stream open(Host from, TestNode to, BeeVersion version, Purpose purpose)
      throws IOException {
    Multiaddr address = Multiaddr.parse(to.address());
    return from.open(
        address.peerId().orElseThrow(), List.of(address), List.of(version.protocol(purpose)));
  }

  private static BeeFrames begin(Stream stream) throws IOException {
    BeeFrames frames = new BeeFrames(stream);
    frames.write(new Headers());
    assertEquals(0, frames.read().remaining());
    return frames;
  }

  @Test
  void givenContentAndNoChunks_thenAReaderFindsNothingAndAStrangerIsReset() throws Exception {
    try (Host reader = host();
        Host stranger = host();
        TestNode node =
            node()
                .with("SLUICE_PULLSYNC_BEE_ENABLED", "true")
                .with("SLUICE_PULLSYNC_BEE_READERS", reader.id().toString())
                .start()) {
      node.give(300_000);
      node.offer(200_000, TokenAmount.of(7));
      for (BeeVersion version : BeeVersion.values()) {
        findsNothing(reader, node, version);
        for (Purpose purpose : List.of(Purpose.CURSORS, Purpose.PULLSYNC)) {
          assertThrows(
              StreamResetException.class,
              () -> open(stranger, node, version, purpose).read(ByteBuffer.allocate(1)));
        }
      }
      assertTrue(node.metrics().contains("sluice_swarm_chunks 0"));
    }
  }

  /** The addresses of chunks are no names of blocks, and nothing is offered in any bin. */
  private static void findsNothing(Host reader, TestNode node, BeeVersion version)
      throws IOException {
    BeeFrames cursors = begin(open(reader, node, version, Purpose.CURSORS));
    cursors.write(new Syn());
    assertEquals(Collections.nCopies(Proximity.BINS, 0L), Ack.decode(cursors.read()).cursors());
    for (int bin = 0; bin < Proximity.BINS; bin++) {
      Stream stream = open(reader, node, version, Purpose.PULLSYNC);
      BeeFrames frames = begin(stream);
      GetRange all = new GetRange(bin, 0, GetRange.LIVE);
      if (version == BeeVersion.V1_0) {
        frames.write(new Ruid(bin));
        frames.write(all);
      } else {
        frames.write(all.endless());
      }
      stream.timeout(Duration.ofMillis(5));
      assertThrows(TimedOutException.class, frames::read);
      stream.reset();
    }
  }

  @Test
  void givenNothingConfigured_thenItIsNotSpoken() throws Exception {
    try (Host stranger = host();
        TestNode node = node().start()) {
      for (BeeVersion version : BeeVersion.values()) {
        assertThrows(
            ProtocolNotSupportedException.class,
            () -> begin(open(stranger, node, version, Purpose.CURSORS)));
      }
    }
  }
}
