package io.sluice.protocol.unixfs;

import java.util.List;

/**
 * What an export wrote.
 *
 * @param files how many files
 * @param bytes of their content
 * @param skipped symbolic links that were not made since they lead out of the tree, with their
 *     targets
 */
public record Exported(long files, long bytes, List<String> skipped) {
  /** Copies the list. */
  public Exported {
    skipped = List.copyOf(skipped);
  }
}
