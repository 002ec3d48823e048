package io.sluice.node.config;

import io.sluice.node.config.NodeConfig.BeePullsync;
import io.sluice.node.config.NodeConfig.Buying;
import io.sluice.node.config.NodeConfig.Http;
import io.sluice.node.config.NodeConfig.Money;
import io.sluice.node.config.NodeConfig.Neighbours;
import io.sluice.node.config.NodeConfig.Networking;
import io.sluice.node.config.NodeConfig.PerfPeers;
import io.sluice.node.config.NodeConfig.RemoteKeys;
import io.sluice.node.config.NodeConfig.Selling;
import io.sluice.node.watch.WatchLimits;
import io.sluice.payments.home.AutopilotPolicy;
import io.sluice.payments.ledger.embedded.EmbeddedLedger;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.libp2p.AddressRange;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.pullsync.bee.Batch;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Makes the configuration of its values: which key goes where, in which form, within which bounds.
 * The keys with their defaults and meanings stand in {@link SettingTable}.
 */
final class ConfigReader {
  /** More batches do not fit into the head of a reserve. */
  private static final int MOST_BATCHES = 1000;

  private ConfigReader() {}

  /** As {@link NodeConfig#read}. */
  static NodeConfig read(
      Path home, Map<String, String> environment, Map<String, List<String>> flags)
      throws ConfigException, IOException {
    Values values = Values.read(home.resolve("sluice.yaml"), environment, flags);
    ChainSettings chain = ChainSettings.read(values);
    Tokens tokens = tokens(values, Optional.of(chain).filter(ChainSettings::isUsed));
    return new NodeConfig(
        values.list("listen", ConfigReader::isTcp).stream().map(Multiaddr::parse).toList(),
        http(values),
        networking(values),
        ledger(home, values, environment),
        chain.completed(values, tokens),
        tokens,
        money(values, tokens),
        autopilot(values, tokens),
        watch(values, tokens),
        new Buying(
            values.amounts("client.max-price-per-mib", tokens),
            values.duration("client.parked", Duration.ofMinutes(1), Duration.ofDays(90))),
        new Selling(
            values.size("provider.min-interval", 1, 256L << 20),
            values.duration("provider.payment-wait", Duration.ofSeconds(1), Duration.ofDays(7)),
            count(values, "provider.deals-per-peer"),
            count(values, "provider.deals"),
            count(values, "provider.proposals-per-minute"),
            count(values, "provider.queries-per-minute")),
        (int)
            values.number(
                "keystore.scrypt-n", n -> Long.bitCount(n) == 1 && n >= 4096 && n <= 1 << 20),
        remoteKeys(values),
        values.size("storage.free", 0, Long.MAX_VALUE),
        values.size("receive.quota", 0, Long.MAX_VALUE),
        content(values),
        new Neighbours(
            count(values, "neighbours.blocks-per-second"),
            values.size("neighbours.bytes-per-second", 0, Long.MAX_VALUE),
            values.size("neighbours.pull-bytes-per-second", 0, Long.MAX_VALUE)),
        bee(values),
        SyncSettings.read(values),
        values.duration("journal.retention", Duration.ofHours(1), Duration.ofDays(36_500)),
        values.duration("drain", Duration.ZERO, Duration.ofMinutes(10)));
  }

  private static Networking networking(Values values) throws ConfigException {
    Set<PeerId> peers = new HashSet<>();
    List<AddressRange> ranges = new ArrayList<>();
    for (String denied : values.list("network.deny", ConfigReader::isDeniable)) {
      if (isRange(denied)) {
        ranges.add(AddressRange.parse(denied));
      } else {
        peers.add(PeerId.parse(denied));
      }
    }
    String perf =
        values.text(
            "network.perf",
            text -> text.equals("off") || text.equals("known") || text.equals("all"));
    return new Networking(
        (int) values.number("network.connections", n -> n >= 8 && n <= 100_000),
        peers,
        ranges,
        PerfPeers.valueOf(perf.toUpperCase(Locale.ROOT)));
  }

  /** Peer ids have neither. */
  private static boolean isRange(String text) {
    return text.contains(".") || text.contains(":");
  }

  private static boolean isDeniable(String text) {
    Object read = isRange(text) ? AddressRange.parse(text) : PeerId.parse(text);
    return !read.toString().isEmpty();
  }

