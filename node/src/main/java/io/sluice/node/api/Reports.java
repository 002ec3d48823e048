package io.sluice.node.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
import java.util.Optional;

/**
 * What commands report: each record is one JSON object of the command line's contract, its
 * components are the members in their order. Amounts, ids and 64-bit numbers are written as
 * strings; an absent member is left out.
 *
 * <p>It is one though it is long: these are the shapes of one contract, with hardly a method among
 * them, in the order of the commands. Whoever adds one has to see what the others call the same
 * thing; and several are made of others, so that a cut by subject would only send the reader from
 * file to file.
 */
public final class Reports {
  private Reports() {}

  /** A report of amounts of one token; those inside it are of that token, too. */
  public interface OfToken {
    /** The token's address, in its usual form; absent for the ledger's native coin. */
    Optional<String> paidIn();
  }

  /**
   * A token that amounts are written and shown in.
   *
   * @param address zero for the ledger's native coin
   */
  public record TokenReport(String symbol, String address, int decimals) {}

  /**
   * The tokens of a home.
   *
   * @param known those that amounts are written and shown in, the ledger's native coin first
   * @param accepted the addresses of those that channels pay in; the first is meant where no token
   *     is named
   */
  public record TokensReport(List<TokenReport> known, List<String> accepted) {}

  /** Sums over all channels and deals of a home that pay in one token, by its own books. */
  public record SumsReport(
      String token,
      TokenAmount earned,
      TokenAmount spent,
      TokenAmount owed,
      TokenAmount redeemed,
      TokenAmount outstanding)
      implements OfToken {
    @Override
    public Optional<String> paidIn() {
      return Optional.of(token);
    }
  }

  /** {@code id}: who this node is. */
  public record IdentityReport(
      String home, String peerId, String paymentAddress, List<String> addresses) {}

  /**
   * {@code status}: what the node is doing.
   *
   * @param earned of the first token that is paid in; {@code sums} has it of each
   * @param spent of the first token, too
   */
  public record StatusReport(
      boolean running,
      String peerId,
      long uptimeSeconds,
      int connections,
      int deals,
      long bytesServed,
      TokenAmount earned,
      TokenAmount spent,
      List<SumsReport> sums) {}

  /**
   * One imported path: its root and the distinct blocks beneath it. What is not complete is not
   * offered, whatever the price list says.
   */
  public record ImportReport(
      String path, String cid, long size, long blocks, boolean offered, boolean complete) {
    /** The same, of another name: that a user gave for what came another way. */
    public ImportReport of(String other) {
      return new ImportReport(other, cid, size, blocks, offered, complete);
    }
  }

  /**
   * The terms of an offer, as the price list and quotes show them.
   *
   * @param token what is paid in
   */
  public record PriceReport(
      Optional<String> token,
      TokenAmount pricePerMiB,
      TokenAmount fee,
      long interval,
      long intervalIncrease,
      long intervalMax)
      implements OfToken {
    @Override
    public Optional<String> paidIn() {
      return token;
    }
  }

  /**
   * {@code ls}, {@code stat}: one imported root.
   *
   * @param terms the best offer: in the first token of the configuration that there is a price in
   * @param prices all offers, best first
   */
  public record ContentReport(
      String cid,
      long size,
      long blocks,
      boolean complete,
      Optional<PriceReport> terms,
      List<PriceReport> prices,
      String name,
      boolean damaged,
      boolean denied) {}

  /**
   * {@code ls CID}: one entry of a folder.
   *
   * @param size bytes of the DAG beneath as the folder says it, unproven
   * @param kind {@code file}, {@code directory} or {@code symlink}; only if it was looked at
   * @param mode octal permissions, if they are kept
   * @param mtime when it last changed, if that is kept
   */
  public record EntryReport(
      String name,
      String cid,
      long size,
      Optional<String> kind,
      Optional<String> mode,
      Optional<String> mtime) {}

  /** {@code ls CID}: how many entries were listed. */
  public record ListingReport(String cid, long entries) {}

  /** {@code export}: what was written, and which entries could not be. */
  public record ExportReport(String cid, String out, long bytes, List<String> leftOut) {}

  /** {@code verify}: how many blocks were hashed again, and which were bad. */
  public record VerificationReport(long blocks, long bytes, List<String> bad) {}

  /** {@code gc}: what was let go. */
  public record GarbageReport(long freedBytes, long freedBlocks) {}

