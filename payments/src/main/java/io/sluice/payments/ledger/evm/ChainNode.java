package io.sluice.payments.ledger.evm;

import io.sluice.payments.ledger.evm.contract.ContractEvents;
import io.sluice.payments.ledger.evm.contract.ContractViews.View;
import io.sluice.payments.ledger.evm.contract.Reverts;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.web3j.protocol.Web3jService;
import org.web3j.protocol.core.Request;
import org.web3j.protocol.core.Response;
import org.web3j.protocol.core.methods.response.EthBlock;
import org.web3j.protocol.core.methods.response.EthCall;
import org.web3j.protocol.core.methods.response.EthChainId;
import org.web3j.protocol.core.methods.response.EthEstimateGas;
import org.web3j.protocol.core.methods.response.EthFeeHistory;
import org.web3j.protocol.core.methods.response.EthGetBalance;
import org.web3j.protocol.core.methods.response.EthGetCode;
import org.web3j.protocol.core.methods.response.EthGetTransactionCount;
import org.web3j.protocol.core.methods.response.EthGetTransactionReceipt;
import org.web3j.protocol.core.methods.response.EthLog;
import org.web3j.protocol.core.methods.response.EthMaxPriorityFeePerGas;
import org.web3j.protocol.core.methods.response.EthSendTransaction;
import org.web3j.protocol.core.methods.response.EthTransaction;
import org.web3j.protocol.core.methods.response.Log;
import org.web3j.protocol.core.methods.response.TransactionReceipt;

/**
 * The questions to one endpoint, with their answers in our own terms: each is checked for form and
 * range and against the question. {@link EndpointException} says that the endpoint did not do its
 * part, {@link RpcErrorException} that it answered with an error.
 */
final class ChainNode {
  static final String LATEST = "latest";
  private static final String PENDING = "pending";
  private static final String FINALIZED = "finalized";
  private static final int MAX_LOGS = 10_000;

  /** As many blocks back as make a price, and where in each. */
  private static final int FEE_BLOCKS = 20;

