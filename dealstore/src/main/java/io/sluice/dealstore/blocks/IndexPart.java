package io.sluice.dealstore.blocks;

import io.sluice.dealstore.blocks.DamagedPlaces.FilePlaces;
import io.sluice.dealstore.blocks.index.DigestFilter;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.car.ByteSource;
import io.sluice.protocol.car.CarEntry;
import io.sluice.protocol.car.CarIndex;
import io.sluice.protocol.car.CarPayload;
import io.sluice.protocol.multiformats.Multihash;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/** A sorted index on disk with the filter that spares most look-ups in it. */
final class IndexPart {
  private final CarIndex index;
  private final DigestFilter filter;

  private IndexPart(CarIndex index, DigestFilter filter) {
    this.index = index;
    this.filter = filter;
  }

  /**
   * Reads an index through.
   *
   * @param position of its format code
   * @throws ProtocolException {@code BAD_CAR} if it is not sound
   */
  static IndexPart open(ByteSource source, long position) throws IOException {
    // More bits than needed for short digests, never fewer than for the entries there can be.
    DigestFilter filter = new DigestFilter(Math.max(0, source.size() - position) / 40);
    CarIndex index = CarIndex.open(source, position, (digest, offset) -> filter.add(digest));
    return new IndexPart(index, filter);
  }

  long size() {
    return index.size();
  }

  /** Where the sound block is, if the payload agrees; says so if it does not. */
  Optional<CarEntry> find(Multihash hash, CarPayload payload, FilePlaces places)
      throws IOException {
    if (!filter.mayHold(hash.digest())) {
      return Optional.empty();
    }
    OptionalLong offset = index.find(hash);
    if (offset.isEmpty()) {
      return Optional.empty();
    }
    Optional<CarEntry> entry = Sections.at(payload, offset.getAsLong());
    if (entry.filter(it -> it.cid().hash().equals(hash)).isEmpty()) {
      places.damage(offset.getAsLong(), hash, "no section of it is there");
      return Optional.empty();
    }
    return entry.filter(places::sound);
  }
}
