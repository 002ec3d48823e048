package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.MachineId;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EarlyPaymentsTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final ChannelId CHANNEL =
      new ChannelId(Identity.generate().peerId(), Identity.generate().peerId(), 1);
  private static final MachineId DEAL = new MachineId("p-1");

  private final EarlyPayments early = new EarlyPayments(Duration.ofSeconds(5));

  private static Payment payment(long amount) {
    return new Payment(
        1,
        1,
        EvmAddress.ZERO,
        Bytes32.of(new byte[32]),
        0,
        1,
        TokenAmount.of(amount),
        amount,
        false,
        Signature.of(signature()));
  }

  private static byte[] signature() {
    byte[] bytes = new byte[65];
    bytes[64] = 27;
    return bytes;
  }

  private boolean hold(MachineId deal, long amount, Instant at) {
    return early.hold(deal, CHANNEL, payment(amount), at);
  }

  private Optional<TokenAmount> taken(MachineId deal) {
    return early.take(deal).map(held -> held.payment().amount());
  }

  @Test
  void highestIsHeldWhateverTheOrder() {
    hold(DEAL, 2, NOW);
    hold(DEAL, 3, NOW);
    hold(DEAL, 1, NOW);

    assertEquals(Optional.of(TokenAmount.of(3)), taken(DEAL));
    assertEquals(Optional.empty(), taken(DEAL));
  }

  @Test
  void aBetterOneIsHeldAnew() {
    hold(DEAL, 1, NOW);
    hold(DEAL, 2, NOW.plusSeconds(3));

    assertEquals(0, early.forget(NOW.plusSeconds(8)));
    assertEquals(1, early.forget(NOW.plusSeconds(9)));
    assertEquals(Optional.empty(), taken(DEAL));
  }

  @Test
  void thereIsRoomForSoManyDealsAndForMoreOfTheSame() {
    for (int deal = 1; deal <= 256; deal++) {
      assertTrue(hold(new MachineId("p-" + deal), 1, NOW));
    }

    assertFalse(hold(new MachineId("p-257"), 1, NOW));
    assertTrue(hold(DEAL, 2, NOW));
    assertEquals(Optional.of(TokenAmount.of(2)), taken(DEAL));
    assertTrue(hold(new MachineId("p-257"), 1, NOW));
  }
}
