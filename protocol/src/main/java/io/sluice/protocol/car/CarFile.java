package io.sluice.protocol.car;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * An archive file of either version, read by position. Safe for any number of threads.
 *
 * <p>Start with {@link #payload()}; {@link #index()} is there if the file brings one.
 */
public final class CarFile implements Closeable {
  private final FileChannel channel;
  private final ByteSource source;
  private final Optional<CarV2Header> v2;
  private final CarPayload payload;
  private final List<Cid> roots;

  private CarFile(FileChannel channel, CarLimits limits) throws IOException {
    this.channel = channel;
    this.source = ByteSource.of(channel);
    this.v2 = v2Header(source);
    long start = v2.map(CarV2Header::dataOffset).orElse(0L);
    long length = v2.isPresent() ? v2.get().dataSize() : source.size();
    if (length == 0 || length > source.size() - start) {
      throw BadCar.because("payload of " + length + " bytes at " + start + " of " + source.size());
    }
    this.payload = new CarPayload(source, start, length, limits);
    this.roots = payload.roots();
  }

  /**
   * Opens a file and reads its headers.
   *
   * @throws ProtocolException {@code BAD_CAR}
   */
  public static CarFile open(Path path, CarLimits limits) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      return new CarFile(channel, limits);
    } catch (EOFException e) {
      channel.close();
      throw BadCar.because("cut off: " + e.getMessage());
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * The header of a CARv2 file.
   *
   * @return empty if the source is none
   */
  public static Optional<CarV2Header> v2Header(ByteSource source) throws IOException {
    ByteBuffer head = ByteBuffer.allocate((int) Math.min(CarV2Header.END, source.size()));
    source.readFully(head, 0);
    head.flip();
    return CarV2Header.hasPragma(head) ? Optional.of(CarV2Header.decode(head)) : Optional.empty();
  }

  /** 1 or 2. */
  public int version() {
    return v2.isPresent() ? 2 : 1;
  }

  /** As the header names them. */
  public List<Cid> roots() {
    return roots;
  }

  /** The blocks. */
  public CarPayload payload() {
    return payload;
  }

  /**
   * The index that a CARv2 file brings.
   *
   * @return empty if there is none
   * @throws ProtocolException {@code BAD_CAR}
   */
  public Optional<CarIndex> index() throws IOException {
    if (v2.isEmpty() || v2.get().indexOffset() == 0) {
      return Optional.empty();
    }
    return Optional.of(CarIndex.open(source, v2.get().indexOffset()));
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
