package io.sluice.protocol.car;

/** The two layouts of an index. Spec: CARv2, Index format. */
public enum CarIndexFormat {
  /** By digest alone: two hash functions with equal digests cannot be told apart. */
  SORTED(0x0400),
  /** By hash function, then by digest; what current tools write. */
  MULTIHASH_SORTED(0x0401);

  private final int code;

  CarIndexFormat(int code) {
    this.code = code;
  }

  /** The multicodec that stands before the index. */
  public int code() {
    return code;
  }

  static CarIndexFormat of(long code) {
    for (CarIndexFormat format : values()) {
      if (format.code == code) {
        return format;
      }
    }
    throw BadCar.because("index format 0x" + Long.toHexString(code));
  }
}
