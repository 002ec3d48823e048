package io.sluice.fsm.client;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.EventType;
import io.sluice.fsm.LeftOut;
import io.sluice.fsm.TransitionTable;
import io.sluice.fsm.client.ClientInput.At;
import io.sluice.fsm.client.ClientInput.Funded;
import io.sluice.fsm.client.ClientInput.Going;
import io.sluice.fsm.client.ClientInput.Left;
import io.sluice.fsm.client.ClientInput.Signed;
import io.sluice.fsm.client.ClientInput.Stopped;
import io.sluice.fsm.client.ClientInput.Verified;
import io.sluice.fsm.engine.TableContract;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Offer;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;

class ClientDealsTableTest extends TableContract<ClientState, ClientDeal, ClientInput> {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final EvmAddress ACCOUNT = EvmAddress.parse("0x" + "11".repeat(20));
  private static final Bytes32 HASH = Bytes32.parse("22".repeat(32));
  private static final Terms TERMS =
      new Terms(TokenAmount.of(1024), TokenAmount.of(10), 1000, 0, 1000, 600);
  private static final Payee PAYEE =
      new Payee(
          1,
          ACCOUNT,
          EvmAddress.ZERO,
          ACCOUNT,
          60,
          TokenAmount.ZERO,
          0,
          Optional.empty(),
          Optional.empty());
  private static final LaneOpening LANE =
      new LaneOpening(
          new DealOpening(12, TERMS, PAYEE, HASH, 3, Optional.empty(), Signature.of(signature())),
          TokenAmount.of(500));

  private static byte[] signature() {
    byte[] bytes = new byte[65];
    bytes[64] = 27;
    return bytes;
  }

  @Override
  protected TransitionTable<ClientState, ClientDeal, ClientInput> table() {
    return ClientDeals.TABLE;
  }

  @Override
  protected ClientDeal data(ClientState state) {
    ClientDeal decided =
        ClientDeal.decided(
            12,
            new DealOrder(
                PeerId.parse("12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp"),
                List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/4001")),
                Cid.parse("bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"),
                Node.map().put(".", Node.map().build()).build(),
                Optional.of(new Offer(TERMS, PAYEE)),
                TokenAmount.of(1_000_000)),
            new LeftOut(2, 1, HASH),
            -5,
            NOW);
    return state == ClientState.NEW ? decided : decided.funded(new Funded(NOW, LANE));
  }

  @Override
  protected ClientInput input(EventType<?> event, Random random) {
    Instant at = NOW.plusMillis(random.nextInt(1_000_000));
    return switch (event.name()) {
      case "FUNDED", "REOPENED" -> new Funded(at, LANE);
      case "PROGRESS", "ALL_VERIFIED" ->
          new Verified(at, random.nextInt(100_000), random.nextInt(100_000), random.nextInt(100));
      case "VOUCHER_SIGNED" ->
          new Signed(
              at,
              TokenAmount.of(random.nextInt(100_000)),
              random.nextInt(100),
              random.nextInt(100_000));
      case "RETRY", "RESUME" -> new Going(at, random.nextLong());
      case "UNFUNDED",
          "REFUSED",
          "BLOCKS_MISSING",
          "CONNECTION_LOST",
          "PARK",
          "CANCEL",
          "GIVE_UP" ->
          new Stopped(at, new DealReason(DealCode.TIMEOUT, "said so"));
      case "LEFT" -> new Left(at, random.nextBoolean() ? DealOutcome.PARTIAL : DealOutcome.FAILED);
      default -> new At(at);
    };
  }

  @Override
  protected Page page() {
    return new Page(
        "client-deal-states.md",
        "States of a deal at its client",
        "What a retrieval deal goes through on the side that buys. States are local, the provider"
            + " never sees them.");
  }
}
