package io.sluice.protocol.libp2p;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.protobuf.ProtobufReader;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What each end says about itself inside the Noise handshake. Spec: noise-libp2p, "The libp2p
 * Handshake Payload".
 *
 * @param identityKey the host's encoded public key
 * @param signature by that key, over the static Noise key
 * @param muxers the multiplexers it speaks, best first; empty if it does not say
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record NoisePayload(byte[] identityKey, byte[] signature, List<String> muxers) {
  private static final byte[] SIGNATURE_PREFIX =
      "noise-libp2p-static-key:".getBytes(StandardCharsets.US_ASCII);
  private static final int MAX_LENGTH = 4096;
  private static final int MAX_MUXERS = 100;

  static NoisePayload of(Identity identity, byte[] staticKey, List<String> muxers) {
    return new NoisePayload(
        identity.publicKey().encoded(), identity.sign(signedBytes(staticKey)), List.copyOf(muxers));
  }

  byte[] encoded() {
    ProtobufWriter extensions = new ProtobufWriter();
    muxers.forEach(muxer -> extensions.text(2, muxer));
    return new ProtobufWriter()
        .bytes(1, identityKey)
        .bytes(2, signature)
        .message(4, extensions)
        .toBytes();
  }

  static NoisePayload decode(byte[] encoded) {
    if (encoded.length > MAX_LENGTH) {
      throw new ProtocolException(
          "MESSAGE_TOO_LARGE", "noise payload of " + encoded.length + " bytes");
    }
    byte[] key = {};
    byte[] signature = {};
    List<String> muxers = List.of();
    ProtobufReader in = new ProtobufReader(ByteBuffer.wrap(encoded), ProtobufReader.Dialect.LIBP2P);
    while (in.next()) {
      switch (in.field()) {
        case 1 -> key = in.byteArray();
        case 2 -> signature = in.byteArray();
        case 4 -> muxers = muxers(in.message());
        default -> in.skip();
      }
    }
    return new NoisePayload(key, signature, muxers);
  }

  private static List<String> muxers(ProtobufReader in) {
    List<String> muxers = new ArrayList<>();
    while (in.next()) {
      if (in.field() == 2 && muxers.size() < MAX_MUXERS) {
        muxers.add(in.text());
      } else {
        in.skip();
      }
    }
    return List.copyOf(muxers);
  }

  /**
   * The proven key of the peer that uses this static key.
   *
   * @throws ProtocolException if the signature is not the key's
   */
  PublicKey verify(byte[] staticKey) {
    PublicKey key = PublicKey.decode(identityKey);
    if (!key.verifies(signedBytes(staticKey), signature)) {
      throw new ProtocolException(
          "HANDSHAKE_INVALID", "noise static key is not signed by the peer");
    }
    return key;
  }

  private static byte[] signedBytes(byte[] staticKey) {
    byte[] message = new byte[SIGNATURE_PREFIX.length + staticKey.length];
    System.arraycopy(SIGNATURE_PREFIX, 0, message, 0, SIGNATURE_PREFIX.length);
    System.arraycopy(staticKey, 0, message, SIGNATURE_PREFIX.length, staticKey.length);
    return message;
  }
}
