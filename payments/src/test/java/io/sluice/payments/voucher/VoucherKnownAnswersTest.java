package io.sluice.payments.voucher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.web3j.crypto.StructuredDataEncoder;

/** Spec: PAYMENT CHANNELS, 6.5 (known answers that three other implementations agree on). */
class VoucherKnownAnswersTest {
  private static final SigningKey KEY = SigningKey.of(filled(32, 0x46));
  private static final EvmAddress PAYER =
      EvmAddress.parse("0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f");
  private static final EvmAddress PAYEE = EvmAddress.of(filled(20, 0xaa));
  private static final Domain DOMAIN =
      new Domain(314159, EvmAddress.parse("0x1234567890abcdef1234567890abcdef12345678"));
  private static final Bytes32 CHANNEL =
      Bytes32.parse("c37ac62905d2e40f3e0bcde10a7e4be880444d566486b5b5831cad7bb7a63891");
  private static final TokenAmount ETHER = new TokenAmount(BigInteger.TEN.pow(18));

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static void assertHash(String hex, Bytes32 actual) {
    assertEquals("0x" + hex, actual.toString());
  }

  @Test
  void keysAndDomain() {
    assertEquals(PAYER, KEY.address());
    assertHash(
        "8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f", Domain.TYPE_HASH);
    assertHash(
        "d2537c137cea609cfb4a336063ebe0a3f703162048aa194ceb9dfd442111c296", DOMAIN.separator());
    assertHash(
        "ad3a9018c47cc7ca7e0f58490776175532660fe164f24307fa95a96d4f7c6c66", Voucher.TYPE_HASH);
    assertHash(
        "3e9bf0d30edcc2d40adab1eccbacec17ef7defc7a6ba841ba45a49ad19f5a2e6", CloseConsent.TYPE_HASH);
  }

  @Test
  void channelId() {
    byte[] salt = new byte[32];
    salt[31] = 1;

    Bytes32 id = DOMAIN.channelId(PAYER, PAYEE, PAYER, EvmAddress.ZERO, 86400, Bytes32.of(salt));

    assertEquals(CHANNEL, id);
  }

  @Test
  void voucher() {
    Voucher voucher = new Voucher(CHANNEL, 7, 3, ETHER);
    assertHash(
        "f8784edb0ed8b10453c93c4494d5782545cbea4c74b2dd6d4993c4569d401671", voucher.structHash());
    assertHash(
        "5fdf772937bfb0b70327528bee1a52692150ceb714c1000961cdcc3cd05573ca", voucher.digest(DOMAIN));

    SignedVoucher signed = KEY.sign(DOMAIN, voucher);

    assertEquals(
        "fb083c4734667621ed1b31d34e31000c46904eae061f629f8393f9e219b647c8"
            + "715a67d4ab6a1c92bfb0a92bfbc47e3442564f5019e9376586e640bd37fcb38f"
            + "1c",
        HexFormat.of().formatHex(signed.signature().bytes()));
    assertTrue(signed.signedBy(PAYER));
  }

  /** The known answer of wire-additions.md, which a client in Go computed from that page. */
  @Test
  void opening() {
    Terms terms =
        new Terms(TokenAmount.of(1_000_000), TokenAmount.of(500), 1 << 20, 1 << 20, 64L << 20, 600);
    Payee payee =
        new Payee(
            DOMAIN.chainId(),
            DOMAIN.contract(),
            EvmAddress.ZERO,
            PAYEE,
            86_400,
            TokenAmount.ZERO,
            2,
            Optional.of("tFIL"),
            Optional.of(18L));
    OpenClaim claim =
        OpenClaim.of(
            CHANNEL,
            7,
            12,
            peer(0x91),
            peer(0xa2),
            payee,
            Cid.parse("bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua"),
            Selectors.exploreAll().node(),
            terms);

    assertHash(
        "1bc81bdba5bd588f358870c9ac295b42dab4cf042517c4af6efdf4d7f5b3ca30", claim.digest(DOMAIN));
    assertEquals(
        "1dd85deffbb9b3f21b45cd9416973ad14692b149dd55507fccb00bb08fb193ae"
            + "617fc87ed5f494878d1fc9e332a1ab4f10f159ef676e0298544ca84bffb65341"
            + "1c",
        HexFormat.of().formatHex(KEY.sign(claim.digest(DOMAIN)).bytes()));
  }

  private static PeerId peer(int filling) {
    byte[] prefix = HexFormat.of().parseHex("002408011220");
    byte[] bytes = Arrays.copyOf(prefix, prefix.length + 32);
    Arrays.fill(bytes, prefix.length, bytes.length, (byte) filling);
    return PeerId.of(bytes);
  }

  @Test
  void highestOfAll() {
    // The table's digest is for 64-bit lanes and nonces; ours stop at 2^63 - 1, so lay it out here.
    BigInteger most64 = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
    BigInteger most128 = BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE);
    Bytes32 struct =
        new AbiWords(5)
            .put(Voucher.TYPE_HASH)
            .put(CHANNEL)
            .put(most64)
            .put(most64)
            .put(most128)
            .hash();

