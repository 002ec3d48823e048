package io.sluice.fsm;

/**
 * Names one machine, for ever: {@code c-12}, {@code p-AbCdEfGh-12}, {@code c-12/transfer}.
 *
 * <p>Machines whose ids are equal up to the first {@code /} share a stripe: their events are
 * handled one after the other, on one thread. So a deal and its transfer, {@link #part part} of it,
 * never run against each other.
 *
 * @param value 1 to 200 printable ASCII characters without spaces
 */
public record MachineId(String value) implements Comparable<MachineId> {
  private static final int MAX_LENGTH = 200;

  /** Checks length and characters. */
  public MachineId {
    if (value.isEmpty()
        || value.length() > MAX_LENGTH
        || !value.chars().allMatch(c -> c > ' ' && c <= '~')) {
      throw new IllegalArgumentException("not a machine id: " + value);
    }
  }

  /** The id of a machine that belongs to this one and shares its stripe. */
  public MachineId part(String name) {
    return new MachineId(value + "/" + name);
  }

  /** What decides the stripe: the part before the first slash. */
  public String stripeKey() {
    int slash = value.indexOf('/');
    return slash < 0 ? value : value.substring(0, slash);
  }

  @Override
  public int compareTo(MachineId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
