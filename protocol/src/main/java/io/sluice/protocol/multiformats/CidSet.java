package io.sluice.protocol.multiformats;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A growing set of CIDs that costs about 40 bytes each, for walks of a million blocks. Keeps 32
 * bytes of each: the digest with version, codec and hash function mixed in, so that finding two
 * that are taken for one is as hard as breaking the hash function.
 *
 * <p>Not for concurrent use.
 */
public final class CidSet {
  private static final int LONGS = 4;
  private static final int CHUNK = 4096; // keys in one array
  private static final int DIGEST = LONGS * Long.BYTES;

  private final List<long[]> chunks = new ArrayList<>();
  private int[] index = new int[64]; // 1 + number of the key; 0 is free
  private int size;

  /** An empty set. */
  public CidSet() {}

  /** How many. */
  public int size() {
    return size;
  }

  /** Whether it is in the set. */
  public boolean contains(Cid cid) {
    long[] key = key(cid);
    return index[slot(key)] != 0;
  }

  /** Returns whether it was new. */
  public boolean add(Cid cid) {
    long[] key = key(cid);
    int slot = slot(key);
    if (index[slot] != 0) {
      return false;
    }
    append(key);
    index[slot] = size;
    if (size > index.length - index.length / 4) {
      grow();
    }
    return true;
  }

  private void append(long[] key) {
    int at = size % CHUNK;
    if (at == 0) {
      // The first chunk grows with its content: most walks are short.
      chunks.add(new long[(size == 0 ? 64 : CHUNK) * LONGS]);
    }
    int last = chunks.size() - 1;
    long[] chunk = chunks.get(last);
    if (at * LONGS == chunk.length) {
      chunk = Arrays.copyOf(chunk, chunk.length * 2);
      chunks.set(last, chunk);
    }
    System.arraycopy(key, 0, chunk, at * LONGS, LONGS);
    size++;
  }

  /** Where the key stands, or the free place where it would. */
  private int slot(long[] key) {
    int mask = index.length - 1;
    int slot = hash(key[0], key[1]) & mask;
    while (index[slot] != 0 && !holds(index[slot] - 1, key)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private boolean holds(int number, long[] key) {
    long[] chunk = chunks.get(number / CHUNK);
    int at = number % CHUNK * LONGS;
    return chunk[at] == key[0]
        && chunk[at + 1] == key[1]
        && chunk[at + 2] == key[2]
        && chunk[at + 3] == key[3];
  }

  private void grow() {
    int[] wider = new int[index.length * 2];
    int mask = wider.length - 1;
    for (int number = 0; number < size; number++) {
      long[] chunk = chunks.get(number / CHUNK);
      int at = number % CHUNK * LONGS;
      int slot = hash(chunk[at], chunk[at + 1]) & mask;
      while (wider[slot] != 0) {
        slot = (slot + 1) & mask;
      }
      wider[slot] = number + 1;
    }
    index = wider;
  }

  private static int hash(long first, long second) {
    long mixed = (first ^ Long.rotateLeft(second, 29)) * 0x9e37_79b9_7f4a_7c15L;
    return (int) (mixed >>> 32);
  }

  private static long[] key(Cid cid) {
    byte[] digest = cid.hash().digest();
    if (digest.length != DIGEST) {
      digest = sha256(cid.bytes());
    }
    ByteBuffer view = ByteBuffer.wrap(digest);
    long kind = (cid.version() * 31L + cid.codec()) * 0x9e37_79b9_7f4a_7c15L + cid.hash().code();
    return new long[] {view.getLong() ^ kind, view.getLong(), view.getLong(), view.getLong()};
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
