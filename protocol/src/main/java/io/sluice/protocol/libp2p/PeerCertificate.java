package io.sluice.protocol.libp2p;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.crypto.NativeCrypto;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Proves the peer behind a certificate. Spec: libp2p TLS, "Peer Authentication". */
final class PeerCertificate {
  /** Real ones have about 440 bytes; RSA 4096 about 2 KiB. */
  static final int MAX_LENGTH = 16 * 1024;

  /**
   * The algorithm identifiers a certificate may be signed with, whole, and how the JDK calls them.
   */
  private static final Map<String, Scheme> SCHEMES =
      Map.of(
          "300a06082a8648ce3d040302",
          new Scheme("SHA256withECDSA", "EC", null),
          "300a06082a8648ce3d040303",
          new Scheme("SHA384withECDSA", "EC", null),
          "300a06082a8648ce3d040304",
          new Scheme("SHA512withECDSA", "EC", null),
          "300d06092a864886f70d01010b0500",
          new Scheme("SHA256withRSA", "RSA", null),
          "300d06092a864886f70d01010c0500",
          new Scheme("SHA384withRSA", "RSA", null),
          "300d06092a864886f70d01010d0500",
          new Scheme("SHA512withRSA", "RSA", null),
          "304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d"
              + "06096086480165030402010500a203020120",
          new Scheme(
              "RSASSA-PSS",
              "RSA",
              new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1)),
          "300506032b6570",
          new Scheme("Ed25519", "Ed25519", null));

  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'");

  private record Scheme(
      String signature, String key, @Nullable AlgorithmParameterSpec parameters) {}

  private PeerCertificate() {}

  /**
   * The key of the host that made this certificate.
   *
   * @throws ProtocolException if the certificate is malformed, not valid now, or proves nothing
   */
  static PublicKey verify(byte[] der, Instant now) {
    if (der.length > MAX_LENGTH) {
      throw new ProtocolException("MESSAGE_TOO_LARGE", "certificate of " + der.length + " bytes");
    }
    Der.DerReader file = new Der.DerReader(der);
    Der.DerReader certificate = file.enter(Der.SEQUENCE);
    file.expectEnd();
    byte[] tbs = certificate.whole();
    byte[] algorithm = certificate.whole();
    byte[] bits = certificate.enter(Der.BIT_STRING).rest();
    certificate.expectEnd();
    if (bits.length == 0 || bits[0] != 0) {
      throw invalid("its signature is not whole bytes");
    }

    Der.DerReader fields = new Der.DerReader(tbs).enter(Der.SEQUENCE);
    fields.enter(Der.context(0));
    fields.enter(Der.INTEGER);
    if (!Arrays.equals(fields.whole(), algorithm)) {
      throw invalid("it names two signature algorithms");
    }
    fields.skip(); // issuer: empty with js and rust peers
    checkValidity(fields.enter(Der.SEQUENCE), now);
    fields.skip(); // subject
    byte[] spki = fields.whole();
    checkSelfSignature(tbs, algorithm, Arrays.copyOfRange(bits, 1, bits.length), spki);
    return hostKey(hostExtension(fields), spki);
  }

  private static void checkValidity(Der.DerReader validity, Instant now) {
    Instant notBefore = time(validity);
    Instant notAfter = time(validity);
    if (now.isBefore(notBefore) || now.isAfter(notAfter)) {
      throw invalid("it is valid from " + notBefore + " to " + notAfter + ", and now is " + now);
    }
  }

  private static Instant time(Der.DerReader validity) {
    boolean twoDigits = validity.peek() == Der.UTC_TIME;
    byte[] octets = validity.enter(twoDigits ? Der.UTC_TIME : Der.GENERALIZED_TIME).rest();
    String text = new String(octets, StandardCharsets.US_ASCII);
    if (twoDigits) {
      text = (text.compareTo("50") < 0 ? "20" : "19") + text;
    }
    try {
      return LocalDateTime.parse(text, TIME).toInstant(ZoneOffset.UTC);
    } catch (DateTimeException malformed) {
      throw invalid("it has no time at " + HexFormat.of().formatHex(octets));
    }
  }

  private static void checkSelfSignature(
      byte[] tbs, byte[] algorithm, byte[] signature, byte[] spki) {
    Scheme scheme = SCHEMES.get(HexFormat.of().formatHex(algorithm));
    if (scheme == null) {
      throw invalid("it is signed by an unknown algorithm, " + HexFormat.of().formatHex(algorithm));
    }
    try {
      Signature verifier = NativeCrypto.signatures(scheme.signature());
      if (scheme.parameters() != null) {
        verifier.setParameter(scheme.parameters());
      }
      verifier.initVerify(
          NativeCrypto.keys(scheme.key()).generatePublic(new X509EncodedKeySpec(spki)));
      verifier.update(tbs);
      if (!verifier.verify(signature)) {
        throw invalid("its own signature is wrong");
      }
    } catch (GeneralSecurityException noKeyOrNoSignature) {
      throw invalid("its own signature cannot be verified: " + noKeyOrNoSignature.getMessage());
    }
  }

  /** The value of the libp2p extension; any other that must be understood is one too many. */
  private static byte[] hostExtension(Der.DerReader fields) {
    if (fields.atEnd()) {
      throw invalid("it has no extensions");
    }
    Der.DerReader extensions = fields.enter(Der.context(3)).enter(Der.SEQUENCE);
    byte[] found = null;
    while (!extensions.atEnd()) {
      Der.DerReader extension = extensions.enter(Der.SEQUENCE);
      byte[] oid = extension.whole();
      boolean critical = extension.peek() == Der.BOOLEAN;
      if (critical) {
        extension.skip(); // DER writes only "true"
      }
      byte[] value = extension.enter(Der.OCTET_STRING).rest();
      if (Arrays.equals(oid, HostCertificate.EXTENSION_OID)) {
        found = value;
      } else if (critical) {
        throw invalid("it has an unknown critical extension");
      }
    }
    if (found == null) {
      throw invalid("it names no libp2p host");
    }
    return found;
  }

  private static PublicKey hostKey(byte[] extension, byte[] spki) {
    Der.DerReader signedKey = new Der.DerReader(extension).enter(Der.SEQUENCE);
    PublicKey key = PublicKey.decode(signedKey.enter(Der.OCTET_STRING).rest());
    byte[] signature = signedKey.enter(Der.OCTET_STRING).rest();
    if (!key.verifies(HostCertificate.signedBytes(spki), signature)) {
      throw invalid("the host's signature in it is wrong");
    }
    return key;
  }

  private static ProtocolException invalid(String why) {
    return new ProtocolException("HANDSHAKE_INVALID", "certificate refused: " + why);
  }
}
