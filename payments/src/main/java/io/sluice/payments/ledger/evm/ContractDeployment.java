package io.sluice.payments.ledger.evm;

import io.sluice.payments.ledger.evm.EvmSettings.RpcLimits;
import io.sluice.payments.ledger.evm.contract.ContractCode;
import io.sluice.payments.ledger.evm.contract.ContractCode.Bounds;
import io.sluice.payments.ledger.evm.contract.Reverts;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;
import org.web3j.crypto.ContractUtils;

/**
 * Puts the contract on a chain. Whoever does it has no more to say there than anybody else.
 *
 * @param chainId the chain, which the endpoint has to be
 * @param endpoint where JSON-RPC is answered
 * @param maxFeePerGas most that a unit of gas may cost
 * @param signer signs for the account
 * @param patience how long to wait for the block
 */
public record ContractDeployment(
    long chainId,
    URI endpoint,
    BigInteger maxFeePerGas,
    TransactionSigner signer,
    Duration patience) {
  private static final Duration PAUSE = Duration.ofMillis(500);

  /**
   * Deploys and waits until the contract is there.
   *
   * @param account who pays for it
   * @param minChallenge shortest challenge period that channels may have, in whole seconds
   * @param maxChallenge longest, below 2^32 seconds
   * @return where it is
   * @throws IllegalArgumentException unless 0 ≤ shortest ≤ longest &lt; 2^32 seconds
   * @throws IOException if it did not work, or nobody knows whether it did: the message then has
   *     the address at which it may appear yet
   */
  public EvmAddress deploy(
      EvmAddress account, Duration minChallenge, Duration maxChallenge, Ticker ticker)
      throws IOException {
    byte[] code =
        ContractCode.carried()
            .creation(new Bounds(minChallenge.toSeconds(), maxChallenge.toSeconds()));
    RpcLimits limits = RpcLimits.DEFAULT;
    try (HttpClient client = HttpRpc.client(limits.timeout())) {
      HttpRpc rpc = new HttpRpc(client, endpoint, limits.timeout(), limits.maxAnswer());
      return deploy(rpc, account, code, ticker);
    }
  }

  private EvmAddress deploy(HttpRpc rpc, EvmAddress account, byte[] code, Ticker ticker)
      throws IOException {
    ChainNode chain = new ChainNode(rpc, account);
    if (chain.chainId() != chainId) {
      throw new IOException(
          "%s is chain %d, not %d".formatted(endpoint.getHost(), chain.chainId(), chainId));
    }
    long nonce = chain.takenNonces(account);
    Fees fees = Fees.suggested(chain.latest().baseFee(), tip(chain), maxFeePerGas);
    RawBytes data = RawBytes.of(code);
    long gas = gas(chain, account, data);
    requireMoney(chain, account, fees, gas);
    SignedTransaction signed =
        new TransactionForm(chainId, signer).signCreation(account, data, nonce, gas, fees);
    EvmAddress contract =
        EvmAddress.parse(
            ContractUtils.generateContractAddress(account.toString(), BigInteger.valueOf(nonce)));
    ChainNode.Sent sent = chain.send(signed);
    if (sent.verdict() != SendVerdict.TAKEN) {
      throw new IOException("the contract was not taken: " + sent.message());
    }
    await(chain, signed, contract, ticker);
    Domain domain = new Domain(chainId, contract);
    if (ContractCode.carried().recognise(new ChainNode(rpc, contract).code(), domain).isEmpty()) {
      throw new IOException("what is at %s is not the contract".formatted(contract));
    }
    return contract;
  }

  private static BigInteger tip(ChainNode chain) throws IOException {
    try {
      return chain.suggestedTip();
    } catch (RpcErrorException e) { // a chain without tips, or a program without that method
      return BigInteger.ZERO;
    }
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

  private static void requireMoney(ChainNode chain, EvmAddress account, Fees fees, long gas)
      throws IOException {
    TokenAmount owned = chain.balance(account);
    BigInteger most = fees.most().multiply(BigInteger.valueOf(gas));
    if (most.compareTo(owned.value()) > 0) {
      throw new IOException(
          "%s has %s for gas, and may need %s; %s are missing"
              .formatted(account, owned, most, most.subtract(owned.value())));
    }
  }

  private void await(ChainNode chain, SignedTransaction signed, EvmAddress contract, Ticker ticker)
      throws IOException {
    long until = ticker.nanos() + patience.toNanos();
    Optional<Receipt> receipt = chain.receipt(signed.hash());
    while (receipt.isEmpty()) {
      if (until - ticker.nanos() < 0) {
        throw new IOException(
            "transaction %s is in no block yet; the contract may still appear at %s"
                .formatted(signed.hash(), contract));
      }
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException(
            "interrupted; the contract may still appear at " + contract);
      }
      receipt = chain.receipt(signed.hash());
    }
    if (!receipt.get().succeeded()) {
      throw new IOException("transaction %s was reverted".formatted(signed.hash()));
    }
  }
}
