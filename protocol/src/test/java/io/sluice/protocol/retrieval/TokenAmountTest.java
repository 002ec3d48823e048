package io.sluice.protocol.retrieval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.ProtocolException;
import java.math.BigInteger;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenAmountTest {
  private static final BigInteger TOO_MUCH = BigInteger.ONE.shiftLeft(128);

  @ParameterizedTest
  @CsvSource({"0, ''", "1, 01", "127, 7f", "128, 80", "255, ff", "256, 0100", "2097152, 200000"})
  void givenAnAmount_thenItsBytesAreMinimalAndUnsigned(long units, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);

    assertArrayEquals(bytes, TokenAmount.of(units).bytes());
    assertEquals(TokenAmount.of(units), TokenAmount.ofBytes(bytes));
  }

  @ParameterizedTest
  @CsvSource({"0, ''", "2, 0002", "128, 0080", "2097152, 00200000"})
  void givenAnAmount_thenTheFilecoinFormHasASignByte(long units, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);

    assertArrayEquals(bytes, TokenAmount.of(units).signedBytes());
    assertEquals(TokenAmount.of(units), TokenAmount.ofSignedBytes(bytes));
  }

  @Test
  void givenMalformedBytes_thenTheyAreRefused() {
    assertThrows(ProtocolException.class, () -> TokenAmount.ofBytes(new byte[] {0, 1}));
    assertThrows(ProtocolException.class, () -> TokenAmount.ofBytes(new byte[17]));
    assertThrows(ProtocolException.class, () -> TokenAmount.ofSignedBytes(new byte[] {1, 1}));
    assertThrows(ProtocolException.class, () -> TokenAmount.parse("-1"));
    assertThrows(ProtocolException.class, () -> TokenAmount.parse("1e3"));
    assertThrows(ProtocolException.class, () -> TokenAmount.parse(TOO_MUCH.toString()));
  }

  @Test
  void givenSumsOutOfRange_thenTheyThrow() {
    TokenAmount most = new TokenAmount(TOO_MUCH.subtract(BigInteger.ONE));

    assertThrows(ArithmeticException.class, () -> most.plus(TokenAmount.of(1)));
    assertThrows(ArithmeticException.class, () -> TokenAmount.ZERO.minus(TokenAmount.of(1)));
    assertEquals(TokenAmount.ZERO, TokenAmount.of(1).minusOrZero(TokenAmount.of(2)));
  }
}
