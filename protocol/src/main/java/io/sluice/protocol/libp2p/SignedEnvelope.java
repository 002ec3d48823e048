package io.sluice.protocol.libp2p;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Varint;
import io.sluice.protocol.protobuf.ProtobufReader;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Something that a peer has signed, for one purpose: a signature for another does not count. Spec:
 * libp2p RFC 0002, signed envelopes.
 *
 * @param key whose signature it is
 * @param payload what was signed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record SignedEnvelope(PublicKey key, byte[] payload) {
  /** An identify message, which it travels in, is no larger. */
  private static final int MAX_SIZE = IdentifyMessage.MAX_LENGTH;

  /** Signs a payload. */
  static byte[] seal(Identity identity, String domain, byte[] type, byte[] payload) {
    return new ProtobufWriter()
        .bytes(1, identity.publicKey().encoded())
        .bytes(2, type)
        .bytes(3, payload)
        .bytes(5, identity.sign(signed(domain, type, payload)))
        .toBytes();
  }

  /**
   * Reads an envelope.
   *
   * @throws ProtocolException if it is not one, is of another type, or is not signed by its key for
   *     this domain
   */
  static SignedEnvelope open(byte[] encoded, String domain, byte[] type) {
    if (encoded.length > MAX_SIZE) {
      throw new ProtocolException(
          "MESSAGE_TOO_LARGE", "signed envelope of " + encoded.length + " bytes");
    }
    byte[] key = {};
    byte[] found = {};
    byte[] payload = {};
    byte[] signature = {};
    ProtobufReader in = new ProtobufReader(ByteBuffer.wrap(encoded), ProtobufReader.Dialect.LIBP2P);
    while (in.next()) {
      switch (in.field()) {
        case 1 -> key = in.byteArray();
        case 2 -> found = in.byteArray();
        case 3 -> payload = in.byteArray();
        case 5 -> signature = in.byteArray();
        default -> in.skip();
      }
    }
    if (!Arrays.equals(found, type)) {
      throw new ProtocolException("DECODE_MALFORMED", "signed envelope of another type");
    }
    PublicKey signer = PublicKey.decode(key);
    if (!signer.verifies(signed(domain, type, payload), signature)) {
      throw new ProtocolException(
          "SIGNATURE_INVALID", "envelope is not signed by " + signer.peerId() + " for " + domain);
    }
    return new SignedEnvelope(signer, payload);
  }

  private static byte[] signed(String domain, byte[] type, byte[] payload) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] each : new byte[][] {domain.getBytes(StandardCharsets.UTF_8), type, payload}) {
      all.writeBytes(Varint.encode(each.length));
      all.writeBytes(each);
    }
    return all.toByteArray();
  }
}
