package io.sluice.fsm;

/**
 * One kind of event of a machine, and what such an event brings along: an event is sent with its
 * own input or does not compile.
 *
 * <p>Compared by identity; stored by name. Made by {@link EventTypes#add}.
 *
 * @param <I> the input, an immutable value
 */
public final class EventType<I> {
  private final String name;
  private final Class<I> input;

  EventType(String name, Class<I> input) {
    this.name = name;
    this.input = input;
  }

  /** The name under which such events are stored. */
  public String name() {
    return name;
  }

  /**
   * An input that was read from a store, or whose type is otherwise not known to the compiler.
   *
   * @throws IllegalArgumentException if such an event takes something else
   */
  public I cast(Object input) {
    if (!this.input.isInstance(input)) {
      throw new IllegalArgumentException(
          name + " takes a " + this.input.getSimpleName() + ", not " + input);
    }
    return this.input.cast(input);
  }

  @Override
  public String toString() {
    return name;
  }
}
