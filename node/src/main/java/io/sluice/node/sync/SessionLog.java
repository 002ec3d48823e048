package io.sluice.node.sync;

import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;

/** Where pushes that are under way are remembered beyond this process. */
interface SessionLog {
  /** Remembers nothing. */
  SessionLog NONE =
      new SessionLog() {
        @Override
        public void begun(ReceiveSession session) {}

        @Override
        public void completed(ReceiveSession session) {}

        @Override
        public void expired(ReceiveSession session) {}

        @Override
        public List<ReceiveSession> underWay(Predicate<Cid> has) {
          return List.of();
        }
      };

  /** A push begins; durable on return. */
  void begun(ReceiveSession session) throws IOException;

  /** A push is complete; durable on return. */
  void completed(ReceiveSession session) throws IOException;

  /** The time of a push is over. */
  void expired(ReceiveSession session);

  /**
   * The pushes that an earlier process left.
   *
   * @param has whether a block is here
   */
  List<ReceiveSession> underWay(Predicate<Cid> has) throws IOException;
}
