package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class AcceptBacklogTest {
  private final AcceptBacklog backlog = new AcceptBacklog();

  @Test
  void givenPeerThatIsBehind_thenOneMoreOnlyForOneAccepted() throws Exception {
    for (int i = 0; i < Yamux.BACKLOG; i++) {
      backlog.enter();
    }
    assertThrows(LimitExceededException.class, backlog::enter);
    assertThrows(LimitExceededException.class, backlog::enter); // a refusal takes no place

    backlog.leave();

    backlog.enter();
    assertThrows(LimitExceededException.class, backlog::enter);
  }
}
