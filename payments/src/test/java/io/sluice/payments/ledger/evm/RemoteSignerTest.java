package io.sluice.payments.ledger.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.voucher.AccountSigner;
import io.sluice.payments.voucher.CloseConsent;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.OpenClaim;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.TypedMessage;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.web3j.crypto.RawTransaction;
import org.web3j.crypto.TransactionEncoder;

/** A signer elsewhere: asked as it wants to be, and not believed. */
@Timeout(60)
class RemoteSignerTest {
  private static final long CHAIN = 314_159;
  private static final BigInteger ORDER =
      new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
  private static final EvmAddress CONTRACT = EvmAddress.of(filled(20, 0x12));
  private static final Domain DOMAIN = new Domain(CHAIN, CONTRACT);
  private static final SigningKey KEY = SigningKey.of(filled(32, 0x46));
  private static final SigningKey STRANGER = SigningKey.of(filled(32, 0x47));
  private static final Voucher VOUCHER =
      new Voucher(Bytes32.of(filled(32, 0xc3)), 7, 9, TokenAmount.of(1_000_000));

  private SigningServer server;
  private RemoteSigner signer;

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  @BeforeEach
  void open() throws IOException {
    server = new SigningServer(KEY, CHAIN);
    signer = new RemoteSigner(server.uri(), KEY.address(), Duration.ofSeconds(20));
  }

  @AfterEach
  void close() {
    signer.close();
    server.close();
  }

  private static byte[] unsigned(long nonce, int data) {
    return TransactionEncoder.encode(raw(CHAIN, nonce, CONTRACT, 0, data, 3_000_000_000L));
  }

  private static RawTransaction raw(
      long chain, long nonce, EvmAddress to, long value, int data, long most) {
    return RawTransaction.createTransaction(
        chain,
        BigInteger.valueOf(nonce),
        BigInteger.valueOf(90_000),
        to.toString(),
        BigInteger.valueOf(value),
        Hex.of(filled(data, 0xab)),
        BigInteger.valueOf(1_000),
        BigInteger.valueOf(most));
  }

  private IOException refused(String part) {
    IOException refused = assertThrows(IOException.class, () -> signer.signature(DOMAIN, VOUCHER));
    assertTrue(refused.getMessage().contains(part), refused.getMessage());
    return refused;
  }

  static final List<TypedMessage> MESSAGES =
      List.of(
          VOUCHER,
          new Voucher(
              Bytes32.of(new byte[32]),
              Long.MAX_VALUE,
              Long.MAX_VALUE,
              new TokenAmount(BigInteger.TWO.pow(128).subtract(BigInteger.ONE))),
          new OpenClaim(
              Bytes32.of(filled(32, 0)),
              Long.MAX_VALUE,
              1,
              Bytes32.of(filled(32, 1)),
              Bytes32.of(filled(32, 0xff)),
              Bytes32.of(filled(32, 3))),
          new CloseConsent(Bytes32.of(filled(32, 0x80)), TokenAmount.of(5), 1_800_000_000L));

  /** The server computes the digest from the text, with another encoder. */
  @ParameterizedTest
  @FieldSource("MESSAGES")
  void messagesOfAChannel_signedAsTheKeyWould(TypedMessage message) throws IOException {
    assertEquals(KEY.signature(DOMAIN, message), signer.signature(DOMAIN, message));
    Domain embedded = new Domain(Long.MAX_VALUE, CONTRACT);
    assertEquals(KEY.signature(embedded, message), signer.signature(embedded, message));
  }

  /** From a list of 55 bytes and less to one whose length takes two. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 55, 56, 68, 150, 220, 5_000})
  void transactions_signedAsTheKeyWould(int data) throws IOException {
    for (long nonce : new long[] {0, 1, 127, 128, 70_000}) {
      byte[] unsigned = unsigned(nonce, data);

      assertEquals(KEY.signTransaction(unsigned), signer.signTransaction(unsigned));
    }
  }

  /** One signature in 256 has a part that is a byte shorter; two zero bytes are rarer. */
  @Test
  void shortPartsOfSignatures_read() throws IOException {
    boolean shorter = false;
    for (long nonce = 0; nonce < 600 && !shorter; nonce++) {
      byte[] unsigned = unsigned(nonce, 4);
      byte[] signature = KEY.signTransaction(unsigned).bytes();
      if (signature[0] == 0 || signature[32] == 0) {
        shorter = true;
        assertEquals(KEY.signTransaction(unsigned), signer.signTransaction(unsigned));
      }
    }
    assertTrue(shorter);
  }

