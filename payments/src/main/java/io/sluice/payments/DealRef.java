package io.sluice.payments;

/**
 * A deal of this home, by the id that its state machine has; never used for another deal.
 *
 * @param value such as {@code c-12} or {@code p-AbCdEfGh-12}
 */
public record DealRef(String value) implements Comparable<DealRef> {
  /** Throws {@link IllegalArgumentException} if the text is empty. */
  public DealRef {
    if (value.isEmpty()) {
      throw new IllegalArgumentException("empty deal id");
    }
  }

  @Override
  public int compareTo(DealRef other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
