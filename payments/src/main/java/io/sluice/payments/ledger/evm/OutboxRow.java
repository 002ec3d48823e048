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
    Optional<Mined> mined) {

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

  private static final MapCodec<Mined> MINED =
      MapCodec.of(
          f ->
              new Mined(
                  f.get("Transaction", HASH, Mined::transaction),
                  f.get("Block", LONG, Mined::block),
                  f.get("BlockHash", HASH, Mined::blockHash),
                  f.get("Succeeded", BOOL, Mined::succeeded)));

  private static final MapCodec<Transaction> TRANSACTION =
      MapCodec.of(
          f ->
              new Transaction(
                  f.get("From", ADDRESS, Transaction::from),
                  f.get("To", ADDRESS, Transaction::to),
                  f.get("Value", AMOUNT, Transaction::value),
                  f.get("Data", RawBytes.CODEC, Transaction::data)));

  /** The stored form, version 1. */
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
                  f.find("Mined", MINED, OutboxRow::mined)));

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
        Optional.empty());
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

  /** At its end nobody is handed its bytes any more; its names are kept. */
  OutboxRow ended(OutboxState end) {
    return with(versions.stream().map(SignedTransaction::nameOnly).toList(), end, sentAt, mined);
  }

  private OutboxRow with(
      List<SignedTransaction> all, OutboxState to, long since, Optional<Mined> where) {
    return new OutboxRow(key, intent, transaction, nonce, gas, all, to, since, where);
  }
}