  @Test
  void ledgerSignsWithTheAccountThatSends() throws IOException {
    Map<EvmAddress, AccountSigner> accounts =
        Map.of(KEY.address(), signer, STRANGER.address(), STRANGER);
    TransactionSigner each = TransactionSigner.of(accounts);
    byte[] unsigned = unsigned(5, 4);

    assertEquals(KEY.signTransaction(unsigned), each.sign(KEY.address(), unsigned));
    assertEquals(STRANGER.signTransaction(unsigned), each.sign(STRANGER.address(), unsigned));
    assertThrows(IOException.class, () -> each.sign(CONTRACT, unsigned));
  }

  @Test
  void vFromZero_taken() throws IOException {
    server.signature =
        signature -> {
          byte[] bytes = signature.bytes();
          bytes[64] = (byte) (bytes[64] - 27);
          return Signature.of(bytes);
        };

    assertEquals(KEY.signature(DOMAIN, VOUCHER), signer.signature(DOMAIN, VOUCHER));
  }

  @Test
  void anotherAccount_refused() {
    server.key = STRANGER;

    refused("is not good for " + KEY.address());
    assertThrows(IOException.class, () -> signer.signTransaction(unsigned(1, 4)));
    assertThrows(IOException.class, signer::requireAccount);
  }

  @Test
  void accountThatIsThere_found() throws IOException {
    signer.requireAccount();
  }

  @Test
  void anotherChain_refused() {
    server.typedData = json -> json.replace("\"chainId\":" + CHAIN, "\"chainId\":1");
    server.transaction = asked -> raw(1, 5, CONTRACT, 0, 4, 3_000_000_000L);

    refused("is not good for");
    IOException refused =
        assertThrows(IOException.class, () -> signer.signTransaction(unsigned(5, 4)));
    assertTrue(refused.getMessage().contains("another transaction"), refused.getMessage());
  }

  @Test
  void higherAmount_refused() {
    server.typedData = json -> json.replace("1000000", "9000000");

    refused("is not good for");
  }

  static Map<String, RawTransaction> others() {
    return Map.of(
        "nonce", raw(CHAIN, 6, CONTRACT, 0, 4, 3_000_000_000L),
        "receiver", raw(CHAIN, 5, STRANGER.address(), 0, 4, 3_000_000_000L),
        "value", raw(CHAIN, 5, CONTRACT, 1, 4, 3_000_000_000L),
        "data", raw(CHAIN, 5, CONTRACT, 0, 5, 3_000_000_000L),
        "fee", raw(CHAIN, 5, CONTRACT, 0, 4, 4_000_000_000L));
  }

  static List<Map.Entry<String, RawTransaction>> changes() {
    return List.copyOf(others().entrySet());
  }

  @ParameterizedTest
  @MethodSource("changes")
  void anotherTransaction_refused(Map.Entry<String, RawTransaction> change) {
    server.transaction = asked -> change.getValue();

    assertThrows(IOException.class, () -> signer.signTransaction(unsigned(5, 4)));
  }

  /** Good for the account all the same, but not to the contract; and two forms of one signature. */
  @Test
  void upperHalfOfTheOrder_refused() {
    server.signature = RemoteSignerTest::malleated;

    refused("is not good for");
    assertThrows(IOException.class, () -> signer.signTransaction(unsigned(5, 4)));
  }

  private static Signature malleated(Signature signature) {
    byte[] bytes = signature.bytes();
    byte[] s = ORDER.subtract(new BigInteger(1, bytes, 32, 32)).toByteArray();
    byte[] word = new byte[32];
    int skip = Math.max(0, s.length - 32);
    System.arraycopy(s, skip, word, 32 - (s.length - skip), s.length - skip);
    System.arraycopy(word, 0, bytes, 32, 32);
    bytes[64] = (byte) (bytes[64] == 27 ? 28 : 27);
    return Signature.of(bytes);
  }

