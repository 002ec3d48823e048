package io.sluice.protocol.retrieval;

import io.sluice.protocol.FailureCode;
import java.util.EnumSet;
import java.util.Set;

/**
 * Why a deal stands still or ends, and why money does not move: one word for each reason, which
 * travels in deal results, is stored with deals, counted in metrics and shown to people.
 *
 * <p>The first few are no failures: they say how a deal is getting on.
 */
public enum DealCode implements FailureCode {
  // how it gets on
  FUNDS_NEEDED(0, "a payment is due before more is sent"),
  LAST_PAYMENT(0, "everything is sent; the last payment is due"),
  PAYER_LIMIT(0, "other deals of this payer owe too much"),
  COMPLETED(0, "everything is sent and paid"),
  // failed
  FAILED(1, "the deal failed"),
  INTERNAL(1, "something went wrong inside; run again with --log debug for the trace"),
  STORAGE_FULL(1, "the disk is too full to go on"),
  CANCELLED(1, "the deal was called off"),
  TOO_MANY_RESTARTS(1, "the deal was restarted too often without moving on"),
  LEDGER_REFUSED(1, "the ledger refused the operation"),
  CHANNEL_IN_USE(1, "live deals use the channel"),
  NO_LANE(1, "the deal holds no lane"),
  // refused, by the provider or over the given price
  REFUSED(3, "the provider refused the deal"),
  PRICE_TOO_HIGH(3, "it would cost more than you allow"),
  PRICE_TOO_LOW(3, "the terms offered are below the provider's"),
  NO_COMMON_PAYMENT(3, "no way of paying that both sides know"),
  NO_OPENING(3, "a paid proposal came without the opening of its lane"),
  OPEN_BAD_SIGNATURE(3, "the opening is not signed by the channel's signer"),
  DEAL_ID_TAKEN(3, "the deal's number is in use with another opening"),
  TOO_MANY_LANES(3, "the channel has as many lanes as the provider keeps"),
  LANE_BUSY(3, "a running deal holds the lane"),
  LANE_BEHIND(3, "the provider holds a higher voucher of the lane"),
  CHANNEL_UNACCEPTABLE(3, "the provider does not take that channel"),
  CHANNEL_CLOSING(3, "the channel is being settled, or its end is agreed"),
  CLOSE_REFUSED(3, "the payee does not consent to the channel's end"),
  VOUCHER_MALFORMED(3, "a voucher's fields are out of range"),
  VOUCHER_UNEXPECTED(3, "a voucher came for a deal that takes none"),
  VOUCHER_WRONG_CHANNEL(3, "a voucher names another channel"),
  VOUCHER_WRONG_LANE(3, "a voucher names another lane"),
  VOUCHER_BAD_SIGNATURE(3, "a voucher is not signed by the channel's signer"),
  RESTART_BEHIND_PAID(3, "the restart asks from before what is paid"),
  EXCLUSIONS_CHANGED(3, "the restart leaves out other blocks than the first request"),
  UNPAID(3, "earlier deals were not paid"),
  RATE_LIMITED(3, "too many requests; try again later"),
  TOO_MANY_DEALS(3, "too many deals run already"),
  TOO_MANY_EXCLUSIONS(3, "the request lists too many blocks to leave out"),
  BAD_PROPOSAL(3, "the proposal does not fit the request that carries it"),
  BUSY(3, "the node has no room for more work"),
  SHUTTING_DOWN(3, "the provider is stopping; try again when it is back"),
  INTERVAL_OUT_OF_RANGE(3, "the payment intervals are out of range"),
  PEER_BLOCKED(3, "the peer misbehaved and is shut out for a while"),
  OVERCHARGED(3, "the provider asked for more than it sent"),
  // not found
  NOT_FOUND(4, "there is no such content"),
  NOT_OFFERED(4, "the content is here but has no price"),
  DAMAGED(4, "some of the content is damaged at the provider, and not sold until it is mended"),
  CHANNEL_UNKNOWN(4, "this home has no such channel"),
  PARTIAL(4, "the provider lacked some of the blocks"),
  // funds
  INSUFFICIENT_FUNDS(
      5,
      "the account does not hold enough: the ledger said INSUFFICIENT_BALANCE or"
          + " INSUFFICIENT_CREDIT"),
  INSUFFICIENT_DEPOSIT(5, "the channel does not hold enough"),
  DEPOSIT_USED(5, "the deposit is used up and may not be raised"),
  BUDGET_USED(5, "the budget of this command is used up"),
  BUDGET_EXCEEDED(5, "more would be signed than the deal's budget"),
  MAX_DEPOSIT(5, "more would lie in the channel than payments.max-deposit allows"),
  // verification failed
  VERIFICATION_FAILED(6, "what was received is not what was asked for"),
  BLOCK_HASH_MISMATCH(6, "a block does not match its CID"),
  NOT_OUR_VOUCHER(6, "a voucher to adopt was not signed here"),
  // unreachable or timed out
  UNREACHABLE(7, "the peer cannot be reached"),
  WRONG_PEER(7, "another peer answers at that address"),
  TIMEOUT(7, "the peer did not answer in time"),
  PAYMENT_TIMEOUT(7, "the client did not pay in time"),
  CHAIN_STALE(7, "the ledger's view is too old"),
  NOT_CONFIRMED(7, "the ledger did not confirm in time; the same command goes on"),
  NOT_SIGNED(7, "the remote signer did not sign; the same command goes on"),
  CONNECTION_LOST(7, "the connection was lost"),
  // interrupted
  INTERRUPTED(130, "interrupted; the same command goes on where it stopped");

  private static final Set<DealCode> TRANSIENT =
      EnumSet.of(RATE_LIMITED, BUSY, TOO_MANY_DEALS, SHUTTING_DOWN);

  private final int exit;
  private final String meaning;

  DealCode(int exit, String meaning) {
    this.exit = exit;
    this.meaning = meaning;
  }

  @Override
  public int exit() {
    return exit;
  }

  @Override
  public String meaning() {
    return meaning;
  }

  /** Whether a refusal is one of the moment: the same may well be taken a little later. */
  public boolean isTransient() {
    return TRANSIENT.contains(this);
  }

  /** The code of that name; names not known here count as {@link #REFUSED}. */
  public static DealCode named(String name) {
    for (DealCode code : values()) {
      if (code.name().equals(name)) {
        return code;
      }
    }
    return REFUSED;
  }
}
