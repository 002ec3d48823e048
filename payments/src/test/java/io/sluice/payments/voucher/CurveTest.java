package io.sluice.payments.voucher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.Signature;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.web3j.utils.Numeric;

/** Native and not, there must be no difference: a voucher is checked by who knows which of them. */
@EnabledOnOs(OS.LINUX) // the native one comes for Linux only
class CurveTest {
  private final Curve java = new JavaCurve();
  private final Curve quick = NativeCurve.load().orElseThrow();
  private final Random random = new Random(7);

  private byte[] secret(int round) {
    BigInteger secret =
        switch (round) {
          case 0 -> BigInteger.ONE;
          case 1 -> Curve.ORDER.subtract(BigInteger.ONE);
          case 2 -> BigInteger.ONE.shiftLeft(200); // leading zeros
          default -> new BigInteger(256, random).mod(Curve.ORDER);
        };
    return Numeric.toBytesPadded(secret, 32);
  }

  private Bytes32 digest(int round) {
    byte[] bytes = new byte[Bytes32.LENGTH];
    if (round == 0) {
      Arrays.fill(bytes, (byte) 0xff); // more than the order
    } else if (round > 1) {
      random.nextBytes(bytes);
    }
    return Bytes32.of(bytes);
  }

  @Test
  void keysAndSignatures_theSameByBoth() {
    int odd = 0;
    for (int round = 0; round < 64; round++) {
      byte[] secret = secret(round);
      byte[] key = java.publicKey(secret);
      assertArrayEquals(key, quick.publicKey(secret), "key " + round);
      Bytes32 digest = digest(round);
      Signature signature = java.sign(digest, secret, key);
      assertEquals(signature, quick.sign(digest, secret, key), "signature " + round);
      assertArrayEquals(key, java.recover(signature, digest).orElseThrow());
      assertArrayEquals(key, quick.recover(signature, digest).orElseThrow());
      odd += signature.bytes()[64] - Curve.V_BASE;
    }
    assertTrue(odd > 10 && odd < 54, "both kinds of points: " + odd);
  }

  @Test
  void signaturesOfNobody_theSameByBoth() {
    int empty = 0;
    for (int round = 0; round < 64; round++) {
      byte[] bytes = new byte[Signature.LENGTH];
      random.nextBytes(bytes);
      bytes[0] = 0; // r below the order, half of them no point of the curve
      bytes[32] = 0;
      bytes[64] = (byte) (Curve.V_BASE + round % 2);
      Signature signature = Signature.of(bytes);
      Bytes32 digest = digest(2);
      Optional<String> expected = java.recover(signature, digest).map(Arrays::toString);
      assertEquals(expected, quick.recover(signature, digest).map(Arrays::toString));
      empty += expected.isEmpty() ? 1 : 0;
    }
    assertTrue(empty > 10 && empty < 54, "points and not: " + empty);
  }
}