  /**
   * {@code ask show}: one line of the price list; {@code cid} is {@code *} for the default.
   *
   * @param token what is paid in
   */
  public record AskReport(
      String cid,
      Optional<String> token,
      TokenAmount pricePerMiB,
      TokenAmount fee,
      long interval,
      long intervalIncrease,
      long intervalMax)
      implements OfToken {
    @Override
    public Optional<String> paidIn() {
      return token;
    }
  }

  /**
   * {@code deny ls}: something that is not served, or somebody who is not; {@code cid} or {@code
   * peer}.
   */
  public record DenyReport(String kind, String name) {}

  /** One way of being paid that a provider offers. */
  public record PayeeReport(
      long chainId, String contract, String token, String address, Optional<String> symbol) {}

  /** One way of paying for some content, with what all of it costs so, where the size is known. */
  public record OfferReport(PriceReport terms, Optional<TokenAmount> total, PayeeReport payee)
      implements OfToken {
    @Override
    public Optional<String> paidIn() {
      return Optional.of(payee.token());
    }
  }

  /**
   * {@code query}: what some content would cost.
   *
   * @param terms of the provider's best offer, as are {@code total} and the first of {@code payees}
   * @param offers all of them, best first
   */
  public record QuoteReport(
      String cid,
      String provider,
      String status,
      Optional<Long> size,
      Optional<PriceReport> terms,
      Optional<TokenAmount> total,
      List<PayeeReport> payees,
      List<OfferReport> offers,
      String message)
      implements OfToken {
    @Override
    public Optional<String> paidIn() {
      return payees.stream().findFirst().map(PayeeReport::token);
    }
  }

  /** What one deal of a retrieval cost. */
  public record DealCostReport(String dealId, String provider, TokenAmount paid, long vouchers) {}

  /**
   * {@code retrieve}: how it ended.
   *
   * @param dealId the deal that brought the last of it; {@code channel}, {@code lane} and {@code
   *     provider} are that deal's
   * @param totalPaid by all of {@code deals} together, in so many {@code vouchers}
   * @param token what they paid in; absent if they paid nothing
   */
  public record RetrievalReport(
      String cid,
      Optional<String> dealId,
      String state,
      long bytes,
      long blocks,
      long durationMillis,
      Optional<Long> timeToFirstByteMillis,
      TokenAmount totalPaid,
      Optional<String> token,
      long vouchers,
      List<DealCostReport> deals,
      Optional<String> channel,
      Optional<Long> lane,
      Optional<String> provider,
      Optional<String> out,
      List<String> leftOut)
      implements OfToken {
    @Override
    public Optional<String> paidIn() {
      return token;
    }
  }

  /**
   * Where a running retrieval stands, a few times a second.
   *
   * @param token what it pays in; absent as long as it pays nothing
   */
  public record ProgressReport(
      String phase,
      long bytes,
      Optional<Long> total,
      TokenAmount paid,
      Optional<String> token,
      String note)
      implements OfToken {
    /** Of what costs nothing. */
    public ProgressReport(String phase, long bytes, Optional<Long> total, String note) {
      this(phase, bytes, total, TokenAmount.ZERO, Optional.empty(), note);
    }

    @Override
    public Optional<String> paidIn() {
      return token;
    }
  }

  /** {@code deals ls}: one deal of either role. */
  public record DealReport(
      String id,
      String role,
      String peer,
      String cid,
      String state,
      Optional<String> reason,
      long bytes,
      long charged,
      TokenAmount paid,
      TokenAmount credit,
      TokenAmount owed,
      TokenAmount base,
      long nonce,
      long vouchers,
      Optional<String> channel,
      Optional<Long> lane,
      Optional<String> token,
      String started,
      Optional<String> ended,
      Optional<TransferReport> transfer,
      List<TransitionReport> transitions)
      implements OfToken {
    @Override
    public Optional<String> paidIn() {
      return token;
    }
  }

  /**
   * {@code transfers ls}: one data-transfer channel of either role; bytes as it recorded them, or
   * as they are where it runs in this process and is no deal's.
   *
   * @param pausedBy {@code initiator}, {@code responder} or {@code both}; empty if neither has, or
   *     it has ended
   * @param voucherType of the voucher that it was opened with
   * @param vouchers those after the opening one; of a deal, its payments
   * @param results what the responder said to vouchers, and of its own accord
   * @param lastVoucher the newest of the vouchers; only where one transfer is shown
   * @param lastResult the newest of the results; only where one transfer is shown
   * @param started when it was opened; empty if that has been pruned
   */
  public record TransferReport(
      String id,
      String role,
      String direction,
      String peer,
      String root,
      String status,
      long sent,
      long received,
      long queued,
      Optional<String> pausedBy,
      String voucherType,
      long vouchers,
      long results,
      Optional<VoucherReport> lastVoucher,
      Optional<VoucherReport> lastResult,
      Optional<String> message,
      Optional<String> started,
      boolean ended,
      List<TransitionReport> transitions) {}