  private static final int MIDDLE = 50;
  private static final int MAX_TOPICS = 4;
  private static final BigInteger MOST = BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE);

  /** Where programs of Filecoin put the reason, which others have in a field of its own. */
  private static final Pattern REASON_IN_TEXT = Pattern.compile("revert reason=\\[(0x[0-9a-f]*)");

  private final Web3jService service;
  private final EvmAddress contract;

  ChainNode(Web3jService service, EvmAddress contract) {
    this.service = service;
    this.contract = contract;
  }

  private interface AnswerReader<R, T> {
    T read(R response);
  }

  /** The answer; an error is thrown, what cannot be read is the endpoint's fault. */
  private <R extends Response<?>, T> T ask(
      String method, List<?> params, Class<R> type, AnswerReader<R, T> reader) throws IOException {
    R response = send(method, params, type);
    if (response.hasError()) {
      throw error(response);
    }
    return read(method, response, reader);
  }

  private <R extends Response<?>> R send(String method, List<?> params, Class<R> type)
      throws IOException {
    return service.send(new Request<>(method, params, service, type), type);
  }

  private static RpcErrorException error(Response<?> response) {
    return new RpcErrorException(response.getError().getCode(), message(response));
  }

  private static String message(Response<?> response) {
    String message = response.getError().getMessage();
    return message == null ? "an error" : message;
  }

  private static <R, T> T read(String method, R response, AnswerReader<R, T> reader)
      throws EndpointException {
    try {
      return reader.read(response);
    } catch (IllegalArgumentException | NullPointerException | ProtocolException e) {
      throw EndpointException.bad("bad answer to " + method, e);
    } catch (UnsupportedOperationException e) { // the parent of the library's own
      throw EndpointException.bad("bad answer to " + method, e);
    }
  }

  long chainId() throws IOException {
    return ask("eth_chainId", List.of(), EthChainId.class, r -> Hex.count(r.getResult()));
  }

  byte[] code() throws IOException {
    return ask(
        "eth_getCode",
        List.of(contract.toString(), LATEST),
        EthGetCode.class,
        r -> Hex.bytes(r.getResult()));
  }

  /** The newest block. */
  Block latest() throws IOException {
    return block(LATEST).orElseThrow(() -> EndpointException.behind("it has no newest block"));
  }

  /** The newest block that the chain itself holds for final; empty if there is none yet. */
  Optional<Block> finalized() throws IOException {
    return block(FINALIZED);
  }

  /**
   * The block of that number; empty if it is not there, on some chains also if it has no blocks.
   */
  Optional<Block> block(long number) throws IOException {
    Optional<Block> found;
    try {
      found = block(Hex.of(number));
    } catch (RpcErrorException e) {
      if (e.isEmptyEpoch()) {
        return Optional.empty();
      }
      throw e;
    }
    if (found.isPresent() && found.get().number() != number) {
      throw EndpointException.wrong(
          "block %d where %d was asked for".formatted(found.get().number(), number));
    }
    return found;
  }

  private Optional<Block> block(String which) throws IOException {
    return ask(
        "eth_getBlockByNumber",
        List.of(which, false),
        EthBlock.class,
        r -> Optional.ofNullable(r.getBlock()).map(ChainNode::block));
  }

  private static Block block(EthBlock.Block raw) {
    String fee = raw.getBaseFeePerGasRaw();
    return new Block(
        Hex.count(raw.getNumberRaw()),
        Hex.word(raw.getHash()),
        ContractEvents.time(Hex.count(raw.getTimestampRaw())),
        fee == null ? BigInteger.ZERO : Hex.number(fee).min(MOST));
  }

  /** Tries a call out, as things stand at the end of a block. */
  CallResult call(EvmAddress to, byte[] data, String at) throws IOException {
    return call(Map.of("to", to.toString(), "data", Hex.of(data)), at);
  }

  /** Tries a transaction out. */
  CallResult call(Transaction transaction, String at) throws IOException {
    return call(params(transaction), at);
  }

  private CallResult call(Map<String, String> params, String at) throws IOException {
    EthCall response = send("eth_call", List.of(params, at), EthCall.class);
    if (response.hasError()) {
      return reverted(response);
    }
    return new CallResult.Returned(
        read("eth_call", response, r -> RawBytes.of(Hex.bytes(r.getResult()))));
  }

  /**
   * Calls what only looks, as things stand at the end of a block.
   *
   * @throws IOException also if it is reverted
   */
  <T> T view(EvmAddress to, View<T> view, String at) throws IOException {
    return switch (call(to, view.call(), at)) {
      case CallResult.Reverted reverted ->
          throw new IOException(
              "%s: %s".formatted(to, Reverts.reason(reverted.data().bytes()).message()));
      case CallResult.Returned returned -> {
        try {
          yield view.read(returned.data().bytes());
        } catch (IllegalArgumentException e) {
          throw unreadable(to, e);
        }
      }
    };
  }

  /**
   * The contract's answers can be read, so a node has spoilt one that cannot. A token may answer
   * with anything, and no node is put aside for that.
   */
  private IOException unreadable(EvmAddress of, RuntimeException cause) {
    return of.equals(contract)
        ? EndpointException.bad("bad answer to a call of " + of, cause)
        : new IOException("token %s answers what cannot be read".formatted(of), cause);
  }

  private static CallResult.Reverted reverted(Response<?> response) throws IOException {
    String message = message(response);
    Optional<byte[]> data = revertData(response.getError().getData(), message);
    if (data.isEmpty() && !message.contains("revert")) {
      throw error(response);
    }
    return new CallResult.Reverted(data.map(RawBytes::of).orElse(RawBytes.EMPTY));
  }

  private static Optional<byte[]> revertData(@Nullable String field, String message) {
    Matcher inText = REASON_IN_TEXT.matcher(message);
    String text = inText.find() ? inText.group(1) : unquoted(field);
    try {
      byte[] data = Hex.bytes(text);
      return Reverts.isReason(data) ? Optional.of(data) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The library hands over the field as it stands in the JSON. */
  private static @Nullable String unquoted(@Nullable String field) {
    return field == null ? null : field.replace("\"", "");
  }

  /** What estimating a transaction's gas gives: the gas, or why it would be reverted. */
  sealed interface Estimate {
    /** It takes about so much. */
    record Gas(long units) implements Estimate {}

    /** It would be reverted, with those bytes as the reason. */
    record Reverted(RawBytes data) implements Estimate {}
  }

  Estimate estimate(Transaction transaction) throws IOException {
    return estimate(params(transaction));
  }

  /** The same for the creation of a contract. */
  Estimate estimateCreation(EvmAddress from, RawBytes code) throws IOException {
    return estimate(Map.of("from", from.toString(), "data", Hex.of(code)));
  }

  private Estimate estimate(Map<String, String> params) throws IOException {
    EthEstimateGas response = send("eth_estimateGas", List.of(params), EthEstimateGas.class);
    if (response.hasError()) {
      return new Estimate.Reverted(reverted(response).data());
    }
    return new Estimate.Gas(read("eth_estimateGas", response, r -> Hex.count(r.getResult())));
  }

  private static Map<String, String> params(Transaction transaction) {
    Map<String, String> params = new HashMap<>();
    params.put("from", transaction.from().toString());
    params.put("to", transaction.to().toString());
    params.put("data", Hex.of(transaction.data()));
    params.put("value", Hex.of(transaction.value().value()));
    return params;
  }

  /** What an account has of the native coin. */
  TokenAmount balance(EvmAddress account) throws IOException {
    return ask(
        "eth_getBalance",
        List.of(account.toString(), LATEST),
        EthGetBalance.class,
        r -> new TokenAmount(Hex.number(r.getResult()).min(MOST)));
  }

  /** How many nonces an account has used up by the end of a block. */
  long usedNonces(EvmAddress account, String at) throws IOException {
    return ask(
        "eth_getTransactionCount",
        List.of(account.toString(), at),
        EthGetTransactionCount.class,
        r -> Hex.count(r.getResult()));
  }

  /** The same, with those that only wait. */
  long takenNonces(EvmAddress account) throws IOException {
    return usedNonces(account, PENDING);
  }

  /** Whether the endpoint has a transaction of that hash, in a block or waiting for one. */
  boolean knows(Bytes32 transaction) throws IOException {
    return ask(
        "eth_getTransactionByHash",
        List.of(transaction.toString()),
        EthTransaction.class,
        r -> r.getTransaction().isPresent());
  }

  /** What became of a transaction, if it is in a block. */
  Optional<Receipt> receipt(Bytes32 transaction) throws IOException {
    Optional<Receipt> found =
        ask(
            "eth_getTransactionReceipt",
            List.of(transaction.toString()),
            EthGetTransactionReceipt.class,
            // Some programs answer with a receipt without a block while there is none.
            r ->
                r.getTransactionReceipt()
                    .filter(raw -> raw.getBlockHash() != null)
                    .map(this::receipt));
    if (found.isPresent() && !found.get().transaction().equals(transaction)) {
      throw EndpointException.wrong("receipt of another transaction");
    }
    return found;
  }

  private Receipt receipt(TransactionReceipt raw) {
    Bytes32 transaction = Hex.word(raw.getTransactionHash());
    Bytes32 blockHash = Hex.word(raw.getBlockHash());
    long block = Hex.count(raw.getBlockNumberRaw());
    List<ChainLog> logs = new ArrayList<>();
    for (Log log : raw.getLogs()) {
      if (EvmAddress.parse(log.getAddress()).equals(contract)) {
        ChainLog read = log(log);
        if (!read.transaction().equals(transaction)
            || !read.blockHash().equals(blockHash)
            || read.block() != block) {
          throw new IllegalArgumentException("a log of another transaction");
        }
        logs.add(read);
      }
    }
    return new Receipt(
        transaction,
        block,
        blockHash,
        Hex.count(raw.getStatus()) == 1,
        Hex.count(raw.getGasUsedRaw()),
        Optional.ofNullable(raw.getEffectiveGasPrice()).map(price -> Hex.number(price).min(MOST)),
        logs);
  }

  /** What the contract logged from one block to another, both included, in order, each once. */
  List<ChainLog> logs(long from, long to) throws IOException {
    return ask(
        "eth_getLogs",
        List.of(
            Map.of(
                "address", contract.toString(), "fromBlock", Hex.of(from), "toBlock", Hex.of(to))),
        EthLog.class,
        r -> logs(r, from, to));
  }

  private List<ChainLog> logs(EthLog response, long from, long to) {
    List<ChainLog> logs = new ArrayList<>();
    for (EthLog.LogResult<?> result : response.getLogs()) {
      if (!(result.get() instanceof Log raw)
          || !EvmAddress.parse(raw.getAddress()).equals(contract)) {
        throw new IllegalArgumentException("a log of another contract");
      }
      ChainLog log = log(raw);
      if (log.block() < from || log.block() > to || logs.size() == MAX_LOGS) {
        throw new IllegalArgumentException("logs of other blocks, or too many");
      }
      if (!logs.isEmpty() && !follows(logs.getLast(), log)) {
        throw new IllegalArgumentException("logs out of order");
      }
      logs.add(log);
    }
    return logs;
  }

  private static boolean follows(ChainLog before, ChainLog log) {
    return log.block() > before.block()
        || (log.block() == before.block()
            && log.index() > before.index()
            && log.blockHash().equals(before.blockHash()));
  }

  private static ChainLog log(Log raw) {
    if (raw.isRemoved() || raw.getTopics().size() > MAX_TOPICS) {
      throw new IllegalArgumentException("a log that was removed, or of another form");
    }
    return new ChainLog(
        Hex.count(raw.getBlockNumberRaw()),
        Hex.word(raw.getBlockHash()),
        Hex.word(raw.getTransactionHash()),
        Hex.count(raw.getLogIndexRaw()),
        raw.getTopics().stream().map(Hex::word).toList(),
        RawBytes.of(Hex.bytes(raw.getData())));
  }

  /** What has to be paid for a unit of gas above the base fee, by the endpoint's own experience. */
  BigInteger suggestedTip() throws IOException {
    return ask(
        "eth_maxPriorityFeePerGas",
        List.of(),
        EthMaxPriorityFeePerGas.class,
        r -> Hex.number(r.getResult()).min(MOST));
  }

  /**
   * What gas did cost of late.
   *
   * @param nextBaseFee what a unit costs in the next block at least
   * @param tips what was paid beside it in each of the last blocks, in the middle of each
   */
  record FeeHistory(BigInteger nextBaseFee, List<BigInteger> tips) {
    FeeHistory {
      tips = List.copyOf(tips);
    }
  }

  FeeHistory feeHistory() throws IOException {
    return ask(
        "eth_feeHistory",
        List.of(Hex.of(FEE_BLOCKS), LATEST, List.of(MIDDLE)),
        EthFeeHistory.class,
        r -> feeHistory(r.getFeeHistory()));
  }

  private static FeeHistory feeHistory(EthFeeHistory.FeeHistory raw) {
    List<String> baseFees = raw.getBaseFeePerGasRaw();
    List<List<String>> rewards = raw.getRewardRaw();
    if (baseFees.isEmpty() || rewards.size() > FEE_BLOCKS) {
      throw new IllegalArgumentException("fees of no block, or of too many");
    }
    return new FeeHistory(
        Hex.number(baseFees.getLast()).min(MOST),
        rewards.stream().map(block -> Hex.number(block.getFirst()).min(MOST)).toList());
  }

  /** What an endpoint said to a transaction, and in which words. */
  record Sent(SendVerdict verdict, String message) {}

  /** Hands over a signed transaction. */
  Sent send(SignedTransaction transaction) throws IOException {
    EthSendTransaction response =
        send(
            "eth_sendRawTransaction",
            List.of(Hex.of(transaction.bytes())),
            EthSendTransaction.class);
    if (response.hasError()) {
      String message = error(response).getMessage();
      return new Sent(SendVerdict.of(String.valueOf(message)), String.valueOf(message));
    }
    Bytes32 said = read("eth_sendRawTransaction", response, r -> Hex.word(r.getTransactionHash()));
    if (!said.equals(transaction.hash())) {
      throw EndpointException.wrong("hash of another transaction");
    }
    return new Sent(SendVerdict.TAKEN, "");
  }

  /** What a call gives that is only tried out. */
  sealed interface CallResult {
    /** It returned that. */
    record Returned(RawBytes data) implements CallResult {}

    /** It would be reverted, with those bytes as the reason. */
    record Reverted(RawBytes data) implements CallResult {}
  }
}
