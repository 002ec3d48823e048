package io.sluice.dealstore.blocks;

import io.sluice.dealstore.blocks.DamagedPlaces.FilePlaces;
import io.sluice.dealstore.disk.SteadyFile;
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

  /**
   * Opens a finished file; empty if it was not sealed. A header that is not what it was is put
   * right, an index that is not sound is made anew from the blocks.
   */
  static Optional<SealedFile> open(SteadyFile file) throws IOException {
    Optional<SealMark> mark = SealMark.read(file);
    Optional<CarV2Header> header = header(file);
    if (mark.isEmpty()) {
      Optional<CarV2Header> finished =
          header.filter(
              it ->
                  it.dataOffset() == ActiveFile.PAYLOAD
                      && it.dataSize() > 0
                      && it.indexOffset() > 0);
      return finished.isEmpty()
          ? Optional.empty()
          : Optional.of(withNewIndex(file, finished.get().dataSize()));
    }
    CarV2Header wanted = mark.get().header(ActiveFile.PAYLOAD);
    if (header.filter(wanted::equals).isEmpty()) {
      log.warn("{}: its header was damaged and is put right", file.path());
      file.write(wanted.encodeWithPragma(), 0);
    }
    ActiveFile.mendHead(file);
    if (!mark.get().indexIsSound(file)) {
      return Optional.of(withNewIndex(file, wanted.dataSize()));
    }
    try {
      IndexPart index = IndexPart.open(file, wanted.indexOffset());
      return Optional.of(new SealedFile(file, payload(file, wanted.dataSize()), index));
    } catch (ProtocolException e) {
      return Optional.of(withNewIndex(file, wanted.dataSize()));
    }
  }

  /**
   * Ends a file: with an index behind all that is there, so that nothing is written over, then the
   * mark and the header that make it a finished one.
   */
  static SealedFile seal(SteadyFile file, long dataSize, long indexOffset, CarIndexBuilder index)
      throws IOException {
    writeIndex(file, indexOffset, index);
    file.force();
    SealMark mark = SealMark.of(file, dataSize, indexOffset);
    mark.write(file);
    file.write(mark.header(ActiveFile.PAYLOAD).encodeWithPragma(), 0);
    file.force();
    try {
      return new SealedFile(file, payload(file, dataSize), IndexPart.open(file, indexOffset));
    } catch (ProtocolException e) {
      throw new IOException(file.path() + ": the index that was just written is not sound", e);
    }
  }

  private static SealedFile withNewIndex(SteadyFile file, long dataSize) throws IOException {
    CarPayload payload = payload(file, dataSize);
    CarIndexBuilder index = new CarIndexBuilder();
    long end = payload.firstSection();
    for (CarEntry entry : Sections.of(payload)) {
      index.add(entry.cid().hash(), entry.offset());
      end = entry.next();
    }
    if (end == dataSize) {
      log.warn("{}: its index was damaged and is made anew", file.path());
    } else {
      log.error(
          "{}: damaged at byte {} of {}; {} blocks before it are kept",
          file.path(),
          end,
          dataSize,
          index.size());
    }
    long behind = Math.max(file.size(), ActiveFile.PAYLOAD + dataSize);
    return seal(file, dataSize, behind, index);
  }

  private static CarPayload payload(SteadyFile file, long dataSize) {
    return new CarPayload(file, ActiveFile.PAYLOAD, dataSize, ActiveFile.OWN);
  }

  private static Optional<CarV2Header> header(SteadyFile file) throws IOException {
    try {
      return CarFile.v2Header(file);
    } catch (ProtocolException e) {
      return Optional.empty();
    }
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
