package io.sluice.payments.ledger.evm;

import io.sluice.payments.ledger.evm.EvmSettings.RpcLimits;
import io.sluice.payments.ledger.evm.contract.ContractCode;
import io.sluice.payments.ledger.evm.contract.ContractCode.Bounds;
import io.sluice.payments.ledger.evm.contract.Reverts;
import io.sluice.payments.token.Token;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.Keccak;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.web3j.crypto.ContractUtils;

/**
 * Puts the contract on a chain. Whoever does it has no more to say there than anybody else.
 *
 * <p>What is sent is durable before any node is handed it. So the same deployment, by the same
 * account and with the same bounds, happens once: begun again after a kill it is found, handed out
 * once more where it was lost, and waited for.
 *
 * @param chainId the chain, which the endpoint has to be
 * @param endpoint where JSON-RPC is answered
 * @param coin the chain's own coin, in which it is paid
 * @param maxFeePerGas most that a unit of gas may cost
 * @param signer signs for the account
 * @param outbox the file of what was sent; of deployments on that chain alone
 * @param patience how long to wait for the block
 */
public record ContractDeployment(
    long chainId,
    URI endpoint,
    Token coin,
    BigInteger maxFeePerGas,
    TransactionSigner signer,
    Path outbox,
    Duration patience) {
  private static final Duration PAUSE = Duration.ofMillis(500);

  /**
   * Deploys and waits until the contract is there; finds it, if it was deployed before.
   *
   * @param account who pays for it
   * @param minChallenge shortest challenge period that channels may have, in whole seconds
   * @param maxChallenge longest, below 2^32 seconds
   * @return where it is
   * @throws IllegalArgumentException unless 0 ≤ shortest ≤ longest &lt; 2^32 seconds
   * @throws IOException if it did not work, or nobody knows whether it did: the message then has
   *     the address at which it may appear yet, and the same call goes on
   */
  public EvmAddress deploy(
      EvmAddress account, Duration minChallenge, Duration maxChallenge, Ticker ticker)
      throws IOException {
    Bounds bounds = new Bounds(minChallenge.toSeconds(), maxChallenge.toSeconds());
    RawBytes code = RawBytes.of(ContractCode.carried().creation(bounds));
    String key =
        "deploy:%s:%d:%d:%s"
            .formatted(
                account,
                bounds.minChallengeSeconds(),
                bounds.maxChallengeSeconds(),
                Keccak.hash(code.bytes()));
    RpcLimits limits = RpcLimits.DEFAULT;
    try (HttpClient client = HttpRpc.client(limits.timeout());
        OutboxFile file = OutboxFile.open(outbox, new Domain(chainId, EvmAddress.ZERO))) {
      HttpRpc rpc = new HttpRpc(client, endpoint, limits.timeout(), limits.maxAnswer());
      ChainNode chain = new ChainNode(rpc, account);
      if (chain.chainId() != chainId) {
        throw new IOException(
            "%s is chain %d, not %d".formatted(endpoint.getHost(), chain.chainId(), chainId));
      }
      Optional<OutboxRow> done = file.find(key).filter(row -> row.state() == OutboxState.FINAL);
      if (done.isPresent() && isThere(rpc, address(done.get()))) {
        return address(done.get());
      }
      OutboxRow row = begun(chain, file, key, account, code);
      EvmAddress contract = address(row);
      try {
        handOut(chain, file, row);
        await(chain, file, key, contract, ticker);
      } catch (EndpointException e) {
        throw new IOException(
            "%s; the contract may still appear at %s, and the same command goes on from here"
                .formatted(e.getMessage(), contract),
            e);
      }
      if (!isThere(rpc, contract)) {
        throw new IOException("what is at %s is not the contract".formatted(contract));
      }
      return contract;
    }
  }

  private boolean isThere(HttpRpc rpc, EvmAddress contract) throws IOException {
    return ContractCode.carried()
        .recognise(new ChainNode(rpc, contract).code(), new Domain(chainId, contract))
        .isPresent();
  }

  /** What was begun before, unless it can never happen; else it is begun now. */
  private OutboxRow begun(
      ChainNode chain, OutboxFile file, String key, EvmAddress account, RawBytes code)
      throws IOException {
    Optional<OutboxRow> known = file.find(key).filter(row -> !row.state().isEnd());
    if (known.isPresent() && !isLost(chain, known.get())) {
      return known.get();
    }
    if (known.isPresent()) {
      file.write(known.get().ended(OutboxState.REPLACED));
    }
    long nonce = chain.takenNonces(account);
    Fees fees = Fees.by(chain, chain.latest().baseFee(), maxFeePerGas);
    long gas = gas(chain, account, code);
    requireMoney(chain, account, fees, gas);
    Transaction creation = new Transaction(account, EvmAddress.ZERO, TokenAmount.ZERO, code);
    OutboxRow row =
        OutboxRow.signed(
            key, Optional.empty(), creation, nonce, gas, signed(creation, nonce, gas, fees));
    file.write(row);
    return row;
  }

  private SignedTransaction signed(Transaction creation, long nonce, long gas, Fees fees)
      throws IOException {
    return new TransactionForm(chainId, signer)
        .signCreation(creation.from(), creation.data(), nonce, gas, fees);
  }

  /** Whether something else has its nonce, for good. */
  private static boolean isLost(ChainNode chain, OutboxRow row) throws IOException {
    if (receipt(chain, row).isPresent()) {
      return false;
    }
    EvmAddress account = row.transaction().from();
    long height = chain.latest().number() - OutboxPlan.SURE;
    return height >= 0 && chain.usedNonces(account, Hex.of(height)) > row.nonce();
  }

  private static Optional<Receipt> receipt(ChainNode chain, OutboxRow row) throws IOException {
    for (SignedTransaction version : row.versions()) {
      Optional<Receipt> receipt = chain.receipt(version.hash());
      if (receipt.isPresent()) {
        return receipt;
      }
    }
    return Optional.empty();
  }

  private static EvmAddress address(OutboxRow row) {
    return EvmAddress.parse(
        ContractUtils.generateContractAddress(
            row.transaction().from().toString(), BigInteger.valueOf(row.nonce())));
  }

  private void handOut(ChainNode chain, OutboxFile file, OutboxRow row) throws IOException {
    ChainNode.Sent sent = chain.send(row.newest());
    if (sent.verdict() == SendVerdict.UNDERPRICED) {
      Fees now = Fees.by(chain, chain.latest().baseFee(), maxFeePerGas);
      Fees raised = row.newest().fees().raised(now, maxFeePerGas);
      if (!raised.equals(row.newest().fees())) {
        file.write(row.raised(signed(row.transaction(), row.nonce(), row.gas(), raised)));
        sent = chain.send(file.find(row.key()).orElseThrow().newest());
      }
    }
    switch (sent.verdict()) {
      case TAKEN, NONCE_USED -> {
        // Used by this very transaction, as a rule: its receipt is looked for.
      }
      case UNDERPRICED, TOO_POOR, UNKNOWN ->
          throw new IOException(
              "the contract was not taken: %s; the same command tries it again, as nonce %d of %s"
                  .formatted(sent.message(), row.nonce(), row.transaction().from()));
    }
    OutboxRow handedOut = file.find(row.key()).orElseThrow();
    file.write(handedOut.broadcast(chain.latest().number()));
  }

  private static long gas(ChainNode chain, EvmAddress account, RawBytes code) throws IOException {
    return switch (chain.estimateCreation(account, code)) {
      case ChainNode.Estimate.Gas gas -> Fees.padded(gas.units());
      case ChainNode.Estimate.Reverted reverted ->
          throw new IOException(
              "the contract cannot be created: "
                  + Reverts.reason(reverted.data().bytes()).message());
    };
  }

  private void requireMoney(ChainNode chain, EvmAddress account, Fees fees, long gas)
      throws IOException {
    TokenAmount owned = chain.balance(account);
    TokenAmount most = new TokenAmount(fees.most().multiply(BigInteger.valueOf(gas)));
    if (most.exceeds(owned)) {
      throw new IOException(
          "%s has %s for gas, and may need %s; %s missing"
              .formatted(
                  account, coin.show(owned), coin.show(most), coin.show(most.minusOrZero(owned))));
    }
  }

  private void await(
      ChainNode chain, OutboxFile file, String key, EvmAddress contract, Ticker ticker)
      throws IOException {
    long until = ticker.nanos() + patience.toNanos();
    OutboxRow row = file.find(key).orElseThrow();
    Optional<Receipt> receipt = receipt(chain, row);
    while (receipt.isEmpty()) {
      if (until - ticker.nanos() < 0) {
        throw new IOException(
            "transaction %s, nonce %d of %s, is in no block yet; the contract may still appear at"
                    .formatted(row.newest().hash(), row.nonce(), row.transaction().from())
                + " %s, and the same command goes on waiting for it".formatted(contract));
      }
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException(
            "interrupted; the contract may still appear at " + contract);
      }
      receipt = receipt(chain, row);
    }
    OutboxRow included = row.included(OutboxRow.Mined.of(receipt.get()));
    if (!receipt.get().succeeded()) {
      file.write(included.ended(OutboxState.FORGOTTEN));
      throw new IOException("transaction %s was reverted".formatted(receipt.get().transaction()));
    }
    file.write(included.ended(OutboxState.FINAL));
  }
}