  private static boolean isTcp(String text) {
    List<Multiaddr.Component> components = Multiaddr.parse(text).components();
    return components.size() >= 2 && components.get(1).protocol().equals("tcp");
  }

  /** The ledger's coin, and what the configuration knows beside it: nothing that a peer says. */
  private static Tokens tokens(Values values, Optional<ChainSettings> chain)
      throws ConfigException {
    List<Token> others =
        values.list("tokens", text -> !Token.parse(text).symbol().isEmpty()).stream()
            .map(Token::parse)
            .toList();
    List<EvmAddress> accepted = ChainSettings.accepted(values);
    if (Set.copyOf(accepted).size() < accepted.size()) {
      throw values.bad("ledger.token", "a token is there twice");
    }
    try {
      return new Tokens(
          chain.map(ChainSettings::coin).orElseGet(() -> Token.coinOf(EmbeddedLedger.FACTS)),
          others,
          accepted);
    } catch (IllegalArgumentException e) {
      throw values.bad("tokens", String.valueOf(e.getMessage()));
    }
  }

  private static Money money(Values values, Tokens tokens) throws ConfigException {
    Money named =
        new Money(
            values.amounts("payments.max-deposit", tokens),
            values.duration("payments.max-challenge", Duration.ofHours(1), Duration.ofDays(90)),
            values.duration("payments.min-challenge", Duration.ofMinutes(1), Duration.ofDays(90)),
            values.amounts("payments.min-deposit", tokens),
            values.number("payments.confirmations", n -> n >= 1 && n <= 1000),
            values.number("payments.max-confirmations", n -> n >= 1 && n <= 1000),
            values.amounts("payments.minimum-redemption", tokens),
            values.duration(
                "payments.max-unredeemed-age", Duration.ofMinutes(1), Duration.ofDays(90)),
            values.amounts("payments.max-unredeemed", tokens));
    return named.completed(tokens);
  }

  private static AutopilotPolicy autopilot(Values values, Tokens tokens) throws ConfigException {
    return new AutopilotPolicy(
        values.optionalDuration(
            "payments.settle-idle-after", Duration.ofHours(1), Duration.ofDays(3650)),
        Optional.of(values.text("payout.to", text -> text.isBlank() || isAccount(text)))
            .filter(text -> !text.isBlank())
            .map(EvmAddress::parse),
        values.amounts("payout.above", tokens).withoutZeros(),
        values.optionalDuration("payout.every", Duration.ofHours(1), Duration.ofDays(365)));
  }

  private static WatchLimits watch(Values values, Tokens tokens) throws ConfigException {
    return new WatchLimits(
        values.duration("watch.lag", Duration.ofSeconds(1), Duration.ofDays(30)),
        values.duration("watch.deadline", Duration.ofMinutes(1), Duration.ofDays(90)),
        (int) values.number("watch.redemptions", n -> n >= 0 && n <= 1_000_000),
        values.duration("watch.outbox", Duration.ofMinutes(1), Duration.ofDays(30)),
        values.amounts("watch.value-at-risk", tokens));
  }

  private static boolean isAccount(String text) {
    try {
      return !EvmAddress.parse(text).equals(EvmAddress.ZERO);
    } catch (ProtocolException | IllegalArgumentException e) {
      return false;
    }
  }

  private static int count(Values values, String key) throws ConfigException {
    return (int) values.number(key, n -> n >= 1 && n <= 1_000_000);
  }

  private static Http http(Values values) throws ConfigException {
    String text = values.text("http", ConfigReader::isLoopback);
    int colon = text.lastIndexOf(':');
    return new Http(literal(text.substring(0, colon)), Integer.parseInt(text.substring(colon + 1)));
  }

  private static Optional<RemoteKeys> remoteKeys(Values values) throws ConfigException {
    String uri = values.text("keys.remote", text -> text.isBlank() || isWebUrl(text));
    String account =
        values.text(
            "keys.remote-account",
            text -> text.isBlank() || isFound(() -> EvmAddress.parse(text.strip())));
    Duration time =
        values.duration("keys.remote-time", Duration.ofMillis(100), Duration.ofMinutes(5));
    if (uri.isBlank() != account.isBlank()) {
      throw new ConfigException(
          "keys.remote and keys.remote-account: one is given without the other");
    }
    return uri.isBlank()
        ? Optional.empty()
        : Optional.of(
            new RemoteKeys(URI.create(uri.strip()), EvmAddress.parse(account.strip()), time));
  }

