package io.sluice.fsm;

/**
 * Records an event in a machine's data: old data and the event's input give the new data.
 *
 * <p>A recorder sees nothing else: no clock, no configuration, no disk, no network. That is what
 * lets a history be replayed years later on another machine and come out the same, byte for byte. A
 * recorder that throws leaves the machine as it was.
 *
 * @param <D> the machine's data, an immutable value
 * @param <I> what events bring along
 */
@FunctionalInterface
public interface Recorder<D, I> {
  /** The data after the event. */
  D record(D data, I input);

  /** A recorder that keeps the data as they are. */
  static <D, I> Recorder<D, I> unchanged() {
    return (data, input) -> data;
  }
}
