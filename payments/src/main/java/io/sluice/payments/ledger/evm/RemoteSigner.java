package io.sluice.payments.ledger.evm;

import io.sluice.payments.voucher.AccountSigner;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.Keccak;
import io.sluice.payments.voucher.Signatures;
import io.sluice.payments.voucher.TypedMessage;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.web3j.protocol.core.Request;
import org.web3j.protocol.core.Response;
import org.web3j.protocol.core.methods.response.EthAccounts;
import org.web3j.protocol.core.methods.response.EthSign;

/**
 * Has an account's key, which this process never sees, sign by JSON-RPC over HTTP: {@code
 * eth_signTypedData} (its data in a text, as Web3Signer takes it) and {@code eth_signTransaction}.
 *
 * <p>Nothing that comes back is believed: a signature is checked against account and message before
 * it is handed on, a signed transaction compared with the one that was to be signed. An answer has
 * a largest size and a last moment. It is asked once: whoever wants a signature asks again.
 *
 * <p>Safe for many threads; {@link #close} ends what is under way.
 */
public final class RemoteSigner implements AccountSigner, AutoCloseable {
  /** A signed transaction in hex, and what goes around it. */
  private static final long MAX_ANSWER = 256 << 10;

  private final EvmAddress account;
  private final URI uri;
  private final HttpClient client;
  private final HttpRpc rpc;

  /**
   * A signer that is asked at that URL; nothing is asked yet.
   *
   * @param uri of http or https
   * @param account which of its accounts
   * @param timeout for one answer, until its last byte
   */
  public RemoteSigner(URI uri, EvmAddress account, Duration timeout) {
    this.account = account;
    this.uri = uri;
    this.client = HttpRpc.client(timeout);
    this.rpc = new HttpRpc(client, uri, timeout, MAX_ANSWER);
  }

  @Override
  public EvmAddress address() {
    return account;
  }

  /**
   * Asks whether it is there and has the account.
   *
   * @throws IOException if it is not, or does not
   */
  public void requireAccount() throws IOException {
    List<String> accounts = ask("eth_accounts", List.of(), EthAccounts.class);
    if (accounts.stream().noneMatch(account.toString()::equalsIgnoreCase)) {
      throw failed("it has no key of " + account, null);
    }
  }

  @Override
  public Signature signature(Domain domain, TypedMessage message) throws IOException {
    Object data = TypedDataJson.of(domain, message);
    String answer = ask("eth_signTypedData", List.of(account.toString(), data), EthSign.class);
    return checked(read(answer, RemoteSigner::signature), message.digest(domain));
  }

  @Override
  public Signature signTransaction(byte[] unsigned) throws IOException {
    UnsignedTransaction transaction = new UnsignedTransaction(unsigned);
    String answer = ask("eth_signTransaction", List.of(transaction.asked(account)), EthSign.class);
    return checked(read(answer, transaction::signatureIn), Keccak.hash(unsigned));
  }

  private Signature checked(Signature signature, Bytes32 digest) throws IOException {
    if (!Signatures.by(account, signature, digest)) {
      throw failed("what it signed is not good for " + account, null);
    }
    return signature;
  }

  private interface AnswerReader {
    Signature read(byte[] bytes);
  }

  private Signature read(String answer, AnswerReader reader) throws IOException {
    try {
      return reader.read(Hex.bytes(answer));
    } catch (IllegalArgumentException e) {
      throw failed("its answer is none: " + e.getMessage(), e);
    }
  }

  /** Some count v from 0. */
  private static Signature signature(byte[] bytes) {
    if (bytes.length != Signature.LENGTH) {
      throw new IllegalArgumentException("signature of " + bytes.length + " bytes");
    }
    int last = Signature.LENGTH - 1;
    if (bytes[last] == 0 || bytes[last] == 1) {
      bytes[last] = (byte) (bytes[last] + 27);
    }
    return Signature.of(bytes);
  }

  private <T, R extends Response<T>> T ask(String method, List<?> params, Class<R> type)
      throws IOException {
    R answer;
    try {
      answer = rpc.send(new Request<>(method, params, rpc, type), type);
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      throw failed(String.valueOf(e.getMessage()), e);
    }
    if (answer.hasError()) {
      Response.Error error = answer.getError();
      throw failed(
          "it refuses: " + new RpcErrorException(error.getCode(), error.getMessage()).getMessage(),
          null);
    }
    T result = answer.getResult();
    if (result == null) {
      throw failed("its answer is empty", null);
    }
    return result;
  }

  private IOException failed(String how, @Nullable Throwable e) {
    return new IOException("the signer at %s did not sign: %s".formatted(place(), how), e);
  }

  /** Without what may be secret in it. */
  private String place() {
    return uri.getScheme() + "://" + uri.getAuthority();
  }

  @Override
  public void close() {
    client.shutdownNow();
  }

  @Override
  public String toString() {
    return "RemoteSigner[" + account + " at " + place() + "]";
  }
}
