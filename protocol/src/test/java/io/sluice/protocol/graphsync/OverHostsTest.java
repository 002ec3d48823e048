package io.sluice.protocol.graphsync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.protocol.graphsync.endpoint.Graphsync;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.HostConfig;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.libp2p.Libp2pHost;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same between real hosts on this machine. */
@Timeout(60)
class OverHostsTest {

  @Test
  void givenRealHosts_whenAsked_thenAllVerified() throws Exception {
    TestDag dag = TestDag.of(1, 8, 100, 20_000);
    try (Host provider = Libp2pHost.start(config().listeningOn("/ip4/127.0.0.1/tcp/0"));
        Host client = Libp2pHost.start(config().listeningOn("/ip4/127.0.0.1/tcp/0"));
        Graphsync serving =
            Graphsync.start(
                provider,
                GraphsyncConfig.defaults(),
                request -> RequestDecision.accept(dag.store()));
        Graphsync asking =
            Graphsync.start(client, GraphsyncConfig.defaults(), IncomingRequests.NONE)) {
      CompletableFuture<RequestResult> end = new CompletableFuture<>();
      asking.request(
          provider.id(),
          RequestSpec.of(dag.root(), TestDag.ALL).at(provider.addresses()),
          new MemoryBlockStore(),
          end::complete);

      assertEquals(RequestOutcome.COMPLETED, end.get().outcome());
      assertEquals(dag.bytes(), end.get().charged());
      assertEquals(0, serving.stats().waitingWalks());
    }
  }

  private static HostConfig config() {
    return HostConfig.of(Identity.generate());
  }
}
