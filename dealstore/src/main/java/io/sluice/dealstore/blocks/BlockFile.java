package io.sluice.dealstore.blocks;

import io.sluice.dealstore.blocks.DamagedPlaces.FilePlaces;
import io.sluice.protocol.car.CarEntry;
import io.sluice.protocol.car.CarPayload;
import io.sluice.protocol.multiformats.Multihash;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** One file of blocks. Look-ups and reads are safe for any number of threads. */
sealed interface BlockFile extends Closeable permits ActiveFile, SealedFile, ExternalFile {
  /** Stays the same over restarts, and is of no other file. */
  String name();

  Path path();

  /**
   * Where a sound block with this hash is; confirmed by what the file says at that place. Says so
   * where something else stands there.
   */
  Optional<CarEntry> find(Multihash hash, FilePlaces places) throws IOException;

  /** The blocks as they are now; one that grows is seen up to the present end. */
  CarPayload payload();

  /** How many blocks are found here. */
  long blocks();
}
