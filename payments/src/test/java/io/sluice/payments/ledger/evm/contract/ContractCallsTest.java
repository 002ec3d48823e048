package io.sluice.payments.ledger.evm.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.payments.Samples;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.LedgerError;
import io.sluice.payments.ledger.LedgerEvent;
import io.sluice.payments.voucher.CloseConsent;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.web3j.abi.FunctionEncoder;
import org.web3j.abi.datatypes.Address;
import org.web3j.abi.datatypes.DynamicArray;
import org.web3j.abi.datatypes.DynamicBytes;
import org.web3j.abi.datatypes.Function;
import org.web3j.abi.datatypes.StaticStruct;
import org.web3j.abi.datatypes.Type;
import org.web3j.abi.datatypes.generated.Uint128;
import org.web3j.abi.datatypes.generated.Uint256;
import org.web3j.abi.datatypes.generated.Uint32;
import org.web3j.abi.datatypes.generated.Uint64;

/** Calls, errors and events against the contract's interface and another encoder. */
class ContractCallsTest {
  private static final IntentId ID = new IntentId("a");
  private static final EvmAddress ME = Samples.PAYER.address();
  private static final Bytes32 CHANNEL = Samples.CHANNEL;
  private static final SignedVoucher ONE = Samples.voucher(CHANNEL, 7, 3, 1_000_000);
  private static final SignedVoucher TWO = Samples.voucher(Samples.hash(8), 0, Long.MAX_VALUE, 5);

  private static Address address(EvmAddress value) {
    return new Address(value.toString());
  }

  private static org.web3j.abi.datatypes.generated.Bytes32 word(Bytes32 value) {
    return new org.web3j.abi.datatypes.generated.Bytes32(value.bytes());
  }

  private static StaticStruct struct(SignedVoucher voucher) {
    return new StaticStruct(
        word(voucher.voucher().channel()),
        new Uint64(voucher.voucher().lane()),
        new Uint64(voucher.voucher().nonce()),
        new Uint128(voucher.voucher().amount().value()));
  }

  private static DynamicBytes signature(SignedVoucher voucher) {
    return new DynamicBytes(voucher.signature().bytes());
  }

  private static String hex(byte[] bytes) {
    return "0x" + HexFormat.of().formatHex(bytes);
  }

  static List<Arguments> calls() {
    CloseConsent consent = new CloseConsent(CHANNEL, Samples.amount(50), 1_900_000_000);
    return List.of(
        arguments(
            new Intent.Open(
                ID,
                ME,
                Samples.PAYEE,
                ME,
                Samples.COIN,
                86_400,
                Samples.hash(5),
                Samples.amount(9)),
            "open",
            List.of(
                address(Samples.PAYEE),
                address(ME),
                address(Samples.COIN),
                new Uint32(86_400),
                word(Samples.hash(5)),
                new Uint128(9))),
        arguments(
            new Intent.TopUp(ID, ME, CHANNEL, Samples.amount(300)),
            "topUp",
            List.of(word(CHANNEL), new Uint128(300))),
        arguments(
            new Intent.Redeem(ID, ME, List.of(ONE)),
            "redeem",
            List.of(struct(ONE), signature(ONE))),
        arguments(new Intent.Settle(ID, ME, CHANNEL), "settle", List.of(word(CHANNEL))),
        arguments(new Intent.Collect(ID, ME, CHANNEL), "collect", List.of(word(CHANNEL))),
        arguments(
            new Intent.Close(ID, ME, CHANNEL, List.of()), "closeByPayee", List.of(word(CHANNEL))),
        arguments(
            new Intent.CloseByConsent(ID, ME, consent, ONE.signature()),
            "closeCooperative",
            List.of(word(CHANNEL), new Uint128(50), new Uint64(1_900_000_000), signature(ONE))),
        arguments(
            new Intent.Withdraw(ID, ME, Samples.COIN, ME, Samples.amount(77)),
            "withdraw",
            List.of(address(Samples.COIN), address(ME), new Uint256(77))));
  }

