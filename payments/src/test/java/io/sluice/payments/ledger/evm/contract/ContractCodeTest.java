package io.sluice.payments.ledger.evm.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.payments.ledger.evm.contract.ContractCode.Bounds;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.Keccak;
import io.sluice.protocol.retrieval.EvmAddress;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ContractCodeTest {
  private static final Domain HERE =
      new Domain(314159, EvmAddress.parse("0x1234567890abcdef1234567890abcdef12345678"));
  private static final Bounds BOUNDS = new Bounds(3600, 86400);

  private final ContractCode carried = ContractCode.carried();
  private final Properties facts = new Properties();
  private final Map<String, int[]> immutables = new TreeMap<>();
  private byte[] deployed;

  /**
   * The code at an address as its constructor leaves it: the end of the creation code, words put
   * in.
   */
  @BeforeEach
  void deploy() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            ContractCode.class.getResourceAsStream("PaymentChannels.code.properties"))) {
      facts.load(in);
    }
    for (String key : facts.stringPropertyNames()) {
      if (key.startsWith("immutable.")) {
        immutables.put(
            key.substring("immutable.".length()),
            Stream.of(facts.getProperty(key).split(",")).mapToInt(Integer::parseInt).toArray());
      }
    }
    byte[] creation = carried.creation(BOUNDS);
    int end = creation.length - 64;
    deployed =
        Arrays.copyOfRange(creation, end - Integer.parseInt(facts.getProperty("length")), end);
    assertEquals(facts.getProperty("hash"), Keccak.hash(deployed).toString());

    put("_cachedChainId", new BigInteger("314159").toByteArray());
    put("_cachedThis", HERE.contract().bytes());
    put("_cachedDomainSeparator", HERE.separator().bytes());
    put("_hashedName", hash("PaymentChannels"));
    put("_hashedVersion", hash("1"));
    put("_name", shortString("PaymentChannels"));
    put("_version", shortString("1"));
    put("minChallenge", BigInteger.valueOf(3600).toByteArray());
    put("maxChallenge", BigInteger.valueOf(86400).toByteArray());
  }

  private static byte[] hash(String text) {
    return Keccak.hash(text.getBytes(StandardCharsets.US_ASCII)).bytes();
  }

  private static byte[] shortString(String text) {
    byte[] word = Arrays.copyOf(text.getBytes(StandardCharsets.US_ASCII), 32);
    word[31] = (byte) text.length();
    return word;
  }

  private void put(String immutable, byte[] value) {
    for (int place : Objects.requireNonNull(immutables.get(immutable))) {
      Arrays.fill(deployed, place, place + 32, (byte) 0);
      System.arraycopy(value, 0, deployed, place + 32 - value.length, value.length);
    }
  }

  @Test
  void givenItsCode_whenLookedAt_thenItsBoundsAreKnown() {
    assertEquals(Optional.of(BOUNDS), carried.recognise(deployed, HERE));
  }

  @Test
  void givenAnotherBit_whenLookedAt_thenItIsNotOurs() {
    for (int at = 0; at < deployed.length; at += 37) {
      deployed[at] ^= 1;
      assertEquals(Optional.empty(), carried.recognise(deployed, HERE), "at byte " + at);
      deployed[at] ^= 1;
    }
  }

  @Test
  void givenAnotherWordThanTheConstructorWrites_whenLookedAt_thenItIsNotOurs() {
    immutables.forEach(
        (name, places) -> {
          for (int place : places) {
            deployed[place] ^= 1;
            assertEquals(Optional.empty(), carried.recognise(deployed, HERE), name);
            deployed[place] ^= 1;
          }
        });
  }

  @Test
  void givenBoundsThatNoConstructorTakes_whenLookedAt_thenItIsNotOurs() {
    put("minChallenge", BigInteger.valueOf(86401).toByteArray());
    assertEquals(Optional.empty(), carried.recognise(deployed, HERE));

    put("minChallenge", new byte[0]);
    put("maxChallenge", BigInteger.ONE.shiftLeft(32).toByteArray());
    assertEquals(Optional.empty(), carried.recognise(deployed, HERE));
  }

  @Test
  void givenAnotherPlaceOrLength_whenLookedAt_thenItIsNotOurs() {
    assertEquals(Optional.empty(), carried.recognise(deployed, new Domain(314, HERE.contract())));
    assertEquals(
        Optional.empty(), carried.recognise(deployed, new Domain(314159, EvmAddress.ZERO)));
    assertEquals(
        Optional.empty(), carried.recognise(Arrays.copyOf(deployed, deployed.length + 1), HERE));
    assertEquals(Optional.empty(), carried.recognise(new byte[0], HERE));
  }

  @Test
  void givenBounds_whenCreated_thenTheyFollowTheCode() {
    byte[] creation = carried.creation(new Bounds(1, 0xffff_ffffL));

    byte[] words = new byte[64];
    words[31] = 1;
    Arrays.fill(words, 60, 64, (byte) 0xff);
    assertArrayEquals(words, Arrays.copyOfRange(creation, creation.length - 64, creation.length));
    assertThrows(
        IllegalArgumentException.class, () -> carried.creation(new Bounds(1, 0x1_0000_0000L)));
    assertThrows(IllegalArgumentException.class, () -> carried.creation(new Bounds(2, 1)));
    assertThrows(IllegalArgumentException.class, () -> carried.creation(new Bounds(-1, 1)));
  }
}