  /**
   * A voucher, or a result of one.
   *
   * @param value dag-json
   */
  public record VoucherReport(String type, String value) {}

  /** {@code push}: a push that is complete; bytes and blocks are those that this end sent. */
  public record PushReport(
      String id,
      String root,
      String peer,
      String state,
      long bytes,
      long blocks,
      long durationMillis) {}

  /**
   * {@code push} and {@code pull} by dsync: a DAG that the receiver now has as a whole.
   *
   * @param nodes its blocks
   * @param missing of these, blocks that the receiver lacked before
   * @param sent blocks that were sent for it, and their bytes
   * @param reason why nothing was sent, if nothing was
   */
  public record SyncReport(
      String root,
      String peer,
      long nodes,
      long missing,
      long sent,
      long bytes,
      String state,
      Optional<String> reason,
      long durationMillis) {}

  /**
   * {@code sync ls}, {@code sync status}, {@code sync add}: a neighbour that this node pulls from.
   *
   * @param lane {@code *} for everything, else a root
   * @param behind numbers of the neighbour's log that are not done; absent before the first contact
   * @param lagSeconds for how long something has been missing, 0 if nothing is
   * @param failed numbers of these that failed and are tried again
   * @param blocks that came, and their bytes
   * @param token what is paid in, if anything may be
   * @param spent for what the neighbour sells
   */
  public record NeighbourReport(
      String name,
      String peer,
      List<String> addresses,
      String lane,
      Optional<Long> behind,
      long lagSeconds,
      String state,
      Optional<String> reason,
      long failed,
      long blocks,
      long bytes,
      boolean both,
      Optional<String> token,
      Optional<TokenAmount> maxPricePerMiB,
      Optional<TokenAmount> maxTotal,
      TokenAmount spent)
      implements OfToken {
    @Override
    public Optional<String> paidIn() {
      return token;
    }
  }

  /**
   * {@code sync rm}: a neighbour that this node pulls from no more.
   *
   * @param stopped whether it pulls from here no more either, because this node asked it; absent if
   *     it was not to pull from here
   * @param left what is left to be done there if it is not, and why
   */
  public record SyncRemovalReport(
      String name, String peer, Optional<Boolean> stopped, Optional<String> left) {}

  /** {@code unpin}: what the other end no longer keeps. */
  public record UnpinReport(String root, String peer, String state) {}

  /** {@code receive ls}, {@code receive allow}: who may push. */
  public record ReceiveReport(String peer, Optional<Long> max, boolean pin) {}

  /**
   * {@code grants ls}, {@code grants add}: who may push, read without paying, and remove.
   *
   * @param holder a peer id, or what a token goes by
   * @param token a new token, told this once
   */
  public record GrantReport(
      String holder,
      boolean push,
      boolean read,
      boolean remove,
      Optional<Long> max,
      Optional<String> token) {}

  /** {@code deals show}, {@code transfers show}: one step. */
  public record TransitionReport(
      String time, String event, String before, String after, String note) {}

  /** {@code deals export}: the file written, and the head of its hash chain. */
  public record DealExportReport(String id, String out, long entries, String head) {}

  /** {@code deals replay}: the result of running an export through its table again. */
  public record DealReplayReport(String id, long entries, boolean identical, String state) {}

  /**
   * {@code books}: sums of this home, by channel.
   *
   * @param earned of the first token that is paid in, as the next four are; {@code sums} has them
   *     of each
   */
  public record BooksReport(
      TokenAmount earned,
      TokenAmount spent,
      TokenAmount owed,
      TokenAmount redeemed,
      TokenAmount outstanding,
      boolean sound,
      List<SumsReport> sums,
      List<ChannelReport> channels) {}