  /** A user in it would be no secret here, and is not sent. */
  private static boolean isWebUrl(String text) {
    URI uri = URI.create(text.strip());
    String scheme = String.valueOf(uri.getScheme());
    return (scheme.equals("http") || scheme.equals("https"))
        && uri.getHost() != null
        && uri.getRawUserInfo() == null
        && uri.getRawFragment() == null;
  }

  private static BeePullsync bee(Values values) throws ConfigException {
    String enabled =
        values.text("pullsync.bee.enabled", text -> List.of("true", "false").contains(text));
    String overlay =
        values.text(
            "pullsync.bee.overlay", text -> text.isBlank() || isFound(() -> Bytes32.parse(text)));
    List<String> batches =
        values.list("pullsync.bee.batches", text -> isFound(() -> Batch.parse(text)));
    if (batches.size() > MOST_BATCHES) {
      throw new ConfigException(
          "pullsync.bee.batches: %d, at most %d".formatted(batches.size(), MOST_BATCHES));
    }
    return new BeePullsync(
        Boolean.parseBoolean(enabled),
        overlay.isBlank() ? Optional.empty() : Optional.of(Bytes32.parse(overlay)),
        (int) values.number("pullsync.bee.radius", n -> n >= 0 && n <= 31),
        batches.stream().map(Batch::parse).toList(),
        values
            .list(
                "pullsync.bee.neighbours",
                text -> isTcp(text) && Multiaddr.parse(text).peerId().isPresent())
            .stream()
            .map(Multiaddr::parse)
            .toList(),
        values.list("pullsync.bee.readers", text -> isFound(() -> PeerId.parse(text))).stream()
            .map(PeerId::parse)
            .collect(Collectors.toSet()),
        values.size("pullsync.bee.capacity", 1 << 20, Long.MAX_VALUE));
  }

  /** Whether a text is one of those that a parser takes. */
  private static boolean isFound(Supplier<?> parser) {
    try {
      return !parser.get().toString().isEmpty();
    } catch (ProtocolException e) {
      return false;
    }
  }

  private static Optional<Http> content(Values values) throws ConfigException {
    String text =
        values.text("content.listen", any -> any.isBlank() || address(any).port() <= 65_535);
    return text.isBlank() ? Optional.empty() : Optional.of(address(text));
  }

  /** Throws where it is none, as the checks of values do. */
  private static Http address(String text) {
    int colon = text.lastIndexOf(':');
    String host = literal(text.substring(0, Math.max(0, colon)));
    int port = Integer.parseUnsignedInt(text.substring(colon + 1));
    return new Http(InetAddress.ofLiteral(host).getHostAddress(), port);
  }

  private static String literal(String host) {
    return host.equals("localhost") ? "127.0.0.1" : host.replace("[", "").replace("]", "");
  }

  private static boolean isLoopback(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1) {
      return false;
    }
    int port = Integer.parseInt(text.substring(colon + 1));
    return port >= 0
        && port <= 65_535
        && InetAddress.ofLiteral(literal(text.substring(0, colon))).isLoopbackAddress();
  }

  /** One ledger per user outside any home, so that all homes of a user meet on it. */
  private static Path ledger(Path home, Values values, Map<String, String> environment)
      throws ConfigException {
    String override = environment.get("SLUICE_LEDGER");
    if (override != null && !override.isBlank()) {
      return NodeConfig.path(override, environment).toAbsolutePath();
    }
    Optional<String> configured = values.optional("ledger.path");
    if (configured.isPresent()) {
      return home.resolve(NodeConfig.path(configured.get(), environment)).toAbsolutePath();
    }
    String data = environment.get("XDG_DATA_HOME");
    Path base =
        data != null && !data.isBlank()
            ? NodeConfig.path(data, environment)
            : NodeConfig.userHome(environment).resolve(".local").resolve("share");
    return base.resolve("sluice").resolve("ledger").toAbsolutePath();
  }
}
