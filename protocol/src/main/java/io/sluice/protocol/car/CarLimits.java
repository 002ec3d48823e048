package io.sluice.protocol.car;

/**
 * How much a reader takes from an archive that somebody else made.
 *
 * @param headerBytes longest header
 * @param roots most roots in a header
 * @param sectionBytes longest section: CID and block together
 * @param zeroLengthEnds whether a section of length zero is the end of the archive (padding), as
 *     some writers leave it; otherwise it is an error
 */
public record CarLimits(int headerBytes, int roots, int sectionBytes, boolean zeroLengthEnds) {
  /** The longest binary CID that is read. */
  static final int CID_BYTES = 160;

  /** The largest block that travels, in bytes. */
  public static final int BLOCK_BYTES = 2 << 20;

  /** What a node takes unless told otherwise. */
  public static final CarLimits DEFAULT =
      new CarLimits(64 << 10, 16, BLOCK_BYTES + CID_BYTES, false);

  /** The same limits, taking a section of length zero as the end. */
  public CarLimits endingAtZeroLength() {
    return new CarLimits(headerBytes, roots, sectionBytes, true);
  }
}
