package io.sluice.node.pullsync.bee;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.protocol.pullsync.bee.Batch;
import io.sluice.protocol.pullsync.bee.BeeCrypto;
import io.sluice.protocol.pullsync.bee.ChunkHash;
import io.sluice.protocol.pullsync.bee.Postage;
import io.sluice.protocol.pullsync.bee.Proximity;
import io.sluice.protocol.pullsync.bee.Stamp;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.Signature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The chunks of the recordings, made anew, byte by byte, with their stamps. */
final class BeeContent {
  static final BeeCrypto CRYPTO = new EvmCrypto();
  static final ChunkHash HASH = new ChunkHash(CRYPTO);
  static final Bytes32 OVERLAY = sha256("sluice-pullsync/server overlay".getBytes(US_ASCII));
  static final SigningKey OWNER = key(0x11);
  static final SigningKey STRANGER = key(0x22);
  static final Batch BATCH =
      new Batch(sha256("sluice-pullsync/batch 1".getBytes(US_ASCII)), OWNER.address(), 24);
  static final Postage POSTAGE = new Postage(CRYPTO, List.of(BATCH));
  static final long EPOCH = 1_760_000_000L;
  static final long TIMESTAMP = 1_650_000_000_000_000_000L;
  private static final byte[] CHUNK = "sluice-pullsync/chunk".getBytes(US_ASCII);

  private static final Map<List<Integer>, List<StampedChunk>> MADE = new ConcurrentHashMap<>();

  private BeeContent() {}

  private static SigningKey key(int each) {
    byte[] secret = new byte[32];
    Arrays.fill(secret, (byte) each);
    return SigningKey.of(secret);
  }

  static Bytes32 sha256(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      Arrays.stream(parts).forEach(digest::update);
      return Bytes32.of(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Chunk number n of all, from 0 on, whatever its bin; the first of its bucket. */
  static StampedChunk chunk(long n, int payload) {
    byte[] data = data(n, payload);
    return stamped(HASH.content(data).orElseThrow(), data, OWNER, TIMESTAMP);
  }

  private static byte[] data(long n, int payload) {
    byte[] data = new byte[ChunkHash.SPAN + payload];
    ByteBuffer out = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).putLong(payload);
    byte[] counter = ByteBuffer.allocate(Long.BYTES).putLong(n).array();
    for (int k = 0; out.hasRemaining(); k++) {
      byte[] next = sha256(CHUNK, counter, new byte[] {(byte) k}).bytes();
      out.put(next, 0, Math.min(next.length, out.remaining()));
    }
    return data;
  }

  static StampedChunk stamped(Bytes32 address, byte[] data, SigningKey by, long timestamp) {
    return stamped(address, data, by, bucket(address) << Integer.SIZE, timestamp);
  }

  static StampedChunk stamped(
      Bytes32 address, byte[] data, SigningKey by, long index, long timestamp) {
    Stamp unsigned =
        new Stamp(BATCH.id(), index, timestamp, Signature.of(new byte[Signature.LENGTH]));
    return new StampedChunk(
        address,
        ByteBuffer.wrap(data),
        new Stamp(BATCH.id(), index, timestamp, by.sign(unsigned.digest(address, CRYPTO))));
  }

  private static long bucket(Bytes32 address) {
    return ByteBuffer.wrap(address.bytes()).getShort() & 0xffff;
  }

  static byte[] bytes(ByteBuffer data) {
    byte[] bytes = new byte[data.remaining()];
    data.duplicate().get(bytes);
    return bytes;
  }

  /**
   * The first so many chunks of a bin, stamped in that order: those of 8 bytes after the first few
   * of 64, as the recorder did.
   */
  static List<StampedChunk> ofBin(int bin, int count, int payload) {
    return MADE.computeIfAbsent(List.of(bin, count, payload), any -> make(bin, count, payload));
  }

  private static List<StampedChunk> make(int bin, int count, int payload) {
    Map<Long, Long> stampedOf = new HashMap<>();
    if (payload == 8) {
      ofBin(bin, 8, 64, stampedOf);
    }
    return ofBin(bin, count, payload, stampedOf);
  }

  private static List<StampedChunk> ofBin(
      int bin, int count, int payload, Map<Long, Long> stampedOf) {
    List<StampedChunk> found = new ArrayList<>();
    for (long n = 0; found.size() < count; n++) {
      byte[] data = data(n, payload);
      Bytes32 address = HASH.content(data).orElseThrow();
      if (Proximity.order(OVERLAY, address) == bin) {
        long bucket = bucket(address);
        long number = stampedOf.merge(bucket, 1L, Long::sum) - 1;
        long index = bucket << Integer.SIZE | number;
        found.add(stamped(address, data, OWNER, index, TIMESTAMP));
      }
    }
    return found;
  }

  static Reserve reserve(Path folder) throws IOException {
    return reserve(folder, 0);
  }

  static Reserve reserve(Path folder, int radius) throws IOException {
    return Reserve.open(
        folder,
        new ReserveRules(OVERLAY, radius, Set.of(BATCH.id())),
        1L << 30,
        CRYPTO,
        () -> EPOCH,
        DiskWatch.NONE);
  }
}