  @ParameterizedTest
  @MethodSource("calls")
  @SuppressWarnings("rawtypes") // as that encoder has them
  void sameAsAnotherEncoder(Intent intent, String name, List<Type> arguments) {
    String expected =
        FunctionEncoder.encode(new Function(name, new ArrayList<>(arguments), List.of()));

    assertEquals(expected, hex(ContractCalls.of(intent)));
  }

  /** Arguments alone: of lists of structs, that encoder gets the function's name wrong. */
  @Test
  void batches_sameAsAnotherEncoder() {
    for (List<SignedVoucher> batch : List.of(List.<SignedVoucher>of(), List.of(ONE, TWO))) {
      DynamicArray<StaticStruct> vouchers =
          new DynamicArray<>(
              StaticStruct.class, batch.stream().map(ContractCallsTest::struct).toList());
      DynamicArray<DynamicBytes> signatures =
          new DynamicArray<>(
              DynamicBytes.class, batch.stream().map(ContractCallsTest::signature).toList());
      String expected = FunctionEncoder.encodeConstructor(List.of(vouchers, signatures));

      assertEquals(
          hex(AbiWriter.selector(ContractCalls.REDEEM_MANY)) + expected,
          hex(ContractCalls.of(new Intent.Redeem(ID, ME, batch))));
      if (!batch.isEmpty()) {
        assertEquals(
            hex(AbiWriter.selector(ContractCalls.REDEEM_AND_CLOSE))
                + FunctionEncoder.encodeConstructor(List.of(vouchers, signatures, word(CHANNEL))),
            hex(ContractCalls.of(new Intent.Close(ID, ME, CHANNEL, batch))));
      }
    }
  }

