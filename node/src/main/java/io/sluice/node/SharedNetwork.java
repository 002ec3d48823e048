package io.sluice.node;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The network of an opened home. It is joined when it is first asked for, and joined anew by
 * whoever has more to do there than those before. Joining anew cuts off what goes on, and two hosts
 * of one name would take each other's messages: so it has to wait until nobody uses the network.
 *
 * <p>Safe for use from many threads.
 */
final class SharedNetwork implements AutoCloseable {
  private final SluiceNode node;
  private Network.Mode least = Network.Mode.DIAL;
  private int users;

  /** Written under the lock; read also by those who only look. */
  private volatile @Nullable Network network;

  SharedNetwork(SluiceNode node) {
    this.node = node;
  }

  /** Whoever joins from here on is able to do this much, so that others need not join anew. */
  synchronized void atLeast(Network.Mode mode) {
    least = mode;
  }

  /** The network, if it was joined. */
  Optional<Network> joined() {
    return Optional.ofNullable(network);
  }

  /**
   * The network, able to do what is wanted, for as long as the use is open.
   *
   * @param patience how long those may take who only ask their peers something
   * @throws ServiceException among others {@code HOME_IN_USE} if others use it for less than that
   */
  synchronized NetworkUse use(Network.Mode mode, Duration patience)
      throws IOException, ServiceException, InterruptedException {
    Network.Mode wanted = mode.compareTo(least) < 0 ? least : mode;
    long until = Ticker.SYSTEM.nanos() + patience.toNanos();
    while (users > 0 && !does(wanted)) {
      long left = until - Ticker.SYSTEM.nanos();
      if (left <= 0 || does(Network.Mode.BUY)) { // what is bought may take hours
        throw new ServiceException(
            ErrorCode.HOME_IN_USE,
            "another command uses the network of %s; repeat this one when that is done"
                .formatted(node.home().directory()));
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    Network joined = network;
    if (joined == null || !does(wanted)) {
      node.requireRoom();
      leave();
      joined = Network.join(node, wanted);
      network = joined;
    }
    users++;
    return new NetworkUse(joined, this::give);
  }

  private boolean does(Network.Mode mode) {
    Network joined = network;
    return joined != null && joined.mode().compareTo(mode) >= 0;
  }

  private synchronized void give() {
    users--;
    notifyAll();
  }

  private void leave() {
    Network joined = network;
    if (joined != null) {
      joined.close();
      network = null;
    }
  }

  /** Leaves the network, whoever uses it. */
  @Override
  public synchronized void close() {
    leave();
  }

  /** Somebody's use of the network; until it is closed, the network is not joined anew. */
  record NetworkUse(Network network, Runnable end) implements AutoCloseable {
    @Override
    public void close() {
      end.run();
    }
  }
}
