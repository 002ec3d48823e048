package io.sluice.payments.voucher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.TokenAmount;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The edges of keys, signatures and what is signed. The curve: SEC 2, 2.4.1. */
class SigningTest {
  private static final BigInteger ORDER =
      new BigInteger("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
  private static final BigInteger ONE = BigInteger.ONE;
  private static final BigInteger HALF = ORDER.shiftRight(1);

  /** The account of the secret 1, as every wallet has it. */
  private static final EvmAddress FIRST =
      EvmAddress.parse("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");

  private static final Bytes32 DIGEST = Keccak.hash("something to be signed");
  private static final Domain DOMAIN = new Domain(7, FIRST);

  private static byte[] bytes(BigInteger number) {
    return HexFormat.of().parseHex(String.format("%064x", number));
  }

  private static SigningKey key(BigInteger secret) {
    return SigningKey.of(bytes(secret));
  }

  // keys

  @Test
  void secrets_fromOneToTheOrderLessOne() {
    assertEquals(FIRST, key(ONE).address());
    assertEquals(
        EvmAddress.parse("0x80c0dbf239224071c59dd8970ab9d542e3414ab2"),
        key(ORDER.subtract(ONE)).address());
    for (BigInteger secret : List.of(BigInteger.ZERO, ORDER, ORDER.add(ONE))) {
      assertThrows(IllegalArgumentException.class, () -> key(secret));
    }
    for (int length : List.of(0, 31, 33)) {
      byte[] secret = new byte[length];
      if (length > 0) {
        secret[length - 1] = 1;
      }
      assertThrows(IllegalArgumentException.class, () -> SigningKey.of(secret));
    }
  }

  @Test
  void secret_comesOutAsItWentIn() {
    for (BigInteger secret : List.of(ONE, ORDER.subtract(ONE), ONE.shiftLeft(247))) {
      assertArrayEquals(bytes(secret), key(secret).secret());
    }
    assertEquals("SigningKey[" + FIRST + "]", key(ONE).toString());
  }

  @Test
  void generated_drawnAgainUntilItIsAKey() {
    Iterator<BigInteger> draws =
        List.of(BigInteger.ZERO, ORDER.add(ONE), ORDER, ORDER.subtract(ONE), ONE).iterator();
    SecureRandom random =
        new SecureRandom() {
          private static final long serialVersionUID = 1L;

          @Override
          public void nextBytes(byte[] into) {
            System.arraycopy(SigningTest.bytes(draws.next()), 0, into, 0, into.length);
          }
        };

    assertEquals(key(ORDER.subtract(ONE)).address(), SigningKey.generate(random).address());
    assertEquals(FIRST, SigningKey.generate(random).address());
  }

  // signatures

  private static Signature signature(BigInteger r, BigInteger s, int v) {
    byte[] all = Arrays.copyOf(bytes(r), Signature.LENGTH);
    System.arraycopy(bytes(s), 0, all, 32, 32);
    all[64] = (byte) v;
    return Signature.of(all);
  }

  @Test
  void signer_whoeverSignedAndNobodyElse() {
    Signature signature = key(ONE).sign(DIGEST);

    assertEquals(Optional.of(FIRST), Signatures.signer(signature, DIGEST));
    assertTrue(Signatures.by(FIRST, signature, DIGEST));
    assertFalse(Signatures.by(key(BigInteger.TWO).address(), signature, DIGEST));
    assertFalse(Signatures.by(FIRST, signature, Keccak.hash("something else")));
  }

  /** One form of each signature: a contract refuses the others. */
  @Test
  void signer_nobodyBeyondTheEdges() {
    byte[] good = key(ONE).sign(DIGEST).bytes();
    BigInteger r = new BigInteger(1, good, 0, 32);
    BigInteger s = new BigInteger(1, good, 32, 32);
    int v = good[64];
    assertEquals(Optional.of(FIRST), Signatures.signer(signature(r, s, v), DIGEST));
    assertTrue(Signatures.signer(signature(r, HALF, v), DIGEST).isPresent(), "the highest s");

    for (Signature bad :
        List.of(
            signature(r, HALF.add(ONE), v),
            signature(r, ORDER.subtract(s), 27 + 28 - v), // the same, the other way round
            signature(r, BigInteger.ZERO, v),
            signature(BigInteger.ZERO, s, v),
            signature(ORDER, s, v),
            signature(r, s, 26),
            signature(r, s, 29),
            signature(r, s, 0),
            signature(r, s, 1))) {
      assertEquals(Optional.empty(), Signatures.signer(bad, DIGEST), bad.toString());
    }
  }

  @Test
  void signedVoucher_bySomebody() {
    Voucher voucher = new Voucher(DIGEST, 0, 0, TokenAmount.of(5));
    SignedVoucher signed = key(ONE).sign(DOMAIN, voucher);

    assertTrue(signed.signedBy(FIRST));
    assertFalse(signed.signedBy(key(BigInteger.TWO).address()));
    assertEquals(signed, SignedVoucher.of(signed.payment(1, 0, false)));
  }

  @Test
  void paymentWithoutAChain_malformed() {
    Signature any = key(ONE).sign(DIGEST);
    for (long chain : List.of(0L, -1L)) {
      Payment payment =
          new Payment(1, chain, FIRST, DIGEST, 0, 0, TokenAmount.of(1), 0, false, any);
      if (chain == 0) {
        assertEquals(0, SignedVoucher.of(payment).domain().chainId());
      } else {
        assertEquals(
            "VOUCHER_MALFORMED",
            assertThrows(ProtocolException.class, () -> SignedVoucher.of(payment)).code());
      }
    }
  }

  // what is signed

  @Test
  void numbers_fromZeroOn() {
    TokenAmount some = TokenAmount.of(1);
    new Voucher(DIGEST, 0, 0, some);
    new OpenClaim(DIGEST, 0, 0, DIGEST, DIGEST, DIGEST);
    new CloseConsent(DIGEST, some, 0);
    assertEquals("0:" + FIRST, new Domain(0, FIRST).toString());
    for (org.junit.jupiter.api.function.Executable bad :
        List.<org.junit.jupiter.api.function.Executable>of(
            () -> new Voucher(DIGEST, -1, 0, some),
            () -> new Voucher(DIGEST, 0, -1, some),
            () -> new OpenClaim(DIGEST, -1, 0, DIGEST, DIGEST, DIGEST),
            () -> new OpenClaim(DIGEST, 0, -1, DIGEST, DIGEST, DIGEST),
            () -> new CloseConsent(DIGEST, some, -1),
            () -> new Domain(-1, FIRST))) {
      assertThrows(IllegalArgumentException.class, bad);
    }
  }

  /** One word each, whatever their size: {@code abi.encode} of uint256. */
  @Test
  void words_numbersOfEverySize() {
    for (int bits : List.of(0, 1, 8, 127, 128, 247, 248, 255, 256)) {
      BigInteger number = ONE.shiftLeft(bits).subtract(ONE);

      assertEquals(
          Keccak.hash(bytes(number), bytes(ONE)),
          new AbiWords(2).put(number).put(ONE).hash(),
          bits + " bits");
    }
  }
}