  private static JsonNode contract() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            ContractCode.class.getResourceAsStream("PaymentChannels.abi.json"))) {
      return new ObjectMapper().readTree(in);
    }
  }

  private static Set<String> signatures(String kind) throws IOException {
    Set<String> found = new TreeSet<>();
    for (JsonNode entry : contract()) {
      if (entry.get("type").asText().equals(kind)) {
        found.add(entry.get("name").asText() + types(entry.get("inputs")));
      }
    }
    return found;
  }

  private static String types(JsonNode inputs) {
    List<String> types = new ArrayList<>();
    for (JsonNode input : inputs) {
      String type = input.get("type").asText();
      types.add(
          type.startsWith("tuple")
              ? types(input.get("components")) + type.substring("tuple".length())
              : type);
    }
    return "(" + String.join(",", types) + ")";
  }

  @Test
  void everyFunctionThatChangesSomething_isOneOfTheContract() throws IOException {
    Set<String> functions = signatures("function");
    for (String mine :
        List.of(
            ContractCalls.OPEN,
            ContractCalls.TOP_UP,
            ContractCalls.REDEEM,
            ContractCalls.REDEEM_MANY,
            ContractCalls.SETTLE,
            ContractCalls.COLLECT,
            ContractCalls.CLOSE,
            ContractCalls.REDEEM_AND_CLOSE,
            ContractCalls.CLOSE_COOPERATIVE,
            ContractCalls.WITHDRAW)) {
      assertTrue(functions.contains(mine), mine);
    }
  }

  @Test
  void everyErrorOfTheContract_isKnown() throws IOException {
    Set<String> neverHappen = Set.of("InvalidShortString()", "StringTooLong(string)");
    for (String error : signatures("error")) {
      if (!neverHappen.contains(error)) {
        byte[] data = Arrays.copyOf(AbiWriter.selector(error), 36);
        LedgerError read = Reverts.reason(data).error();
        assertTrue(read != LedgerError.REVERTED, error);
        boolean isForeign = error.startsWith("SafeERC20") || error.startsWith("ReentrancyGuard");
        assertEquals(isForeign ? "TransferFailed()" : error, read.contractName() + "()", error);
      }
    }
    for (LedgerError error : LedgerError.values()) {
      assertEquals(
          error.isOfContract(),
          signatures("error").contains(error.contractName() + "()"),
          error.name());
    }
  }

  @Test
  void otherReasons_forPeople() {
    assertEquals(LedgerError.REVERTED, Reverts.reason(new byte[0]).error());
    assertEquals(
        "reverted with the unknown error 0x01020304",
        Reverts.reason(new byte[] {1, 2, 3, 4}).message());
    byte[] text =
        AbiWriter.call("Error(string)")
            .number(32)
            .bytes("no\n way".getBytes(java.nio.charset.StandardCharsets.UTF_8))
            .done();
    assertEquals("reverted: no? way", Reverts.reason(text).message());
    byte[] bomb = AbiWriter.call("Error(string)").number(Long.MAX_VALUE / 32 * 32).number(0).done();
    assertEquals("reverted with a text that cannot be read", Reverts.reason(bomb).message());
  }

  private static List<Bytes32> topics(String event, List<Bytes32> indexed) {
    List<Bytes32> topics = new ArrayList<>();
    topics.add(AbiWriter.topic(event));
    topics.addAll(indexed);
    return topics;
  }

  private static Bytes32 word(BigInteger number) {
    return Bytes32.of(AbiWriter.arguments().number(number).done());
  }

  @Test
  void everyEventOfTheContract_isRead() throws IOException {
    LedgerEvent.Stamp at = new LedgerEvent.Stamp(1, Instant.EPOCH, ID);
    byte[] zeros = new byte[8 * 32];
    for (JsonNode entry : contract()) {
      if (entry.get("type").asText().equals("event")
          && !entry.get("name").asText().equals("EIP712DomainChanged")) {
        List<Bytes32> indexed = new ArrayList<>();
        for (JsonNode input : entry.get("inputs")) {
          if (input.get("indexed").asBoolean()) {
            indexed.add(word(BigInteger.ZERO));
          }
        }
        String signature = entry.get("name").asText() + types(entry.get("inputs"));
        LedgerEvent event =
            ContractEvents.read(topics(signature, indexed), zeros, at).orElseThrow();
        assertEquals(entry.get("name").asText(), event.getClass().getSimpleName());
        List<Bytes32> tooFew = topics(signature, List.of());
        assertThrows(IllegalArgumentException.class, () -> ContractEvents.read(tooFew, zeros, at));
      }
    }
    assertTrue(ContractEvents.read(topics("Other()", List.of()), zeros, at).isEmpty());
  }

  /** Anybody who opens a channel can make the contract log these: they must not stop the feed. */
  @Test
  void redeemedWithTheLargestNumbers_isRead() {
    BigInteger most64 = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
    BigInteger most128 = BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE);
    byte[] data =
        AbiWriter.arguments()
            .number(most64)
            .number(most128)
            .number(most128)
            .number(most128)
            .number(most128.shiftLeft(128))
            .done();
    List<Bytes32> topics =
        topics(
            "Redeemed(bytes32,uint64,uint64,uint128,uint128,uint128,uint256)",
            List.of(CHANNEL, word(most64)));

    LedgerEvent.Redeemed event =
        (LedgerEvent.Redeemed)
            ContractEvents.read(topics, data, new LedgerEvent.Stamp(1, Instant.EPOCH, ID))
                .orElseThrow();

    assertEquals(-1, event.lane());
    assertEquals(Long.MAX_VALUE, event.nonce());
    assertEquals(most128, event.total().value());
  }

  @Test
  void wordsThatDoNotFit_areNoAnswer() {
    byte[] high = AbiWriter.arguments().number(BigInteger.ONE.shiftLeft(200)).done();
    AbiReader reader = new AbiReader(high);
    assertThrows(IllegalArgumentException.class, () -> reader.amount(0));
    assertThrows(IllegalArgumentException.class, () -> reader.count(0));
    assertThrows(IllegalArgumentException.class, () -> reader.address(0));
    assertThrows(IllegalArgumentException.class, () -> reader.word(1));
    assertEquals(
        BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE), reader.cappedAmount(0).value());
  }
}
