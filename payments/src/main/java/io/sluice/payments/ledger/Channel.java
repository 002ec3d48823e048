package io.sluice.payments.ledger;

import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.Optional;

/**
 * A channel as its ledger records it.
 *
 * @param id its id
 * @param payer who opened it and gets back what is left
 * @param payee who is paid
 * @param signer the key whose vouchers count
 * @param token what it pays in; zero is the native coin
 * @param challengeSeconds how long vouchers can still be redeemed once the payer settles
 * @param closed whether it has ended for good
 * @param settleAt when it can be collected, if the payer settled
 * @param deposit all that was ever put in
 * @param redeemed what the payee has got from it so far
 */
public record Channel(
    Bytes32 id,
    EvmAddress payer,
    EvmAddress payee,
    EvmAddress signer,
    EvmAddress token,
    long challengeSeconds,
    boolean closed,
    Optional<Instant> settleAt,
    TokenAmount deposit,
    TokenAmount redeemed) {

  /** Whether the payer's settling is under way or the channel is closed: no place for new deals. */
  public boolean ending() {
    return closed || settleAt.isPresent();
  }

  /** What can still be redeemed. */
  public TokenAmount headroom() {
    return deposit.minus(redeemed);
  }

  /** One word for people: {@code open}, {@code settling} or {@code closed}. */
  public String state() {
    return closed ? "closed" : settleAt.isPresent() ? "settling" : "open";
  }
}
