package io.sluice.benchmarks;

import io.sluice.fsm.LeftOut;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.DealOrder;
import io.sluice.fsm.client.LaneOpening;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.DealProposal;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Offer;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A paid deal for some content, with all that is said of it. */
final class PaidDeal {
  /** The client's number for it. */
  static final long NUMBER = 12;

  /** When everything happens: what is measured is not the clock. */
  static final Instant NOW = Instant.parse("2025-06-01T00:00:00Z");

  private static final RandomBytes RANDOM = new RandomBytes();

  static final Cid ROOT = Cid.sha2_256(Codec.DAG_PB, RANDOM.nextBuffer(100));
  static final Node SELECTOR = Selectors.exploreAll().node();

  static final SigningKey KEY = SigningKey.of(RANDOM.next(32));
  static final Domain DOMAIN = new Domain(31_337, EvmAddress.of(RANDOM.next(EvmAddress.LENGTH)));
  static final Voucher VOUCHER =
      new Voucher(Bytes32.of(RANDOM.next(Bytes32.LENGTH)), 3, 40, TokenAmount.of(123_456_789));
  static final SignedVoucher SIGNED = KEY.sign(DOMAIN, VOUCHER);

  static final Terms TERMS = Terms.atPrice(TokenAmount.of(1_000));
  static final DealProposal PROPOSAL = DealProposal.of(ROOT, NUMBER, SELECTOR, TERMS);

  private static final Payee PAYEE =
      new Payee(
          DOMAIN.chainId(),
          DOMAIN.contract(),
          EvmAddress.ZERO,
          EvmAddress.of(RANDOM.next(EvmAddress.LENGTH)),
          3_600,
          TokenAmount.of(1_000),
          0,
          Optional.empty(),
          Optional.empty());

  /** The lane that pays for it, on which nothing was paid before. */
  static final LaneOpening LANE =
      new LaneOpening(
          new DealOpening(
              NUMBER,
              TERMS,
              PAYEE,
              VOUCHER.channel(),
              VOUCHER.lane(),
              Optional.empty(),
              SIGNED.signature()),
          TokenAmount.ZERO);

  private static final DealOrder ORDER =
      new DealOrder(
          Identity.ofSeed(new byte[32]).peerId(),
          List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/4001")),
          ROOT,
          SELECTOR,
          Optional.of(new Offer(TERMS, PAYEE)),
          TokenAmount.of(1_000_000_000));

  /** The deal as its client has just decided on it. */
  static final ClientDeal DECIDED =
      ClientDeal.decided(NUMBER, ORDER, LeftOut.of(Exclusions.NONE), NUMBER, NOW);

  private PaidDeal() {}
}