  /**
   * {@code books export}: what one deal was paid, or what a channel's vouchers are worth beyond its
   * deals.
   *
   * @param time when the deal ended, or began if it has not; absent of what is no deal's
   * @param peer the other end's peer id; of what is no deal's, its account
   * @param bytes charged
   * @param transaction the id of what redeemed it on the ledger; absent while nothing has
   */
  public record BookEntryReport(
      Optional<String> time,
      Optional<String> deal,
      String role,
      String peer,
      long bytes,
      TokenAmount amount,
      Optional<String> token,
      String channel,
      Optional<String> transaction)
      implements OfToken {
    @Override
    public Optional<String> paidIn() {
      return token;
    }
  }

  /** What an account has of a token: outside all channels, and what it may withdraw. */
  public record OwnedReport(String token, TokenAmount balance, TokenAmount credit)
      implements OfToken {
    @Override
    public Optional<String> paidIn() {
      return Optional.of(token);
    }
  }

  /**
   * {@code wallet ls}: one key.
   *
   * @param balance of the first token that is paid in, as is {@code credit}
   * @param owned of each
   */
  public record KeyReport(
      String address,
      @JsonProperty("default") boolean isDefault,
      Optional<TokenAmount> balance,
      Optional<TokenAmount> credit,
      List<OwnedReport> owned) {
    /** An account of which nothing more is known than that of the first token. */
    public KeyReport(
        String address,
        boolean isDefault,
        Optional<TokenAmount> balance,
        Optional<TokenAmount> credit) {
      this(address, isDefault, balance, credit, List.of());
    }
  }

  /**
   * {@code ledger show}: which ledger this is, what time it has, and what this home has on it.
   *
   * @param tokens those that are known here, the ledger's native coin first
   */
  public record LedgerReport(
      String kind,
      String path,
      long chainId,
      String contract,
      String time,
      long head,
      List<HoldingReport> tokens) {}

  /**
   * What the account in use has of a token.
   *
   * @param token its contract; absent for the ledger's native coin
   * @param isAccepted whether this home pays and is paid in it
   * @param balance outside all channels
   * @param credit what may be withdrawn
   */
  public record HoldingReport(
      String symbol,
      int decimals,
      Optional<String> token,
      @JsonProperty("accepted") boolean isAccepted,
      TokenAmount balance,
      TokenAmount credit)
      implements OfToken {
    @Override
    public Optional<String> paidIn() {
      return Optional.of(token.orElseGet(EvmAddress.ZERO::toString));
    }
  }

  /** One lane of a channel. */
  public record LaneReport(
      long lane, long nonce, TokenAmount amount, TokenAmount redeemed, Optional<String> deal) {}

  /** {@code channels ls}, {@code show}: one channel, from either end. */
  public record ChannelReport(
      String id,
      String role,
      String peer,
      String token,
      TokenAmount deposit,
      TokenAmount vouchered,
      TokenAmount redeemed,
      String state,
      Optional<String> settleAt,
      List<LaneReport> lanes)
      implements OfToken {
    @Override
    public Optional<String> paidIn() {
      return Optional.of(token);
    }
  }

  /** What a ledger operation did: the amount of a token that it moved, on which channel. */
  public record LedgerActionReport(
      String action,
      Optional<String> channel,
      Optional<String> token,
      TokenAmount amount,
      Optional<String> note)
      implements OfToken {
    @Override
    public Optional<String> paidIn() {
      return token;
    }
  }

  /**
   * {@code autopilot show}: something that will be done on the ledger without being told to; {@code
   * at} is absent if something else has to change first.
   */
  public record PlanReport(
      String action,
      Optional<String> channel,
      Optional<String> token,
      TokenAmount amount,
      Optional<String> at,
      String reason)
      implements OfToken {
    @Override
    public Optional<String> paidIn() {
      return token;
    }
  }

  /**
   * {@code peers ls}: one other node, and its first connection if there is one; {@code known} says
   * whether its addresses stand in the peers file.
   */
  public record PeerReport(
      String peer,
      boolean known,
      boolean connected,
      List<String> addresses,
      Optional<String> remoteAddress,
      Optional<String> direction,
      Optional<String> security,
      Optional<Long> roundTripMicros,
      Optional<String> agent) {}

  /** {@code peers perf}: bytes there and back, and how long each way took. */
  public record PerfReport(
      String peer, long uploadBytes, long uploadMillis, long downloadBytes, long downloadMillis) {}

  /** {@code peers ping}. */
  public record PingReport(String peer, long millis, List<String> protocols) {}

  /**
   * A payment channel contract that was put on a chain.
   *
   * @param chainId the chain
   * @param contract where it is
   */
  public record ContractReport(long chainId, String contract) {}
}
