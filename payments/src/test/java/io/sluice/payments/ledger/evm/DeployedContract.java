package io.sluice.payments.ledger.evm;

import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.evm.contract.ContractCode;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.Keccak;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.web3j.abi.FunctionEncoder;
import org.web3j.abi.datatypes.Address;
import org.web3j.abi.datatypes.DynamicArray;
import org.web3j.abi.datatypes.DynamicBytes;
import org.web3j.abi.datatypes.StaticStruct;
import org.web3j.abi.datatypes.Type;
import org.web3j.abi.datatypes.Uint;
import org.web3j.abi.datatypes.generated.Uint128;
import org.web3j.abi.datatypes.generated.Uint32;
import org.web3j.abi.datatypes.generated.Uint64;
import org.web3j.protocol.core.Request;
import org.web3j.protocol.core.Response;
import org.web3j.protocol.http.HttpService;

/**
 * The contract on a test chain, called plainly: each call is a block of its own at a time that the
 * test chooses, sent by whatever account it names.
 */
public final class DeployedContract implements AutoCloseable {
  private static final HexFormat HEX = HexFormat.of();
  private static final String VOUCHER = "(bytes32,uint64,uint64,uint128)";
  private static final String GAS = "0x4c4b40";

  /** The names of the contract's errors, by the four bytes that stand for them. */
  private static final Map<String, String> ERRORS =
      Stream.of(
              "ZeroAddress,SameParty,ZeroAmount,ChallengeOutOfRange,ChannelExists,ChannelNotOpen",
              "ChannelSettling,NotSettled,WrongValue,TokenAmountMismatch,BadSignature,NotPayer",
              "NotPayee,DeadlinePassed,AmountOutOfRange,InsufficientCredit,TransferFailed",
              "LengthMismatch,BatchTooLarge,WrongChannel,TooLate")
          .flatMap(names -> Stream.of(names.split(",")))
          .collect(Collectors.toMap(name -> "0x" + selector(name + "()"), Function.identity()));

  private final HttpService chain;
  private final Domain domain;

  private DeployedContract(HttpService chain, Domain domain) {
    this.chain = chain;
    this.domain = domain;
  }

  /** Deploys one, from the chain's first account. */
  public static DeployedContract on(Anvil anvil, long minChallenge, long maxChallenge)
      throws IOException {
    HttpService chain = new HttpService(anvil.url().toString());
    byte[] creation =
        ContractCode.carried().creation(new ContractCode.Bounds(minChallenge, maxChallenge));
    String transaction =
        (String)
            ask(
                chain,
                "eth_sendTransaction",
                Map.of(
                    "from",
                    anvil.keys().getFirst().address().toString(),
                    "data",
                    "0x" + HEX.formatHex(creation)));
    Map<?, ?> receipt = receipt(chain, transaction);
    EvmAddress address = EvmAddress.parse((String) receipt.get("contractAddress"));
    return new DeployedContract(chain, new Domain(Anvil.CHAIN_ID, address));
  }

  /** An answer whatever it is. */
  private static final class Answer extends Response<Object> {}

  private static Object ask(HttpService chain, String method, Object... parameters)
      throws IOException {
    Answer answer =
        chain.send(
            new Request<>(method, Arrays.asList(parameters), chain, Answer.class), Answer.class);
    if (answer.hasError()) {
      throw new IOException(method + ": " + answer.getError().getMessage());
    }
    return answer.getResult();
  }

  private static Map<?, ?> receipt(HttpService chain, String transaction) throws IOException {
    Object receipt = null;
    while (receipt == null) { // at first there may be none
      receipt = ask(chain, "eth_getTransactionReceipt", transaction);
    }
    return (Map<?, ?>) receipt;
  }

  private static String selector(String signature) {
    byte[] hash = Keccak.hash(signature.getBytes(StandardCharsets.US_ASCII)).bytes();
    return HEX.formatHex(hash, 0, 4);
  }

  private static String data(String signature, Type<?>... arguments) {
    return "0x" + selector(signature) + FunctionEncoder.encodeConstructor(List.of(arguments));
  }

  /** The chain and the contract's address. */
  public Domain domain() {
    return domain;
  }

  /** The newest block's time, in seconds. */
  public long time() throws IOException {
    Map<?, ?> block = (Map<?, ?>) ask(chain, "eth_getBlockByNumber", "latest", false);
    return Long.decode((String) block.get("timestamp"));
  }

