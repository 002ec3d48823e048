package io.sluice.protocol.car;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.List;
import java.util.Optional;

/**
 * Reads an archive of either version from front to end, from a file or a pipe, holding one block at
 * a time. What it reads is untrusted: everything is bounded, every fault is a {@link
 * ProtocolException} {@code BAD_CAR}, and blocks are for the caller to verify. Not for more than
 * one thread at a time.
 */
public final class CarReader implements Closeable {
  private final ReadableByteChannel channel;
  private final BoundedInput in;
  private final CarLimits limits;
  private final int version;
  private final List<Cid> roots;
  private long payloadStart;
  private boolean ended;

  private CarReader(ReadableByteChannel channel, CarLimits limits) throws IOException {
    this.channel = channel;
    this.in = new BoundedInput(channel);
    this.limits = limits;
    CarHeader first = header();
    this.version = first.version();
    this.roots = version == 2 ? innerHeader().roots() : first.roots();
  }

  /**
   * Reads the header.
   *
   * @param channel in blocking mode; closed with the reader
   * @throws ProtocolException {@code BAD_CAR}
   */
  public static CarReader open(ReadableByteChannel channel, CarLimits limits) throws IOException {
    return new CarReader(channel, limits);
  }

  /** 1 or 2. */
  public int version() {
    return version;
  }

  /** As the header names them; empty in a root-less archive. */
  public List<Cid> roots() {
    return roots;
  }

  /**
   * The next block.
   *
   * @return empty behind the last one
   * @throws ProtocolException {@code BAD_CAR}, also if the archive is cut off
   */
  public Optional<CarSection> next() throws IOException {
    if (ended || in.atEnd()) {
      ended = true;
      return Optional.empty();
    }
    long offset = in.position() - payloadStart;
    long length = in.varint();
    if (length == 0 && limits.padded()) {
      in.zerosToTheEnd();
      ended = true;
      return Optional.empty();
    }
    if (length > limits.sectionBytes()) {
      throw BadCar.because(
          "section of " + length + " bytes, at most " + limits.sectionBytes() + " are read");
    }
    ByteBuffer section = in.take((int) length);
    Cid cid = CarPayload.cid(section, offset);
    return Optional.of(new CarSection(offset, cid, section.slice()));
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private CarHeader header() throws IOException {
    long length = in.varint();
    if (length == 0 || length > limits.headerBytes()) {
      throw BadCar.because("header of " + length + " bytes");
    }
    return CarHeader.decode(in.take((int) length), limits);
  }

  private CarHeader innerHeader() throws IOException {
    if (in.position() != CarV2Header.PRAGMA_BYTES) {
      throw BadCar.because("pragma of " + in.position() + " bytes");
    }
    CarV2Header header = CarV2Header.decode(in.take(CarV2Header.BYTES));
    if (header.dataSize() == 0) {
      throw BadCar.because("unfinished CARv2 file");
    }
    in.skip(header.dataOffset() - in.position());
    payloadStart = header.dataOffset();
    in.endAt(header.dataEnd());
    CarHeader inner = header();
    if (inner.version() != 1) {
      throw BadCar.because("payload of version " + inner.version());
    }
    return inner;
  }
}
