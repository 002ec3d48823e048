package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.sluice.protocol.multiformats.PeerId;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ResourceScopesTest {
  private static final String ECHO = "/echo";
  private static final PeerId ONE = Identity.generate().peerId();
  private static final PeerId OTHER = Identity.generate().peerId();

  /** 3 in all, 2 of a protocol, 2 of a peer, 1 of a peer in a protocol, 1 to a peer. */
  private final ResourceScopes scopes =
      new ResourceScopes(new HostLimits(8, 8, 8, 8, 3, 2, 2, 1, 1, 1 << 20, 8 << 20, 64 * 1024));

  private ResourceScopes.Lease inbound(PeerId peer) {
    return Objects.requireNonNull(scopes.inbound(peer));
  }

  @Test
  void givenPeerAtItsLimit_thenItIsRefusedAndOthersAreNot() {
    assertNotNull(scopes.inbound(ONE, "/a"));
    assertNotNull(scopes.inbound(ONE, "/b"));

    assertNull(scopes.inbound(ONE, "/c"));
    assertNotNull(scopes.inbound(OTHER, "/c"));
    assertEquals(1, scopes.refused());
  }

  @Test
  void givenHostAtItsLimit_thenEverybodyIsRefused() {
    inbound(ONE);
    inbound(ONE);
    ResourceScopes.Lease last = inbound(OTHER);
    assertNull(scopes.inbound(OTHER));

    last.giveBack();
    last.giveBack(); // counts once

    assertEquals(2, scopes.inbound());
    inbound(OTHER);
    assertNull(scopes.inbound(OTHER));
  }

  @Test
  void givenProtocolAtItsLimit_thenRefusedInThatAlone() {
    assertNotNull(scopes.inbound(ONE, ECHO));
    assertNull(scopes.inbound(ONE, ECHO));
    assertNotNull(scopes.inbound(OTHER, ECHO));

    assertNull(scopes.inbound(Identity.generate().peerId(), ECHO));
    assertNotNull(scopes.inbound(ONE, "/other"));
    assertEquals(Map.of(ECHO, 2, "/other", 1), scopes.byProtocol());
  }

  @Test
  void givenRefusedByThePeersScope_thenNothingIsTakenInTheHosts() {
    assertNotNull(scopes.inbound(ONE, "/a"));
    assertNotNull(scopes.inbound(ONE, "/b"));

    assertNull(scopes.inbound(ONE, "/c"));

    assertEquals(Map.of("/a", 1, "/b", 1, "/c", 0), scopes.byProtocol());
  }

  @Test
  void givenPeerThatOpensMoreThanIsServed_thenSoManyMayWaitAsItsMultiplexerKeeps() {
    ResourceScopes many =
        new ResourceScopes(
            new HostLimits(8, 8, 8, 8, 1000, 1000, 2, 1, 1, 1 << 20, 8 << 20, 64 * 1024));
    for (int i = 0; i < 2 + Yamux.BACKLOG; i++) {
      assertNotNull(many.inbound(ONE));
    }

    assertNull(many.inbound(ONE));
    assertNotNull(many.inbound(OTHER));
  }

  @Test
  void givenPeerForgotten_thenWhatItsStreamsTookIsGivenBackAllTheSame() {
    ResourceScopes.Lease lease = inbound(ONE);
    ResourceScopes.Lease out = Objects.requireNonNull(scopes.outbound(ONE));
    scopes.forget(ONE);

    lease.giveBack();
    out.giveBack();

    assertEquals(0, scopes.inbound());
    assertEquals(0, scopes.outbound());
  }
}
