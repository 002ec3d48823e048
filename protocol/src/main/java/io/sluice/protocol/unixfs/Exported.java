package io.sluice.protocol.unixfs;

import java.util.List;

/**
 * What an export wrote.
 *
 * @param files how many files
 * @param bytes of their content
 * @param skipped what the tree has and the disk could not be given, each with the reason: symbolic
 *     links that lead out of it, further entries of a name
 */
public record Exported(long files, long bytes, List<String> skipped) {
  /** Copies the list. */
  public Exported {
    skipped = List.copyOf(skipped);
  }
}
