package io.sluice.payments.ledger.evm;

import io.sluice.payments.ledger.evm.contract.ContractCode;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.Keccak;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;

/** The contract's code as it stands at an address, for chains that are only played. */
final class DeployedCode {
  private static final int WORD = 32;

  private DeployedCode() {}

  static byte[] of(ContractCode.Bounds bounds, Domain domain) {
    Properties facts = new Properties();
    try (InputStream in =
        Objects.requireNonNull(
            ContractCode.class.getResourceAsStream("PaymentChannels.code.properties"))) {
      facts.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] creation = ContractCode.carried().creation(bounds);
    int end = creation.length - 2 * WORD;
    byte[] code =
        Arrays.copyOfRange(creation, end - Integer.parseInt(facts.getProperty("length")), end);
    Map.of(
            "_cachedChainId", number(domain.chainId()),
            "_cachedThis", domain.contract().bytes(),
            "_cachedDomainSeparator", domain.separator().bytes(),
            "_hashedName", Keccak.hash(ascii("PaymentChannels")).bytes(),
            "_hashedVersion", Keccak.hash(ascii("1")).bytes(),
            "_name", text("PaymentChannels"),
            "_version", text("1"),
            "minChallenge", number(bounds.minChallengeSeconds()),
            "maxChallenge", number(bounds.maxChallengeSeconds()))
        .forEach((name, value) -> put(code, facts.getProperty("immutable." + name), value));
    return code;
  }

  private static void put(byte[] code, String places, byte[] value) {
    for (String place : places.split(",")) {
      int at = Integer.parseInt(place) + WORD - value.length;
      System.arraycopy(value, 0, code, at, value.length);
    }
  }

  private static byte[] number(long value) {
    return BigInteger.valueOf(value).toByteArray();
  }

  private static byte[] ascii(String value) {
    return value.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] text(String value) {
    byte[] word = Arrays.copyOf(ascii(value), WORD);
    word[WORD - 1] = (byte) value.length();
    return word;
  }
}
