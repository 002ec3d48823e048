package io.sluice.protocol.car;

import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Varint;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Optional;

/**
 * Writes an archive, block after block: CARv1 to anything, CARv2 with an index to a file. Blocks
 * are written as they are given, duplicates included. Not for more than one thread at a time.
 */
public final class CarWriter implements Closeable {
  private final WritableByteChannel out;
  private final Finish finish;
  private final CarIndexBuilder index = new CarIndexBuilder();
  private final boolean indexed;
  private long length;
  private boolean ended;

  /** What is left to do when the last block was written. */
  private interface Finish {
    void end(CarIndexBuilder index, long payloadLength) throws IOException;
  }

  private CarWriter(WritableByteChannel out, List<Cid> roots, boolean indexed, Finish finish)
      throws IOException {
    this.out = out;
    this.indexed = indexed;
    this.finish = finish;
    ByteBuffer header = CarHeader.encode(roots);
    length = header.remaining();
    writeFully(out, header);
  }

  /**
   * A CARv1.
   *
   * @param out in blocking mode; closed with the writer
   */
  public static CarWriter v1(WritableByteChannel out, List<Cid> roots) throws IOException {
    return new CarWriter(out, roots, false, (index, length) -> {});
  }

  /**
   * A CARv2. Until it has ended the file says that it is unfinished.
   *
   * @param file empty, open for writing; closed with the writer
   * @param format of the index; without one there is none
   */
  public static CarWriter v2(FileChannel file, List<Cid> roots, Optional<CarIndexFormat> format)
      throws IOException {
    writeFully(file, new CarV2Header(false, CarV2Header.END, 0, 0).encodeWithPragma());
    return new CarWriter(
        file, roots, format.isPresent(), (index, length) -> finishV2(file, format, index, length));
  }

  /**
   * Appends a block.
   *
   * @return the offset of its section from the start of the payload
   */
  public long write(Block block) throws IOException {
    ByteBuffer head = sectionHead(block.cid(), block.size());
    long offset = length;
    length += head.remaining() + block.size();
    writeFully(out, head, block.data().duplicate());
    if (indexed && !block.cid().isIdentity()) {
      index.add(block.cid().hash(), offset);
    }
    return offset;
  }

  /** Bytes of the payload so far, header and all. */
  public long length() {
    return length;
  }

  /** Writes what is left and leaves the channel open; no block may follow. */
  public void end() throws IOException {
    if (!ended) {
      ended = true;
      finish.end(index, length);
    }
  }

  /** Writes what is left and closes the channel. */
  @Override
  public void close() throws IOException {
    try (out) {
      end();
    }
  }

  /** What stands before a block's data in a section: its length prefix and its CID. */
  public static ByteBuffer sectionHead(Cid cid, int dataLength) {
    byte[] id = cid.bytes();
    long section = (long) id.length + dataLength;
    ByteBuffer head = ByteBuffer.allocate(Varint.size(section) + id.length);
    Varint.write(head, section);
    return head.put(id).flip();
  }

  /** The header of a payload with its length prefix. */
  public static ByteBuffer payloadHead(List<Cid> roots) {
    return CarHeader.encode(roots);
  }

  private static void finishV2(
      FileChannel file, Optional<CarIndexFormat> format, CarIndexBuilder index, long payloadLength)
      throws IOException {
    long indexOffset = format.isPresent() ? CarV2Header.END + payloadLength : 0;
    CarV2Header header = new CarV2Header(false, CarV2Header.END, payloadLength, indexOffset);
    if (format.isPresent()) {
      index.write(format.get(), file);
    }
    file.force(true);
    file.write(header.encodeWithPragma(), 0);
    file.force(true);
  }

  private static void writeFully(WritableByteChannel out, ByteBuffer... parts) throws IOException {
    if (out instanceof GatheringByteChannel gathering) {
      while (parts[parts.length - 1].hasRemaining() || parts[0].hasRemaining()) {
        gathering.write(parts);
      }
      return;
    }
    for (ByteBuffer part : parts) {
      while (part.hasRemaining()) {
        out.write(part);
      }
    }
  }
}
