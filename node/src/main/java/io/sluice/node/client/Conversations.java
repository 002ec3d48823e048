package io.sluice.node.client;

import io.sluice.fsm.MachineId;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The attempts at deals that are under way, at most one of each deal. */
final class Conversations {
  private final ClientDesk desk;
  private final Map<MachineId, Conversation> open = new ConcurrentHashMap<>();

  Conversations(ClientDesk desk) {
    this.desk = desk;
  }

  Optional<Conversation> of(MachineId id) {
    return Optional.ofNullable(open.get(id));
  }

  void add(MachineId id, Conversation conversation) {
    open.put(id, conversation);
  }

  /** Lets go of a deal's conversation, which goes on until its taker ends it. */
  Optional<Conversation> take(MachineId id) {
    return Optional.ofNullable(open.remove(id));
  }

  void close(MachineId id) {
    take(id).ifPresent(Conversation::close);
  }

  /** The provider's last word may still come; it is not waited for for ever. */
  void closeAfter(MachineId id, Duration wait) {
    of(id)
        .ifPresent(
            conversation ->
                desk.after(
                    wait,
                    () -> {
                      if (open.remove(id, conversation)) {
                        conversation.close();
                      }
                    }));
  }

  /** Looks whether anything still comes. */
  void watch() {
    open.values().forEach(Conversation::watch);
  }

  void closeAll() {
    open.values().forEach(Conversation::close);
  }
}
