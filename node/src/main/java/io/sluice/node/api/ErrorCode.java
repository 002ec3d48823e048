package io.sluice.node.api;

import io.sluice.protocol.FailureCode;
import io.sluice.protocol.retrieval.DealCode;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Why a command fails for reasons of its own; what deals and payments end for are {@link
 * DealCode}s.
 */
public enum ErrorCode implements FailureCode {
  // failed
  IO(1, "a file or a disk gave an error"),
  HOME_EXISTS(1, "the home is set up already"),
  HOME_IN_USE(1, "another node runs on this home"),
  BAD_PERMISSIONS(1, "others can read the home's secrets"),
  PORT_IN_USE(1, "another program listens on that address"),
  STORE_CORRUPT(1, "a file of the home cannot be trusted"),
  OUT_EXISTS(1, "the output file exists; --force replaces it"),
  DEAL_ENDED(1, "the deal has ended already"),
  TRANSFER_ENDED(1, "the transfer has ended already"),
  TRANSFER_OF_DEAL(1, "the transfer belongs to a deal, which decides"),
  TRANSFER_OF_PEER(1, "a peer opened the transfer, and vouchers for it are that peer's to give"),
  BAD_CAR(1, "the file is not a sound CAR"),
  PEER_DENIED(1, "this node's own rules keep it away from that peer or address"),
  SYNC_EXISTS(1, "there is a sync of this name, or of this neighbour and lane"),
  BAD_EXPORT(1, "the export file was changed or cut off"),
  NODE_JS_NEEDED(1, "a local chain needs Node.js with npm"),
  // usage
  USAGE(2, "the command line cannot be read"),
  BAD_CID(2, "not a valid CID"),
  BAD_ADDRESS(2, "not a valid address"),
  BAD_SELECTOR(2, "not a valid selector"),
  BAD_SCOPE(2, "not a part of content that can be asked for"),
  BAD_RANGE(2, "not a valid range of bytes"),
  BAD_SIZE(2, "not a valid size"),
  BAD_AMOUNT(2, "not a valid amount"),
  BAD_DATE(2, "not a valid date"),
  BAD_RATES(2, "the file of rates cannot be used"),
  BAD_CONFIG(2, "the configuration cannot be used"),
  NO_HOME(2, "the home is not set up; run init first"),
  NO_PASSPHRASE(2, "the keys are locked and no passphrase was found"),
  BAD_PASSPHRASE(2, "the passphrase does not open the keys"),
  NOT_RUNNING(2, "no node runs on this home"),
  // refused
  DSYNC_ONLY(3, "the peer takes no data transfers; it is pushed to by dsync"),
  // not found
  NO_SUCH_PATH(4, "the content has no such path"),
  NO_SUCH_DEAL(4, "there is no such deal"),
  HISTORY_PRUNED(4, "the beginning of the deal was deleted, as journal.retention says"),
  NO_SUCH_TRANSFER(4, "there is no such transfer"),
  NO_SUCH_CHANNEL(4, "there is no such channel"),
  NO_SUCH_KEY(4, "there is no such key"),
  NO_SUCH_ASK(4, "the price list has no such entry"),
  NOT_ALLOWED(4, "the peer may not push anyway"),
  NOT_GRANTED(4, "nothing was granted to that peer or token"),
  NO_SUCH_SYNC(4, "there is no such sync"),
  NO_SUCH_PEER(4, "no address is known of that peer"),
  NOT_DENIED(4, "the deny list has no such entry"),
  NO_SUCH_FILE(4, "there is no such file"),
  // verification failed
  REPLAY_DIFFERS(6, "the replay does not end where the record does");

  private final int exit;
  private final String meaning;

  ErrorCode(int exit, String meaning) {
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

  /** All reasons that a command can fail for, its own and those of deals, by exit code. */
  public static List<FailureCode> all() {
    return Stream.<FailureCode>concat(Stream.of(DealCode.values()), Stream.of(values()))
        .filter(code -> code.exit() != 0)
        .sorted(Comparator.comparingInt(FailureCode::exit))
        .toList();
  }

  /** The code of that name; names not known here count as {@link DealCode#REFUSED}. */
  public static FailureCode named(String name) {
    return Stream.of(values())
        .filter(code -> code.name().equals(name))
        .<FailureCode>map(code -> code)
        .findFirst()
        .orElseGet(() -> DealCode.named(name));
  }
}
