package io.sluice.node.sync;

import java.util.Optional;
import java.util.stream.Stream;

/** When somebody outside the node is asked, by the name that he is told. */
public enum HookMoment {
  /** {@link SyncHooks#pushBegins}. */
  PUSH_BEGINS("push-begins"),
  /** {@link SyncHooks#pushArrived}. */
  PUSH_ARRIVED("push-arrived"),
  /** {@link SyncHooks#pushCompleted}. */
  PUSH_COMPLETED("push-completed"),
  /** {@link SyncHooks#infoAsked}. */
  INFO_ASKED("info-asked"),
  /** {@link SyncHooks#blockAsked}. */
  BLOCK_ASKED("block-asked"),
  /** {@link SyncHooks#blocksAsked}. */
  BLOCKS_ASKED("blocks-asked"),
  /** {@link SyncHooks#removalAsked}. */
  REMOVAL_ASKED("removal-asked");

  private final String text;

  HookMoment(String text) {
    this.text = text;
  }

  /** Its name. */
  public String text() {
    return text;
  }

  /** The moment of that name. */
  public static Optional<HookMoment> named(String text) {
    return Stream.of(values()).filter(each -> each.text.equals(text)).findFirst();
  }
}
