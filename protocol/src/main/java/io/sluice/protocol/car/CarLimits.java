package io.sluice.protocol.car;

/**
 * How much a reader takes from an archive that somebody else made.
 *
 * @param headerBytes longest header
 * @param roots most roots in a header
 * @param sectionBytes longest section: CID and block together
 * @param padded whether zeros may follow the last section up to the end, as pieces of Filecoin have
 *     them; otherwise a section of length zero is an error
 */
public record CarLimits(int headerBytes, int roots, int sectionBytes, boolean padded) {
  /** The longest binary CID that is read. */
  static final int CID_BYTES = 160;

  /** The largest block that travels, in bytes. */
  public static final int BLOCK_BYTES = 2 << 20;

  /** What a node takes unless told otherwise. */
  public static final CarLimits DEFAULT =
      new CarLimits(1 << 20, 1 << 14, BLOCK_BYTES + CID_BYTES, true);
}
