package io.sluice.cli.bench;

import io.sluice.cli.stage.Stage;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A provider in a process of its own, and the wire to it.
 *
 * @param address where clients reach it: the relay if there is one
 */
record Peer(long pid, String address, Optional<DelayingRelay> relay) implements AutoCloseable {
  private static final Pattern PORT = Pattern.compile("(?<=/tcp/)\\d+");

  static Peer direct(Stage.Node node) {
    return new Peer(node.process().pid(), node.address(), Optional.empty());
  }

  /** At the far end of a wire. */
  static Peer behind(Stage.Node node, Duration roundTrip) throws IOException {
    Matcher port = PORT.matcher(node.address());
    if (!port.find()) {
      throw new IOException("no TCP port in " + node.address());
    }
    DelayingRelay relay = DelayingRelay.to(Integer.parseInt(port.group()), roundTrip.dividedBy(2));
    return new Peer(
        node.process().pid(),
        port.replaceFirst(Integer.toString(relay.port())),
        Optional.of(relay));
  }

  long carried() {
    return relay.map(DelayingRelay::carried).orElse(0L);
  }

  /** Takes the wire away; the process stays. */
  @Override
  public void close() {
    relay.ifPresent(DelayingRelay::close);
  }
}