  /** Whatever byte is changed, lost or added. */
  @Test
  void anyByteOfATransactionChanged_refused() throws IOException {
    byte[] unsigned = unsigned(5, 4);
    UnsignedTransaction asked = new UnsignedTransaction(unsigned);
    String[] good = new String[1];
    server.result =
        text -> {
          good[0] = text;
          return text;
        };
    Signature signature = signer.signTransaction(unsigned);
    byte[] signed = Hex.bytes(good[0]);
    for (int at = 0; at < signed.length; at++) {
      for (int bit = 0; bit < Byte.SIZE; bit++) {
        byte[] flipped = signed.clone();
        flipped[at] ^= (byte) (1 << bit);
        assertNotTaken(asked, flipped, signature);
      }
      assertNotTaken(asked, Arrays.copyOf(signed, at), signature);
    }
    assertNotTaken(asked, Arrays.copyOf(signed, signed.length + 1), signature);
    assertEquals(signature, asked.signatureIn(signed));
  }

  /** A changed signature may be read as one, which is then another. */
  private static void assertNotTaken(UnsignedTransaction asked, byte[] bad, Signature signature) {
    try {
      assertFalse(asked.signatureIn(bad).equals(signature));
    } catch (IllegalArgumentException e) {
      // said
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0x", "0xzz", "0x00", "nonsense"})
  void answerThatIsNoSignature_refused(String text) {
    UnaryOperator<String> bad = any -> text;
    server.result = bad;

    refused("the signer at http://127.0.0.1:");
    assertThrows(IOException.class, () -> signer.signTransaction(unsigned(5, 4)));
  }

  @Test
  void refusal_saidWithoutWhatATerminalActsUpon() {
    server.answering =
        (asked, exchange) ->
            SigningServer.send(
                exchange,
                400,
                "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":-32000,\"message\":\"no\\u001b[31m"
                        .formatted(asked.get("id"))
                    + " key\"}}");

    IOException refused = refused("it refuses: no");
    assertFalse(refused.getMessage().contains("\u001b"));
  }

  @Test
  void noAnswer_givenUpInTime() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    server.answering =
        (asked, exchange) -> {
          exchange.sendResponseHeaders(200, 100);
          exchange.getResponseBody().write('{');
          exchange.getResponseBody().flush();
          try {
            over.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    try (RemoteSigner hasty =
        new RemoteSigner(server.uri(), KEY.address(), Duration.ofMillis(200))) {
      IOException refused = assertThrows(IOException.class, () -> hasty.signature(DOMAIN, VOUCHER));
      assertTrue(refused.getMessage().contains("no answer within"), refused.getMessage());
    } finally {
      over.countDown();
    }
  }

  @Test
  void tooMuch_cutOff() {
    server.answering =
        (asked, exchange) -> SigningServer.send(exchange, 200, "\"" + "f".repeat(1 << 20) + "\"");

    refused("the signer at ");
  }

  @Test
  void answerToAnotherQuestion_refused() {
    server.answering =
        (asked, exchange) ->
            SigningServer.send(exchange, 200, "{\"jsonrpc\":\"2.0\",\"id\":-1,\"result\":\"0x\"}");

    refused("answer to another question");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "<html>", "{}", "[]", "{\"result\":null}"})
  void noJsonRpc_refused(String text) {
    server.answering = (asked, exchange) -> SigningServer.send(exchange, 500, text);

    refused("the signer at ");
  }

  @Test
  void redirection_notFollowed() {
    server.answering =
        (asked, exchange) -> {
          exchange.getResponseHeaders().set("Location", "http://192.0.2.1/");
          exchange.sendResponseHeaders(307, -1);
        };

    refused("HTTP status 307");
  }

  @Test
  void nobodyThere_saidWhere() {
    URI uri = server.uri();
    server.close();

    refused("the signer at http://" + uri.getAuthority() + " did not sign: not reached");
  }
}
