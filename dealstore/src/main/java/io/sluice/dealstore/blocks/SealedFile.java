package io.sluice.dealstore.blocks;

import io.sluice.dealstore.blocks.DamagedPlaces.FilePlaces;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.car.CarEntry;
import io.sluice.protocol.car.CarFile;
import io.sluice.protocol.car.CarIndexBuilder;
import io.sluice.protocol.car.CarIndexFormat;
import io.sluice.protocol.car.CarPayload;
import io.sluice.protocol.car.CarV2Header;
import io.sluice.protocol.multiformats.Multihash;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A full file of ours: a finished CARv2 that never changes again, with its index behind it. */
final class SealedFile implements BlockFile {
  private static final Logger log = LoggerFactory.getLogger(SealedFile.class);

  private final SteadyFile file;
  private final CarPayload payload;
  private final IndexPart index;

  private SealedFile(SteadyFile file, CarPayload payload, IndexPart index) {
    this.file = file;
    this.payload = payload;
    this.index = index;
  }

  /** The header of a finished file; empty if it was not sealed. */
  static Optional<CarV2Header> finishedHeader(SteadyFile file) throws IOException {
    try {
      return CarFile.v2Header(file)
          .filter(header -> header.dataSize() > 0 && header.indexOffset() > 0);
    } catch (ProtocolException e) {
      throw new IOException(file.path() + " is not a file of blocks: " + e.getMessage(), e);
    }
  }

  /** Opens a finished file. An index that is not sound is made anew from the blocks. */
  static SealedFile open(SteadyFile file) throws IOException {
    CarV2Header header = finishedHeader(file).orElseThrow();
    if (header.dataEnd() > file.size()) {
      throw new IOException(
          file.path() + " ends at " + file.size() + " inside its blocks, " + header.dataEnd());
    }
    CarPayload payload =
        new CarPayload(file, header.dataOffset(), header.dataSize(), ActiveFile.OWN);
    return new SealedFile(file, payload, index(file, header, payload));
  }

  static String nameOf(Path path) {
    return String.valueOf(path.getFileName());
  }

  /** Writes an index to a place in a file. */
  static void writeIndex(SteadyFile file, long position, CarIndexBuilder index) throws IOException {
    index.write(CarIndexFormat.MULTIHASH_SORTED, new IndexOutput(file, position));
  }

  @Override
  public String name() {
    return nameOf(file.path());
  }

  @Override
  public Path path() {
    return file.path();
  }

  @Override
  public long blocks() {
    return index.size();
  }

  @Override
  public CarPayload payload() {
    return payload;
  }

  @Override
  public Optional<CarEntry> find(Multihash hash, FilePlaces places) throws IOException {
    return index.find(hash, payload, places);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private static IndexPart index(SteadyFile file, CarV2Header header, CarPayload payload)
      throws IOException {
    try {
      return IndexPart.open(file, header.indexOffset());
    } catch (ProtocolException e) {
      log.warn("{}: index made anew, it was damaged: {}", file.path(), e.getMessage());
      writeIndex(file, header.dataEnd(), indexOf(payload));
      file.write(
          new CarV2Header(false, header.dataOffset(), header.dataSize(), header.dataEnd())
              .encodeWithPragma(),
          0);
      file.force();
      return IndexPart.open(file, header.dataEnd());
    }
  }

  private static CarIndexBuilder indexOf(CarPayload payload) throws IOException {
    CarIndexBuilder builder = new CarIndexBuilder();
    try {
      Optional<CarEntry> entry = payload.entryAt(payload.firstSection());
      while (entry.isPresent()) {
        builder.add(entry.get().cid().hash(), entry.get().offset());
        entry = payload.entryAt(entry.get().next());
      }
    } catch (ProtocolException e) {
      log.warn("blocks behind the {} first are lost: {}", builder.size(), e.getMessage());
    }
    return builder;
  }

  /** A stretch of a file as something to write to from front to end. */
  private static final class IndexOutput implements WritableByteChannel {
    private final SteadyFile file;
    private long position;

    IndexOutput(SteadyFile file, long position) {
      this.file = file;
      this.position = position;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      int count = bytes.remaining();
      file.write(bytes, position);
      position += count;
      return count;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
