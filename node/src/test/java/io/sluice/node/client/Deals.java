package io.sluice.node.client;

import io.sluice.fsm.DealReason;
import io.sluice.fsm.DealStanding;
import io.sluice.fsm.LeftOut;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientMoney;
import io.sluice.fsm.client.ClientProgress;
import io.sluice.fsm.client.DealOrder;
import io.sluice.fsm.client.LaneOpening;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Bytes32;
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

/** Deals in whatever condition: a byte costs one unit, the fee is 10, the lane had paid 500. */
final class Deals {
  static final MachineId ID = new MachineId("c-12");
  static final PeerId CLIENT = PeerId.parse("12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp");
  static final PeerId PROVIDER =
      PeerId.parse("12D3KooWKZv7RfewtsMAwwURmArLMoZEjk2nNfPKRxd5csBwS3B6");
  static final TestDag DAG = TestDag.of(3, 2, 4, 100);
  static final Terms TERMS =
      new Terms(TokenAmount.of(Terms.MIB), TokenAmount.of(10), 1_000, 0, 1_000, 600);
  private static final EvmAddress ACCOUNT = EvmAddress.parse("0x" + "11".repeat(20));
  private static final Bytes32 CHANNEL = Bytes32.parse("22".repeat(32));
  private static final Signature SIGNATURE = Signature.of(signature());
  static final Payee PAYEE =
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
  static final LaneOpening LANE =
      new LaneOpening(
          new DealOpening(12, TERMS, PAYEE, CHANNEL, 3, Optional.empty(), SIGNATURE),
          TokenAmount.of(500));
  static final ClientDeal PAID = deal(Optional.of(new Offer(TERMS, PAYEE)));
  static final ClientDeal FREE = deal(Optional.empty());

  private Deals() {}

  private static byte[] signature() {
    byte[] bytes = new byte[65];
    bytes[64] = 27;
    return bytes;
  }

  private static ClientDeal deal(Optional<Offer> offer) {
    return ClientDeal.decided(
        12,
        new DealOrder(
            PROVIDER,
            List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/4001")),
            DAG.root(),
            TestDag.ALL,
            offer,
            TokenAmount.of(1_000_000)),
        LeftOut.of(Exclusions.NONE),
        12,
        Instant.EPOCH);
  }

  /** A voucher of the lane. */
  static SignedVoucher voucher(TokenAmount amount) {
    return new SignedVoucher(new Domain(1, ACCOUNT), new Voucher(CHANNEL, 3, 7, amount), SIGNATURE);
  }

  /** The deal with its lane, having paid so much. */
  static ClientDeal funded(ClientDeal deal, long paid) {
    TokenAmount signed = LANE.base().plus(TokenAmount.of(paid));
    return new ClientDeal(
        deal.id(),
        deal.order(),
        deal.leftOut(),
        deal.progress(),
        Optional.of(new ClientMoney(LANE, signed, 6, 2)),
        deal.standing());
  }

  static ClientDeal at(ClientDeal deal, ClientProgress progress) {
    return new ClientDeal(
        deal.id(), deal.order(), deal.leftOut(), progress, deal.money(), deal.standing());
  }

  /** The deal once the provider has agreed and so many bytes are charged. */
  static ClientDeal answered(ClientDeal deal, long charged) {
    return at(deal, new ClientProgress(12, true, charged, charged, 3, 0));
  }

  static ClientDeal because(ClientDeal deal, DealReason reason) {
    return new ClientDeal(
        deal.id(),
        deal.order(),
        deal.leftOut(),
        deal.progress(),
        deal.money(),
        new DealStanding(Instant.EPOCH, Instant.EPOCH, Optional.of(reason), Optional.empty()));
  }
}
