package io.sluice.payments;

import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One channel in this home's books.
 *
 * @param id the channel's id
 * @param role this home's part in it
 * @param domain chain and contract
 * @param counterparty the other end's account
 * @param token what it pays in
 * @param deposit what lies in it by the ledger's newest word
 * @param confirmed how much of that is deep enough to count
 * @param vouchered the sum of all lanes' best vouchers
 * @param reserved what live deals may still sign away, at the payer; else zero
 * @param redeemed what the ledger has paid to the payee
 * @param state {@code planned}, {@code open}, {@code settling} or {@code closed}
 * @param settleAt when it can be collected, if settling
 * @param lanes its lanes in ascending order
 */
public record ChannelBook(
    Bytes32 id,
    Role role,
    Domain domain,
    EvmAddress counterparty,
    EvmAddress token,
    TokenAmount deposit,
    TokenAmount confirmed,
    TokenAmount vouchered,
    TokenAmount reserved,
    TokenAmount redeemed,
    String state,
    Optional<Instant> settleAt,
    List<LaneBook> lanes) {

  /** Copies the list. */
  public ChannelBook {
    lanes = List.copyOf(lanes);
  }

  /** A home's part in a channel. */
  public enum Role {
    /** It pays. */
    PAYER,
    /** It is paid. */
    PAYEE
  }

  /**
   * One lane.
   *
   * @param lane its number
   * @param amount its best voucher's amount
   * @param nonce its best voucher's nonce
   * @param deal the live deal on it, if any
   */
  public record LaneBook(long lane, TokenAmount amount, long nonce, Optional<DealRef> deal) {}
}
