package io.sluice.node.watch;

import java.util.List;

/**
 * Whether a node is fit for work.
 *
 * @param ready whether it is: it has started, and nothing grave is the matter
 * @param concerns what is the matter, the gravest first
 */
public record Health(boolean ready, List<Item> concerns) {
  /** Of what has not started yet, or is no node. */
  public static final Health NOT_STARTED =
      new Health(false, List.of(new Item("not_started", true, "the node has not started yet")));

  /** Copies the list. */
  public Health {
    concerns = List.copyOf(concerns);
  }

  /**
   * One thing that is the matter.
   *
   * @param code its name
   * @param grave whether the node is not ready for it
   * @param detail one sentence for a person
   */
  public record Item(String code, boolean grave, String detail) {}

  static Health of(List<Concern.Found> found) {
    return new Health(
        found.stream().noneMatch(each -> each.concern().isGrave()),
        found.stream()
            .map(each -> new Item(each.concern().code(), each.concern().isGrave(), each.detail()))
            .toList());
  }
}
