package io.sluice.protocol.car;

import io.sluice.protocol.multiformats.Cid;
import java.util.List;

/**
 * What went through an archive.
 *
 * @param roots as its header names them
 * @param blocks how many, repeated ones counted each time
 * @param bytes of their data
 */
public record CarContent(List<Cid> roots, long blocks, long bytes) {
  /** Copies the list. */
  public CarContent {
    roots = List.copyOf(roots);
  }
}
