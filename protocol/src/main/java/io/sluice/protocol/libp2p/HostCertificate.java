package io.sluice.protocol.libp2p;

import io.sluice.protocol.crypto.NativeCrypto;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;

/**
 * The certificate with which a host proves its peer id in TLS: self-signed by a throw-away P-256
 * key, with one extension that holds the host's own key and its signature over the throw-away key.
 *
 * <p>Spec: libp2p TLS, "Peer Authentication".
 *
 * @param key the throw-away key
 * @param der the certificate
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record HostCertificate(PrivateKey key, byte[] der) {
  /** 1.3.6.1.4.1.53594.1.1. */
  static final byte[] EXTENSION_OID = HexFormat.of().parseHex("060a2b0601040183a25a0101");

  /** What the host key signs, before the certificate's public key. */
  static final byte[] SIGNATURE_PREFIX =
      "libp2p-tls-handshake:".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] ECDSA_WITH_SHA256 =
      HexFormat.of().parseHex("300a06082a8648ce3d040302");
  private static final byte[] SERIAL_NUMBER_OID = HexFormat.of().parseHex("0603550405");
  private static final byte[] VERSION_3 = {2};

  private static final DateTimeFormatter GENERALIZED =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

  /**
   * Makes one that is valid from an hour ago for a hundred years, as all libp2p implementations do.
   */
  static HostCertificate generate(Identity identity, Instant now) throws GeneralSecurityException {
    KeyPairGenerator generator = NativeCrypto.keyPairs("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair pair = generator.generateKeyPair();
    byte[] spki = pair.getPublic().getEncoded();
    byte[] tbs = toBeSigned(identity, spki, now);
    Signature signer = NativeCrypto.signatures("SHA256withECDSA");
    signer.initSign(pair.getPrivate());
    signer.update(tbs);
    byte[] certificate = Der.element(Der.SEQUENCE, tbs, ECDSA_WITH_SHA256, bits(signer.sign()));
    return new HostCertificate(pair.getPrivate(), certificate);
  }

  private static byte[] toBeSigned(Identity identity, byte[] spki, Instant now) {
    byte[] serial = new byte[7];
    new SecureRandom().nextBytes(serial);
    serial[0] = (byte) ((serial[0] & 0x3f) | 0x40); // positive, and minimal
    byte[] name = name(HexFormat.of().formatHex(serial));
    byte[] validity =
        Der.element(
            Der.SEQUENCE,
            time(now.minus(1, ChronoUnit.HOURS)),
            time(now.plus(36_525, ChronoUnit.DAYS)));
    return Der.element(
        Der.SEQUENCE,
        Der.element(Der.context(0), Der.element(Der.INTEGER, VERSION_3)),
        Der.element(Der.INTEGER, serial),
        ECDSA_WITH_SHA256,
        name, // js peers want issuer and subject to be the same, the JDK wants them not empty
        validity,
        name,
        spki,
        Der.element(Der.context(3), Der.element(Der.SEQUENCE, extension(identity, spki))));
  }

  private static byte[] extension(Identity identity, byte[] spki) {
    byte[] value =
        Der.element(
            Der.SEQUENCE,
            Der.element(Der.OCTET_STRING, identity.publicKey().encoded()),
            Der.element(Der.OCTET_STRING, identity.sign(signedBytes(spki))));
    return Der.element(Der.SEQUENCE, EXTENSION_OID, Der.element(Der.OCTET_STRING, value));
  }

  static byte[] signedBytes(byte[] spki) {
    byte[] message = new byte[SIGNATURE_PREFIX.length + spki.length];
    System.arraycopy(SIGNATURE_PREFIX, 0, message, 0, SIGNATURE_PREFIX.length);
    System.arraycopy(spki, 0, message, SIGNATURE_PREFIX.length, spki.length);
    return message;
  }

  private static byte[] name(String serial) {
    byte[] text = Der.element(Der.PRINTABLE_STRING, serial.getBytes(StandardCharsets.US_ASCII));
    return Der.element(
        Der.SEQUENCE, Der.element(Der.SET, Der.element(Der.SEQUENCE, SERIAL_NUMBER_OID, text)));
  }

  /** RFC 5280 wants the two-digit form until 2049 and the long form after. */
  private static byte[] time(Instant instant) {
    String text = GENERALIZED.format(instant);
    boolean twoDigits = text.compareTo("2050") < 0;
    return twoDigits
        ? Der.element(Der.UTC_TIME, text.substring(2).getBytes(StandardCharsets.US_ASCII))
        : Der.element(Der.GENERALIZED_TIME, text.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] bits(byte[] signature) {
    return Der.element(Der.BIT_STRING, new byte[] {0}, signature);
  }
}
