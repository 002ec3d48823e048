package io.sluice.payments.ledger.evm.contract;

import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.Keccak;
import io.sluice.protocol.retrieval.Bytes32;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * The code of the payment channel contract: what is sent to a chain to create one, and whether what
 * stands at an address is one.
 *
 * <p>The code at an address differs from one deployment to the next in the contract's immutables,
 * words that the constructor writes into it. So these are taken out before the code is hashed, and
 * judged one by one: whoever deploys code may put in other words than the constructor would, such
 * as the domain of another contract. Immutable.
 */
public final class ContractCode {
  /**
   * The only words that a deployment chooses: the bounds of the challenge period.
   *
   * @param minChallengeSeconds the shortest
   * @param maxChallengeSeconds the longest, below 2^32
   */
  public record Bounds(long minChallengeSeconds, long maxChallengeSeconds) {}

  private static final String NAME = "PaymentChannels";
  private static final String VERSION = "1";
  private static final int WORD = Bytes32.LENGTH;
  private static final BigInteger MAX_BOUND = BigInteger.ONE.shiftLeft(32).subtract(BigInteger.ONE);

  private final byte[] creation;
  private final int length;
  private final Bytes32 hash;
  private final Map<String, int[]> immutables;

  private ContractCode(byte[] creation, Properties facts) {
    this.creation = creation;
    this.length = Integer.parseInt(facts.getProperty("length"));
    this.hash = Bytes32.parse(facts.getProperty("hash"));
    this.immutables = new LinkedHashMap<>();
    for (String key : facts.stringPropertyNames()) {
      if (key.startsWith("immutable.")) {
        immutables.put(
            key.substring("immutable.".length()),
            Stream.of(facts.getProperty(key).split(",", -1)).mapToInt(Integer::parseInt).toArray());
      }
    }
  }

  /** The code that Sluice carries. */
  public static ContractCode carried() {
    try (InputStream code = resource("bin");
        InputStream facts = resource("code.properties")) {
      Properties properties = new Properties();
      properties.load(facts);
      String hex = new String(code.readAllBytes(), StandardCharsets.US_ASCII).strip();
      return new ContractCode(HexFormat.of().parseHex(hex), properties);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static InputStream resource(String suffix) {
    return Objects.requireNonNull(
        ContractCode.class.getResourceAsStream(NAME + "." + suffix), suffix);
  }

  /**
   * The data of a transaction that creates a contract with these bounds.
   *
   * @throws IllegalArgumentException unless 0 ≤ least ≤ most &lt; 2^32
   */
  public byte[] creation(Bounds bounds) {
    if (bounds.minChallengeSeconds() < 0
        || bounds.minChallengeSeconds() > bounds.maxChallengeSeconds()
        || bounds.maxChallengeSeconds() > MAX_BOUND.longValueExact()) {
      throw new IllegalArgumentException("not bounds of a challenge period: " + bounds);
    }
    byte[] data = Arrays.copyOf(creation, creation.length + 2 * WORD);
    put(data, creation.length, word(bounds.minChallengeSeconds()));
    put(data, creation.length + WORD, word(bounds.maxChallengeSeconds()));
    return data;
  }

  /**
   * The bounds of the contract whose code that is, if it is this contract's and was made for that
   * chain and address; empty if anything else stands there.
   */
  public Optional<Bounds> recognise(byte[] code, Domain domain) {
    if (code.length != length) {
      return Optional.empty();
    }
    byte[] masked = code.clone();
    for (int[] places : immutables.values()) {
      for (int place : places) {
        if (!Arrays.equals(word(code, place), word(code, places[0]))) {
          return Optional.empty();
        }
        put(masked, place, new byte[WORD]);
      }
    }
    if (!Keccak.hash(masked).equals(hash)) {
      return Optional.empty();
    }
    Map<String, byte[]> expected = constructed(domain);
    for (Map.Entry<String, byte[]> entry : expected.entrySet()) {
      if (!Arrays.equals(entry.getValue(), immutable(code, entry.getKey()))) {
        return Optional.empty();
      }
    }
    BigInteger least = new BigInteger(1, immutable(code, "minChallenge"));
    BigInteger most = new BigInteger(1, immutable(code, "maxChallenge"));
    return least.compareTo(most) > 0 || most.compareTo(MAX_BOUND) > 0
        ? Optional.empty()
        : Optional.of(new Bounds(least.longValueExact(), most.longValueExact()));
  }

  /** The immutables that follow from where the contract is. */
  private static Map<String, byte[]> constructed(Domain domain) {
    byte[] self = new byte[WORD];
    byte[] address = domain.contract().bytes();
    System.arraycopy(address, 0, self, WORD - address.length, address.length);
    return Map.of(
        "_cachedChainId", word(domain.chainId()),
        "_cachedDomainSeparator", domain.separator().bytes(),
        "_cachedThis", self,
        "_hashedName", Keccak.hash(ascii(NAME)).bytes(),
        "_hashedVersion", Keccak.hash(ascii(VERSION)).bytes(),
        "_name", shortString(NAME),
        "_version", shortString(VERSION));
  }

  private byte[] immutable(byte[] code, String name) {
    return word(code, Objects.requireNonNull(immutables.get(name), name)[0]);
  }

  /** Text of up to 31 bytes in one word: the bytes, and their number in the last. */
  private static byte[] shortString(String text) {
    byte[] word = Arrays.copyOf(ascii(text), WORD);
    word[WORD - 1] = (byte) text.length();
    return word;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] word(long value) {
    byte[] word = new byte[WORD];
    byte[] digits = BigInteger.valueOf(value).toByteArray();
    System.arraycopy(digits, 0, word, WORD - digits.length, digits.length);
    return word;
  }

  private static byte[] word(byte[] code, int place) {
    return Arrays.copyOfRange(code, place, place + WORD);
  }

  private static void put(byte[] code, int place, byte[] word) {
    System.arraycopy(word, 0, code, place, WORD);
  }
}
