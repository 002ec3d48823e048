package io.sluice.payments.ledger.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.payments.ledger.evm.contract.ContractCode;
import io.sluice.payments.ledger.evm.contract.ContractCode.Bounds;
import io.sluice.payments.voucher.CloseConsent;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.Keccak;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.web3j.abi.FunctionEncoder;
import org.web3j.abi.datatypes.Address;
import org.web3j.abi.datatypes.StaticStruct;
import org.web3j.abi.datatypes.Type;
import org.web3j.abi.datatypes.generated.Uint128;
import org.web3j.abi.datatypes.generated.Uint32;
import org.web3j.abi.datatypes.generated.Uint64;
import org.web3j.crypto.Credentials;
import org.web3j.crypto.RawTransaction;
import org.web3j.crypto.TransactionEncoder;
import org.web3j.protocol.Web3j;
import org.web3j.protocol.core.DefaultBlockParameterName;
import org.web3j.protocol.core.methods.request.Transaction;
import org.web3j.protocol.http.HttpService;

/** The contract as deployed says the same as Sluice does of codes, ids and digests. */
class ContractOnChainTest {
  private static final Bounds BOUNDS = new Bounds(60, 86400);
  private static final SigningKey KEY = SigningKey.of(filled(32, 0x46));
  private static final EvmAddress PAYEE = EvmAddress.of(filled(20, 0xaa));
  private static final Bytes32 SALT = Bytes32.of(filled(32, 0x55));
  private static final TokenAmount MOST =
      new TokenAmount(BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE));

  private Anvil anvil;
  private Web3j chain;
  private Domain domain;

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  @BeforeEach
  void deploy() throws IOException, InterruptedException {
    Anvil.needed();
    anvil = Anvil.start();
    chain = Web3j.build(new HttpService(anvil.url().toString()));
    RawTransaction creation =
        RawTransaction.createTransaction(
            Anvil.CHAIN_ID,
            BigInteger.ZERO,
            BigInteger.valueOf(5_000_000),
            "",
            BigInteger.ZERO,
            HexFormat.of().formatHex(ContractCode.carried().creation(BOUNDS)),
            BigInteger.valueOf(1_000_000_000),
            BigInteger.valueOf(10_000_000_000L));
    Credentials account =
        Credentials.create(HexFormat.of().formatHex(anvil.keys().getFirst().secret()));
    String sent =
        "0x" + HexFormat.of().formatHex(TransactionEncoder.signMessage(creation, account));
    String hash = chain.ethSendRawTransaction(sent).send().getTransactionHash();
    var receipt = chain.ethGetTransactionReceipt(hash).send().getTransactionReceipt();
    while (receipt.isEmpty()) { // at first there may be none
      receipt = chain.ethGetTransactionReceipt(hash).send().getTransactionReceipt();
    }
    domain =
        new Domain(Anvil.CHAIN_ID, EvmAddress.parse(receipt.orElseThrow().getContractAddress()));
  }

  @AfterEach
  void close() {
    if (anvil != null) {
      chain.shutdown();
      anvil.close();
    }
  }

  private String ask(String function, Type<?>... arguments) throws IOException {
    String selector =
        HexFormat.of()
            .formatHex(Keccak.hash(function.getBytes(StandardCharsets.US_ASCII)).bytes())
            .substring(0, 8);
    String data = "0x" + selector + FunctionEncoder.encodeConstructor(Arrays.asList(arguments));
    Transaction call =
        Transaction.createEthCallTransaction(null, domain.contract().toString(), data);
    return chain.ethCall(call, DefaultBlockParameterName.LATEST).send().getValue();
  }

  private static org.web3j.abi.datatypes.generated.Bytes32 word(Bytes32 value) {
    return new org.web3j.abi.datatypes.generated.Bytes32(value.bytes());
  }

  private static Address address(EvmAddress address) {
    return new Address(address.toString());
  }

  @Test
  void givenADeployment_whenItsCodeIsLookedAt_thenItIsRecognised() throws IOException {
    String code =
        chain
            .ethGetCode(domain.contract().toString(), DefaultBlockParameterName.LATEST)
            .send()
            .getCode();

    assertEquals(
        Optional.of(BOUNDS),
        ContractCode.carried().recognise(HexFormat.of().parseHex(code.substring(2)), domain));
  }

  @Test
  void givenADeployment_whenAskedForIdsAndDigests_thenTheyAreThoseOfVouchers() throws IOException {
    Bytes32 id = domain.channelId(KEY.address(), PAYEE, KEY.address(), EvmAddress.ZERO, 60, SALT);
    Voucher voucher = new Voucher(id, Long.MAX_VALUE, 3, MOST);
    CloseConsent consent = new CloseConsent(id, MOST, 1_900_000_000);

    assertEquals(
        id.toString(),
        ask(
            "channelId(address,address,address,address,uint32,bytes32)",
            address(KEY.address()),
            address(PAYEE),
            address(KEY.address()),
            address(EvmAddress.ZERO),
            new Uint32(60),
            word(SALT)));
    assertEquals(
        voucher.digest(domain).toString(),
        ask(
            "voucherDigest((bytes32,uint64,uint64,uint128))",
            new StaticStruct(
                word(id),
                new Uint64(voucher.lane()),
                new Uint64(voucher.nonce()),
                new Uint128(MOST.value()))));
    assertEquals(
        consent.digest(domain).toString(),
        ask(
            "closeDigest(bytes32,uint128,uint64)",
            word(id),
            new Uint128(MOST.value()),
            new Uint64(consent.deadline())));
  }
}