    assertHash(
        "15797d66eb7cdbde8bfc0ec17c85a629c8d583f35fd9fed2767633af29c32b3d", DOMAIN.digest(struct));
  }

  @Test
  void closeConsent() {
    assertHash(
        "bb4940706c7d64a7d77beb0dfce9acdcde14c66bdba3da60a1f8e15d1d94c231",
        new CloseConsent(CHANNEL, ETHER, 1_900_000_000L).digest(DOMAIN));
  }

  @Test
  void digestsEqualThoseOfAGeneralEncoder() throws Exception {
    long seed = Long.getLong("seed", 20251121L);
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 20; i++) {
      Voucher voucher =
          new Voucher(
              randomHash(random),
              random.nextLong() >>> 1,
              random.nextLong() >>> 1,
              new TokenAmount(new BigInteger(random.nextInt(129), random)));
      assertEquals(generalDigest(voucher), voucher.digest(DOMAIN), voucher.toString());
      OpenClaim claim =
          new OpenClaim(
              randomHash(random),
              random.nextLong() >>> 1,
              random.nextLong() >>> 1,
              randomHash(random),
              randomHash(random),
              randomHash(random));
      assertEquals(generalDigest(claim), claim.digest(DOMAIN), claim.toString());
    }
  }

  private static Bytes32 randomHash(Random random) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return Bytes32.of(bytes);
  }

  private static Bytes32 generalDigest(Voucher voucher) throws Exception {
    return generalDigest(
        "Voucher",
        """
        {"name": "channelId", "type": "bytes32"}, {"name": "lane", "type": "uint64"},
        {"name": "nonce", "type": "uint64"}, {"name": "cumulativeAmount", "type": "uint128"}
        """,
        """
        {"channelId": "%s", "lane": "%d", "nonce": "%d", "cumulativeAmount": "%s"}
        """
            .formatted(voucher.channel(), voucher.lane(), voucher.nonce(), voucher.amount()));
  }

  private static Bytes32 generalDigest(OpenClaim claim) throws Exception {
    return generalDigest(
        "Open",
        """
        {"name": "channelId", "type": "bytes32"}, {"name": "lane", "type": "uint64"},
        {"name": "dealId", "type": "uint64"}, {"name": "client", "type": "bytes32"},
        {"name": "provider", "type": "bytes32"}, {"name": "offer", "type": "bytes32"}
        """,
        """
        {"channelId": "%s", "lane": "%d", "dealId": "%d", "client": "%s", "provider": "%s",
         "offer": "%s"}
        """
            .formatted(
                claim.channel(),
                claim.lane(),
                claim.dealId(),
                claim.client(),
                claim.provider(),
                claim.offer()));
  }

  private static Bytes32 generalDigest(String type, String fields, String message)
      throws Exception {
    String json =
        """
        {"types": {
           "EIP712Domain": [
             {"name": "name", "type": "string"}, {"name": "version", "type": "string"},
             {"name": "chainId", "type": "uint256"},
             {"name": "verifyingContract", "type": "address"}],
           "%s": [%s]},
         "primaryType": "%s",
         "domain": {"name": "PaymentChannels", "version": "1", "chainId": %d,
           "verifyingContract": "%s"},
         "message": %s}
        """
            .formatted(type, fields, type, DOMAIN.chainId(), DOMAIN.contract(), message);
    return Bytes32.of(new StructuredDataEncoder(json).hashStructuredData());
  }

  @Test
  void anyBitOfASignatureChanged_notBySigner() {
    Voucher voucher = new Voucher(CHANNEL, 7, 3, ETHER);
    Bytes32 digest = voucher.digest(DOMAIN);
    byte[] good = KEY.sign(digest).bytes();
    for (int bit = 0; bit < good.length * 8; bit++) {
      byte[] bad = good.clone();
      bad[bit / 8] ^= (byte) (1 << (bit % 8));
      assertFalse(Signatures.by(PAYER, Signature.of(bad), digest), "bit " + bit);
    }
  }

  @Test
  void upperHalfTwin_notBySigner() {
    Bytes32 digest = new Voucher(CHANNEL, 7, 3, ETHER).digest(DOMAIN);
    byte[] bytes = KEY.sign(digest).bytes();
    BigInteger order = org.web3j.crypto.Sign.CURVE_PARAMS.getN();
    BigInteger twin = order.subtract(new BigInteger(1, bytes, 32, 32));
    byte[] s = twin.toByteArray();
    Arrays.fill(bytes, 32, 64, (byte) 0);
    int length = Math.min(32, s.length);
    System.arraycopy(s, s.length - length, bytes, 64 - length, length);
    bytes[64] ^= 7; // 27 <-> 28

    assertFalse(Signatures.by(PAYER, Signature.of(bytes), digest));
  }

  @Test
  void anyOfTheSixChanged_notBySigner() {
    Voucher voucher = new Voucher(CHANNEL, 7, 3, ETHER);
    Signature signature = KEY.sign(voucher.digest(DOMAIN));
    EvmAddress other = EvmAddress.of(filled(20, 0x12));
    assertOther(signature, voucher.digest(new Domain(314160, DOMAIN.contract())));
    assertOther(signature, voucher.digest(new Domain(314159, other)));
    assertOther(signature, new Voucher(Bytes32.of(filled(32, 1)), 7, 3, ETHER).digest(DOMAIN));
    assertOther(signature, new Voucher(CHANNEL, 8, 3, ETHER).digest(DOMAIN));
    assertOther(signature, new Voucher(CHANNEL, 7, 4, ETHER).digest(DOMAIN));
    assertOther(
        signature, new Voucher(CHANNEL, 7, 3, ETHER.plus(TokenAmount.of(1))).digest(DOMAIN));
  }

  private static void assertOther(Signature signature, Bytes32 digest) {
    assertFalse(Signatures.by(PAYER, signature, digest));
  }

  @Test
  void storedFormAndPaymentBringItBack() {
    SignedVoucher signed = KEY.sign(DOMAIN, new Voucher(CHANNEL, 7, 3, ETHER));

    assertEquals(signed, SignedVoucher.CODEC.decode(SignedVoucher.CODEC.encode(signed)));
    assertEquals(signed, SignedVoucher.of(signed.payment(12, 1000, false)));
  }
}
