package io.sluice.payments.ledger.evm;

import static io.sluice.protocol.ipld.NodeCodec.BOOL;
import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.ipld.NodeCodec.TEXT;
import static io.sluice.protocol.retrieval.FieldCodecs.ADDRESS;
import static io.sluice.protocol.retrieval.FieldCodecs.AMOUNT;
import static io.sluice.protocol.retrieval.FieldCodecs.HASH;

import io.sluice.payments.ledger.Intent;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.TokenAmount;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One nonce of an account and what it is used for.
 *
 * @param key what it is for: an intent's id, or a name made of one
 * @param intent the intent, if it is one that was submitted
 * @param transaction what is to be done
 * @param nonce never used for anything else here, as long as this can still happen
 * @param gas how much it may take
 * @param versions the same with ever higher fees, the newest last: any of them may be included
 * @param state how far it has come
 * @param sentAt the height at which the newest version was handed out first
 * @param mined where it is, once it is in a block
 * @param begun the chain's time when it was signed first; rows of before do not say
 * @param cost what gas has cost
 */
record OutboxRow(
    String key,
    Optional<Intent> intent,
    Transaction transaction,
    long nonce,
    long gas,
    List<SignedTransaction> versions,
    OutboxState state,
    long sentAt,
    Optional<Mined> mined,
    Optional<Instant> begun,
    Cost cost) {

  /**
   * Where a transaction is.
   *
   * @param transaction which of the versions
   * @param block the block's number
   * @param blockHash that block
   * @param succeeded whether it was not reverted
   */
  record Mined(Bytes32 transaction, long block, Bytes32 blockHash, boolean succeeded) {
    static Mined of(Receipt receipt) {
      return new Mined(
          receipt.transaction(), receipt.block(), receipt.blockHash(), receipt.succeeded());
    }
  }

  /**
   * What gas has cost, in the native coin's base units.
   *
   * @param before of transactions of the same key that were reverted
   * @param now of this one, once it was seen in a block
   */
  record Cost(TokenAmount before, TokenAmount now) {
    static final Cost NONE = new Cost(TokenAmount.ZERO, TokenAmount.ZERO);

    private static final MapCodec<Cost> CODEC =
        MapCodec.of(
            f -> new Cost(f.get("Before", AMOUNT, Cost::before), f.get("Now", AMOUNT, Cost::now)));

    TokenAmount sum() {
      return before.plus(now);
    }
  }

  private static final MapCodec<Mined> MINED =
      MapCodec.of(
          f ->
              new Mined(
                  f.get("Transaction", HASH, Mined::transaction),
                  f.get("Block", LONG, Mined::block),
                  f.get("BlockHash", HASH, Mined::blockHash),
                  f.get("Succeeded", BOOL, Mined::succeeded)));

  private static final BigInteger MOST = BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE);

  private static final MapCodec<Transaction> TRANSACTION =
      MapCodec.of(
          f ->
              new Transaction(
                  f.get("From", ADDRESS, Transaction::from),
                  f.get("To", ADDRESS, Transaction::to),
                  f.get("Value", AMOUNT, Transaction::value),
                  f.get("Data", RawBytes.CODEC, Transaction::data)));

  /** The stored form, version 1; what is not in all of them may be missing. */
  static final MapCodec<OutboxRow> CODEC =
      MapCodec.of(
          f ->
              new OutboxRow(
                  f.get("Key", TEXT, OutboxRow::key),
                  f.find("Intent", Intent.CODEC, OutboxRow::intent),
                  f.get("Call", TRANSACTION, OutboxRow::transaction),
                  f.get("Nonce", LONG, OutboxRow::nonce),
                  f.get("Gas", LONG, OutboxRow::gas),
                  f.get("Versions", SignedTransaction.CODEC.list(), OutboxRow::versions),
                  f.get("State", LONG.as(OutboxState::of, OutboxState::code), OutboxRow::state),
                  f.get("SentAt", LONG, OutboxRow::sentAt),
                  f.find("Mined", MINED, OutboxRow::mined),
                  f.find("Begun", LONG, row -> row.begun().map(Instant::getEpochSecond))
                      .map(Instant::ofEpochSecond),
                  f.find("Cost", Cost.CODEC, row -> Optional.of(row.cost())).orElse(Cost.NONE)));

  OutboxRow {
    versions = List.copyOf(versions);
    if (versions.isEmpty() || nonce < 0 || gas < 0) {
      throw new IllegalArgumentException("not a row of an outbox: " + key);
    }
  }

  /** A row whose first version was just signed. */
  static OutboxRow signed(
      String key,
      Optional<Intent> intent,
      Transaction transaction,
      long nonce,
      long gas,
      SignedTransaction version) {
    return new OutboxRow(
        key,
        intent,
        transaction,
        nonce,
        gas,
        List.of(version),
        OutboxState.SIGNED,
        0,
        Optional.empty(),
        Optional.empty(),
        Cost.NONE);
  }

  /** With the chain's time now, and what was spent on its key before. */
  OutboxRow begun(Instant now, TokenAmount spent) {
    return new OutboxRow(
        key,
        intent,
        transaction,
        nonce,
        gas,
        versions,
        state,
        sentAt,
        mined,
        Optional.of(now),
        new Cost(spent, TokenAmount.ZERO));
  }

  SignedTransaction newest() {
    return versions.getLast();
  }

  OutboxRow broadcast(long height) {
    long since = state == OutboxState.SIGNED ? height : sentAt;
    return with(versions, OutboxState.BROADCAST, since, Optional.empty());
  }

  /** With a version of higher fees, which nobody was handed yet. */
  OutboxRow raised(SignedTransaction version) {
    List<SignedTransaction> all = new ArrayList<>(versions);
    all.add(version);
    return with(all, OutboxState.SIGNED, sentAt, Optional.empty());
  }

  OutboxRow included(Mined where) {
    return with(versions, OutboxState.INCLUDED, sentAt, Optional.of(where));
  }

  /** With what a node says that gas has cost: no more than was allowed; zero if it does not say. */
  OutboxRow costing(BigInteger fee) {
    BigInteger most = newest().fees().most().multiply(BigInteger.valueOf(gas)).min(MOST);
    Cost paid = new Cost(cost.before(), new TokenAmount(fee.min(most)));
    return new OutboxRow(
        key,
        intent,
        transaction,
        nonce,
        gas,
        versions,
        state,
        sentAt,
        mined,
        begun,
        fee.signum() == 0 ? cost : paid);
  }

  /** What it is for, in a word: the intent's kind, {@code approve} or {@code fill}. */
  String operation() {
    if (intent.isEmpty()) {
      return key.startsWith("fill:") ? "fill" : "approve";
    }
    return switch (intent.get()) {
      case Intent.Open open -> "open";
      case Intent.TopUp topUp -> "top_up";
      case Intent.Redeem redeem -> "redeem";
      case Intent.Settle settle -> "settle";
      case Intent.Collect collect -> "collect";
      case Intent.Close close -> "close";
      case Intent.CloseByConsent close -> "close_by_consent";
      case Intent.Withdraw withdraw -> "withdraw";
    };
  }

  /** At its end nobody is handed its bytes any more; its names are kept. */
  OutboxRow ended(OutboxState end) {
    return with(versions.stream().map(SignedTransaction::nameOnly).toList(), end, sentAt, mined);
  }

  private OutboxRow with(
      List<SignedTransaction> all, OutboxState to, long since, Optional<Mined> where) {
    return new OutboxRow(key, intent, transaction, nonce, gas, all, to, since, where, begun, cost);
  }
}
