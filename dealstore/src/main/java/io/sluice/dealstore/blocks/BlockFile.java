package io.sluice.dealstore.blocks;

import io.sluice.protocol.car.CarEntry;
import io.sluice.protocol.car.CarPayload;
import io.sluice.protocol.multiformats.Multihash;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;

/** One file of blocks. Look-ups and reads are safe for any number of threads. */
sealed interface BlockFile extends Closeable permits ActiveFile, SealedFile, ExternalFile {
  /** Stays the same over restarts, and is of no other file. */
  String name();

  Path path();

  /** Where a usable block with this hash is; confirmed by what the file says at that place. */
  Optional<CarEntry> find(Multihash hash, Predicate<CarEntry> usable) throws IOException;

  /** The blocks as they are now; one that grows is seen up to the present end. */
  CarPayload payload();

  /** How many blocks are found here. */
  long blocks();
}
