package io.sluice.node.api;

import io.sluice.payments.PaymentCode;
import java.util.EnumSet;
import java.util.Set;

/**
 * Every reason that a command or a deal can fail for, with the exit code of the command line. The
 * names travel in {@code --json} answers, in deal results on the wire and in metrics.
 */
public enum ErrorCode {
  // 1: failed
  INTERNAL(1, "something went wrong inside; run again with --log debug for the trace"),
  IO(1, "a file or a disk gave an error"),
  HOME_EXISTS(1, "the home is set up already"),
  HOME_IN_USE(1, "another node runs on this home"),
  BAD_PERMISSIONS(1, "others can read the home's secrets"),
  PORT_IN_USE(1, "another program listens on that address"),
  STORAGE_FULL(1, "the disk is too full to go on"),
  STORE_CORRUPT(1, "a file of the home cannot be trusted"),
  OUT_EXISTS(1, "the output file exists; --force replaces it"),
  DEAL_ENDED(1, "the deal has ended already"),
  CANCELLED(1, "the deal was called off"),
  BAD_CAR(1, "the file is not a sound CAR"),
  BAD_EXPORT(1, "the export file was changed or cut off"),
  TOO_MANY_RESTARTS(1, "the deal was restarted too often without moving on"),
  LEDGER_REFUSED(1, "the ledger refused the operation"),
  CHANNEL_IN_USE(1, "live deals use the channel"),
  NO_LANE(1, "the deal holds no lane"),
  // 2: usage
  USAGE(2, "the command line cannot be read"),
  BAD_CID(2, "that is no CID"),
  BAD_ADDRESS(2, "that is no address"),
  BAD_SELECTOR(2, "that is no selector"),
  BAD_SIZE(2, "that is no size"),
  BAD_AMOUNT(2, "that is no amount"),
  BAD_CONFIG(2, "the configuration cannot be used"),
  NO_HOME(2, "the home is not set up; run init first"),
  NO_PASSPHRASE(2, "the keys are locked and no passphrase was found"),
  BAD_PASSPHRASE(2, "the passphrase does not open the keys"),
  NOT_RUNNING(2, "no node runs on this home"),
  // 3: refused, by the provider or over the given price
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
  CHANNEL_CLOSING(3, "the channel is being settled"),
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
  // 4: not found
  NOT_FOUND(4, "there is no such content"),
  NOT_OFFERED(4, "the content is here but has no price"),
  NO_SUCH_PATH(4, "the content has no such path"),
  NO_SUCH_DEAL(4, "there is no such deal"),
  HISTORY_PRUNED(4, "the beginning of the deal was deleted, as journal.retention says"),
  NO_SUCH_CHANNEL(4, "there is no such channel"),
  NO_SUCH_KEY(4, "there is no such key"),
  NO_SUCH_ASK(4, "the price list has no such entry"),
  NO_SUCH_FILE(4, "there is no such file"),
  CHANNEL_UNKNOWN(4, "this home has no such channel"),
  PARTIAL(4, "the provider lacked some of the blocks"),
  // 5: funds
  INSUFFICIENT_FUNDS(5, "the account does not hold enough"),
  INSUFFICIENT_DEPOSIT(5, "the channel does not hold enough"),
  DEPOSIT_USED(5, "the deposit is used up and may not be raised"),
  BUDGET_USED(5, "the budget of this command is used up"),
  BUDGET_EXCEEDED(5, "more would be signed than the deal's budget"),
  MAX_DEPOSIT(5, "more would lie in the channel than payments.max-deposit allows"),
  // 6: verification failed
  VERIFICATION_FAILED(6, "what was received is not what was asked for"),
  BLOCK_HASH_MISMATCH(6, "a block does not match its CID"),
  REPLAY_DIFFERS(6, "the replay does not end where the record does"),
  NOT_OUR_VOUCHER(6, "a voucher to adopt was not signed here"),
  // 7: unreachable or timed out
  UNREACHABLE(7, "the peer cannot be reached"),
  WRONG_PEER(7, "another peer answers at that address"),
  TIMEOUT(7, "the peer did not answer in time"),
  PAYMENT_TIMEOUT(7, "the client did not pay in time"),
  CHAIN_STALE(7, "the ledger's view is too old"),
  NOT_CONFIRMED(7, "the ledger did not confirm in time; the same command goes on"),
  CONNECTION_LOST(7, "the connection was lost"),
  // 130: interrupted
  INTERRUPTED(130, "interrupted; the same command goes on where it stopped");

  private static final Set<ErrorCode> PASSING =
      EnumSet.of(RATE_LIMITED, BUSY, TOO_MANY_DEALS, SHUTTING_DOWN);

  private final int exit;
  private final String meaning;

  ErrorCode(int exit, String meaning) {
    this.exit = exit;
    this.meaning = meaning;
  }

  /** The exit code of a command that fails for this reason. */
  public int exit() {
    return exit;
  }

  /** What it means, in a few words for a person. */
  public String meaning() {
    return meaning;
  }

  /** What payments say to a command that asks them directly: all their names are ours, too. */
  public static ErrorCode of(PaymentCode code) {
    return valueOf(code.name());
  }

  /** What payments say to a deal, in the words of deals. */
  public static ErrorCode ofDeal(PaymentCode code) {
    return switch (code) {
      case BUDGET_EXCEEDED -> BUDGET_USED;
      case MAX_DEPOSIT -> DEPOSIT_USED;
      case NOT_CONFIRMED -> TIMEOUT;
      default -> of(code);
    };
  }

  /** Whether a refusal is one of the moment: the same may well be taken a little later. */
  public boolean passes() {
    return PASSING.contains(this);
  }

  /** The code of that name; names we do not know count as {@link #REFUSED}. */
  public static ErrorCode named(String name) {
    for (ErrorCode code : values()) {
      if (code.name().equals(name)) {
        return code;
      }
    }
    return REFUSED;
  }
}