  /**
   * Makes the call that an intent stands for.
   *
   * @param time of the block it is in, later than that of the block before
   * @return the name of the error by which the contract refused it, if it did
   */
  public Optional<String> send(Intent intent, long time) throws IOException {
    ask(chain, "evm_setNextBlockTimestamp", time);
    String transaction =
        (String)
            ask(
                chain,
                "eth_sendTransaction",
                Map.of(
                    "from",
                    intent.sender().toString(),
                    "to",
                    domain.contract().toString(),
                    "gas",
                    GAS,
                    "value",
                    "0x" + value(intent).toString(16),
                    "data",
                    data(intent)));
    if (receipt(chain, transaction).get("status").equals("0x1")) {
      return Optional.empty();
    }
    Map<?, ?> trace =
        (Map<?, ?>)
            ask(chain, "debug_traceTransaction", transaction, Map.of("tracer", "callTracer"));
    String output = String.valueOf(trace.get("output"));
    return Optional.of(ERRORS.getOrDefault(output, output));
  }

  private static BigInteger value(Intent intent) {
    return switch (intent) {
      case Intent.Open open -> open.amount().value();
      case Intent.TopUp topUp -> topUp.amount().value();
      default -> BigInteger.ZERO;
    };
  }

  private static String data(Intent intent) {
    return switch (intent) {
      case Intent.Open open ->
          data(
              "open(address,address,address,uint32,bytes32,uint128)",
              address(open.payee()),
              address(open.signer()),
              address(open.token()),
              new Uint32(open.challengeSeconds()),
              word(open.salt()),
              amount(open.amount()));
      case Intent.TopUp topUp ->
          data("topUp(bytes32,uint128)", word(topUp.channel()), amount(topUp.amount()));
      case Intent.Redeem redeem ->
          data(
              "redeemMany(" + VOUCHER + "[],bytes[])",
              vouchers(redeem.vouchers()),
              signatures(redeem.vouchers()));
      case Intent.Settle settle -> data("settle(bytes32)", word(settle.channel()));
      case Intent.Collect collect -> data("collect(bytes32)", word(collect.channel()));
      case Intent.Close close when close.vouchers().isEmpty() ->
          data("closeByPayee(bytes32)", word(close.channel()));
      case Intent.Close close ->
          data(
              "redeemAndClose(" + VOUCHER + "[],bytes[],bytes32)",
              vouchers(close.vouchers()),
              signatures(close.vouchers()),
              word(close.channel()));
      case Intent.CloseByConsent close ->
          data(
              "closeCooperative(bytes32,uint128,uint64,bytes)",
              word(close.consent().channel()),
              amount(close.consent().finalRedeemed()),
              new Uint64(close.consent().deadline()),
              new DynamicBytes(close.signature().bytes()));
      case Intent.Withdraw withdraw ->
          data(
              "withdraw(address,address,uint256)",
              address(withdraw.token()),
              address(withdraw.to()),
              new Uint(withdraw.amount().value()));
    };
  }

  private static DynamicArray<StaticStruct> vouchers(List<SignedVoucher> signed) {
    List<StaticStruct> all = new ArrayList<>();
    for (SignedVoucher each : signed) {
      Voucher voucher = each.voucher();
      all.add(
          new StaticStruct(
              word(voucher.channel()),
              new Uint64(voucher.lane()),
              new Uint64(voucher.nonce()),
              amount(voucher.amount())));
    }
    return new DynamicArray<>(StaticStruct.class, all);
  }

  private static DynamicArray<DynamicBytes> signatures(List<SignedVoucher> signed) {
    return new DynamicArray<>(
        DynamicBytes.class,
        signed.stream().map(each -> new DynamicBytes(each.signature().bytes())).toList());
  }

  private static Address address(EvmAddress address) {
    return new Address(address.toString());
  }

  private static Uint128 amount(TokenAmount amount) {
    return new Uint128(amount.value());
  }

  private static org.web3j.abi.datatypes.generated.Bytes32 word(Bytes32 value) {
    return new org.web3j.abi.datatypes.generated.Bytes32(value.bytes());
  }

  /** The contract's record of a channel: payer, challenge, settleAt, payee, status, and so on. */
  public List<BigInteger> channel(Bytes32 id) throws IOException {
    return view(data("channel(bytes32)", word(id)));
  }

  /** A lane: what it has paid in all, and its nonce. */
  public List<BigInteger> lane(Bytes32 id, long number) throws IOException {
    return view(data("lane(bytes32,uint64)", word(id), new Uint64(number)));
  }

  /** What an account can withdraw. */
  public BigInteger credit(EvmAddress token, EvmAddress account) throws IOException {
    return view(data("credit(address,address)", address(token), address(account))).getFirst();
  }

  private List<BigInteger> view(String data) throws IOException {
    String answer =
        (String)
            ask(
                chain,
                "eth_call",
                Map.of("to", domain.contract().toString(), "data", data),
                "latest");
    byte[] bytes = HEX.parseHex(answer.substring(2));
    List<BigInteger> words = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += Bytes32.LENGTH) {
      words.add(new BigInteger(1, bytes, at, Bytes32.LENGTH));
    }
    return words;
  }

  @Override
  public void close() throws IOException {
    chain.close();
  }
}
