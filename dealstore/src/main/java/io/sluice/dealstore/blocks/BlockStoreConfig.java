package io.sluice.dealstore.blocks;

/**
 * How a block store lays out its files.
 *
 * @param fileBytes a file is sealed when its payload has reached this
 * @param fileBlocks or when it holds so many blocks; bounds the memory that the active file's index
 *     takes (about 32 bytes a block)
 * @param freeBytes writing stops while the disk has less left, so that the books can still be kept
 */
public record BlockStoreConfig(long fileBytes, int fileBlocks, long freeBytes) {
  /** Files of 1 GiB, 262,144 blocks at most, 1 GiB of the disk left free. */
  public static final BlockStoreConfig DEFAULT = new BlockStoreConfig(1L << 30, 1 << 18, 1L << 30);

  /** Checks the values. */
  public BlockStoreConfig {
    if (fileBytes < 1 || fileBlocks < 1 || freeBytes < 0) {
      throw new IllegalArgumentException(
          "files of " + fileBytes + " bytes, " + fileBlocks + " blocks, " + freeBytes + " free");
    }
  }
}
