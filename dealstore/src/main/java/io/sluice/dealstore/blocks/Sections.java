package io.sluice.dealstore.blocks;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.car.CarEntry;
import io.sluice.protocol.car.CarPayload;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The sections of a payload from front to end; ends where no well-formed section follows. */
final class Sections implements Iterator<CarEntry> {
  private final CarPayload payload;
  private Optional<CarEntry> next;

  private Sections(CarPayload payload, long from) {
    this.payload = payload;
    this.next = at(from);
  }

  static Iterable<CarEntry> of(CarPayload payload) {
    return from(payload, -1);
  }

  /** From the section at an offset on; a negative one stands for the first. */
  static Iterable<CarEntry> from(CarPayload payload, long offset) {
    return () -> new Sections(payload, offset);
  }

  static Stream<CarEntry> stream(CarPayload payload) {
    return StreamSupport.stream(of(payload).spliterator(), false);
  }

  /** Whether the sections lead to the very end of the payload. */
  static boolean wellFormed(CarPayload payload) throws IOException {
    long end = payload.firstSection();
    for (CarEntry entry : of(payload)) {
      end = entry.next();
    }
    return end == payload.length();
  }

  @Override
  public boolean hasNext() {
    return next.isPresent();
  }

  @Override
  public CarEntry next() {
    CarEntry entry = next.orElseThrow(NoSuchElementException::new);
    next = at(entry.next());
    return entry;
  }

  private Optional<CarEntry> at(long offset) {
    try {
      return at(payload, offset < 0 ? payload.firstSection() : offset);
    } catch (ProtocolException | EOFException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The section at an offset, if a well-formed one stands there. */
  static Optional<CarEntry> at(CarPayload payload, long offset) throws IOException {
    try {
      return payload.entryAt(offset);
    } catch (ProtocolException | EOFException e) {
      return Optional.empty();
    }
  }
}
