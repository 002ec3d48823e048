package io.sluice.node.config;

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
import io.sluice.protocol.retrieval.TokenAmount;
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
 * How a node is set up: {@code sluice.yaml} in the home, overridden by {@code SLUICE_…} variables
 * of the environment, and those by flags. Checked when read; every message names the key, the bad
 * value and what is allowed.
 *
 * @param listen addresses for peers
 * @param http where the admin API listens
 * @param network whom this node connects with
 * @param ledger the embedded ledger's file
 * @param namedChain the EVM chain that is named, whether channels are on it or not
 * @param tokens what amounts are written and shown in
 * @param payments channels and their conditions
 * @param autopilot what is done with money by itself
 * @param watch from where on something about its money is worth telling
 * @param client how this node buys
 * @param provider how this node sells
 * @param scryptN cost of the passphrase of a new key
 * @param remoteKeys the signer that has the key of the account in use; empty if this home does
 * @param freeBytes blocks are not written while the disk has less left
 * @param receiveQuota bytes that content pushed to this node or pulled from neighbours may take in
 *     all
 * @param content where content is served over HTTP; empty for nowhere
 * @param neighbours how fast peers may pull what came here
 * @param bee this node among nodes of Swarm
 * @param sync what dsync may do
 * @param retention how long ended deals keep their history
 * @param drain how long running work may take to come to rest
 */
public record NodeConfig(
    List<Multiaddr> listen,
    Http http,
    Networking network,
    Path ledger,
    ChainSettings namedChain,
    Tokens tokens,
    Money payments,
    AutopilotPolicy autopilot,
    WatchLimits watch,
    Buying client,
    Selling provider,
    int scryptN,
    Optional<RemoteKeys> remoteKeys,
    long freeBytes,
    long receiveQuota,
    Optional<Http> content,
    Neighbours neighbours,
    BeePullsync bee,
    SyncSettings sync,
    Duration retention,
    Duration drain) {

  /** More batches do not fit into the head of a reserve. */
  private static final int MOST_BATCHES = 1000;

  /** Copies the list. */
  public NodeConfig {
    listen = List.copyOf(listen);
  }

  /** The chain that channels are on; empty where they are on the embedded ledger. */
  public Optional<ChainSettings> chain() {
    return Optional.of(namedChain).filter(ChainSettings::isUsed);
  }

  /**
   * Where something listens for HTTP.
   *
   * @param host an address as a literal; of the admin API one of loopback
   * @param port 0 for any free one
   */
  public record Http(String host, int port) {}

  /**
   * Who signs for the account in use.
   *
   * @param uri where it is asked
   * @param account whose key it has
   * @param time how long a signature may take
   */
  public record RemoteKeys(URI uri, EvmAddress account, Duration time) {}

  /** Who may measure the way to this node. */
  public enum PerfPeers {
    /** Nobody. */
    OFF,
    /** The peers of the peers file. */
    KNOWN,
    /** Everybody. */
    ALL
  }

  /**
   * Whom this node connects with.
   *
   * @param connections at once
   * @param deniedPeers neither dialled nor let in
   * @param deniedRanges neither dialled nor let in
   * @param perf who may measure
   */
  public record Networking(
      int connections, Set<PeerId> deniedPeers, List<AddressRange> deniedRanges, PerfPeers perf) {

    /** Copies the collections. */
    public Networking {
      deniedPeers = Set.copyOf(deniedPeers);
      deniedRanges = List.copyOf(deniedRanges);
    }
  }

  /**
   * Channels and their conditions.
   *
   * @param maxDeposit most that may lie in a channel beyond what has been signed away
   * @param maxChallenge longest challenge period of channels that are opened
   * @param minChallenge shortest challenge period of channels that pay this node
   * @param minDeposit least that these are opened with
   * @param confirmations blocks after which a deposit counts
   * @param maxConfirmations most that a provider may want to wait for
   * @param minimumRedemption nothing less is redeemed by itself
   * @param maxUnredeemedAge after this long all is redeemed
   * @param maxUnredeemed when a channel owes more, it is redeemed while deals run, too
   */
  public record Money(
      TokenAmount maxDeposit,
      Duration maxChallenge,
      Duration minChallenge,
      TokenAmount minDeposit,
      long confirmations,
      long maxConfirmations,
      TokenAmount minimumRedemption,
      Duration maxUnredeemedAge,
      TokenAmount maxUnredeemed) {}

  /**
   * How this node buys.
   *
   * @param maxPricePerMiB dearest price that is paid without being told to
   * @param parked how long an interrupted deal is kept
   */
  public record Buying(Optional<TokenAmount> maxPricePerMiB, Duration parked) {}

  /**
   * How this node sells.
   *
   * @param minInterval smallest first interval of an offer, in bytes
   * @param paymentWait how long a deal waits for a payment
   * @param dealsPerPeer deals of one peer at once
   * @param deals deals at once in all
   * @param proposals that one peer may make a minute without paying for any
   * @param queries that one peer may make a minute without paying for any
   */
  public record Selling(
      long minInterval,
      Duration paymentWait,
      int dealsPerPeer,
      int deals,
      int proposals,
      int queries) {}

  /**
   * How fast one peer may pull what came here.
   *
   * @param blocksPerSecond in the long run
   * @param bytesPerSecond in the long run; 0 for no limit
   * @param pulledBytesPerSecond most that this node pulls of one neighbour; 0 for no limit
   */
  public record Neighbours(int blocksPerSecond, long bytesPerSecond, long pulledBytesPerSecond) {}

  /**
   * This node among nodes of Swarm, by the pullsync of bee.
   *
   * @param enabled whether any of it is
   * @param overlay the address that chunks are near to or not; empty for one made of the peer id
   * @param radius chunks that share fewer leading bits with it are not kept
   * @param batches whose stamps let chunks in
   * @param neighbours who is pulled from, and may pull; each with its peer id
   * @param readers who else may pull
   * @param capacity bytes that the chunks may take
   */
  public record BeePullsync(
      boolean enabled,
      Optional<Bytes32> overlay,
      int radius,
      List<Batch> batches,
      List<Multiaddr> neighbours,
      Set<PeerId> readers,
      long capacity) {

    /** Copies the collections. */
    public BeePullsync {
      batches = List.copyOf(batches);
      neighbours = List.copyOf(neighbours);
      readers = Set.copyOf(readers);
    }
  }

  /**
   * Reads the configuration of a home.
   *
   * @param home the folder with {@code sluice.yaml}, which may be missing
   * @param environment variables of the process
   * @param flags values by key that win over all else
   */
  public static NodeConfig read(
      Path home, Map<String, String> environment, Map<String, List<String>> flags)
      throws ConfigException, IOException {
    Values values = Values.read(home.resolve("sluice.yaml"), environment, flags);
    ChainSettings chain = ChainSettings.read(values);
    Tokens tokens = tokens(values, Optional.of(chain).filter(ChainSettings::isUsed));
    return new NodeConfig(
        values.list("listen", NodeConfig::isTcp).stream().map(Multiaddr::parse).toList(),
        http(values),
        networking(values),
        ledger(home, values, environment),
        chain,
        tokens,
        money(values, tokens),
        autopilot(values, tokens),
        watch(values, tokens),
        new Buying(
            values.optionalAmount("client.max-price-per-mib", tokens),
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
    for (String denied : values.list("network.deny", NodeConfig::isDeniable)) {
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

  /** The user's folder: as the environment has it, for tests and containers change that. */
  public static Path userHome(Map<String, String> environment) {
    String home = environment.get("HOME");
    return Path.of(home == null || home.isBlank() ? System.getProperty("user.home") : home);
  }

  /** A path as people write it where no shell reads it: {@code ~} is the user's folder. */
  public static Path path(String text, Map<String, String> environment) {
    return text.equals("~") || text.startsWith("~/")
        ? userHome(environment).resolve(text.substring(Math.min(2, text.length())))
        : Path.of(text);
  }

  /** The ledger's coin, and what the configuration knows beside it: nothing that a peer says. */
  private static Tokens tokens(Values values, Optional<ChainSettings> chain)
      throws ConfigException {
    List<Token> others =
        values.list("tokens", text -> !Token.parse(text).symbol().isEmpty()).stream()
            .map(Token::parse)
            .toList();
    try {
      return chain
          .map(each -> new Tokens(each.coin(), others, each.token()))
          .orElseGet(() -> new Tokens(Token.coinOf(EmbeddedLedger.FACTS), others));
    } catch (IllegalArgumentException e) {
      throw values.bad("tokens", String.valueOf(e.getMessage()));
    }
  }

  private static Money money(Values values, Tokens tokens) throws ConfigException {
    return new Money(
        values.amount("payments.max-deposit", tokens),
        values.duration("payments.max-challenge", Duration.ofHours(1), Duration.ofDays(90)),
        values.duration("payments.min-challenge", Duration.ofMinutes(1), Duration.ofDays(90)),
        values.amount("payments.min-deposit", tokens),
        values.number("payments.confirmations", n -> n >= 1 && n <= 1000),
        values.number("payments.max-confirmations", n -> n >= 1 && n <= 1000),
        values.amount("payments.minimum-redemption", tokens),
        values.duration("payments.max-unredeemed-age", Duration.ofMinutes(1), Duration.ofDays(90)),
        values.amount("payments.max-unredeemed", tokens));
  }

  private static AutopilotPolicy autopilot(Values values, Tokens tokens) throws ConfigException {
    return new AutopilotPolicy(
        values.optionalDuration(
            "payments.settle-idle-after", Duration.ofHours(1), Duration.ofDays(3650)),
        Optional.of(values.text("payout.to", text -> text.isBlank() || isAccount(text)))
            .filter(text -> !text.isBlank())
            .map(EvmAddress::parse),
        values.optionalAmount("payout.above", tokens).filter(above -> !above.isZero()),
        values.optionalDuration("payout.every", Duration.ofHours(1), Duration.ofDays(365)));
  }

  private static WatchLimits watch(Values values, Tokens tokens) throws ConfigException {
    return new WatchLimits(
        values.duration("watch.lag", Duration.ofSeconds(1), Duration.ofDays(30)),
        values.duration("watch.deadline", Duration.ofMinutes(1), Duration.ofDays(90)),
        (int) values.number("watch.redemptions", n -> n >= 0 && n <= 1_000_000),
        values.duration("watch.outbox", Duration.ofMinutes(1), Duration.ofDays(30)),
        values.optionalAmount("watch.value-at-risk", tokens));
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
    String text = values.text("http", NodeConfig::isLoopback);
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
      return path(override, environment).toAbsolutePath();
    }
    Optional<String> configured = values.optional("ledger.path");
    if (configured.isPresent()) {
      return home.resolve(path(configured.get(), environment)).toAbsolutePath();
    }
    String data = environment.get("XDG_DATA_HOME");
    Path base =
        data != null && !data.isBlank()
            ? path(data, environment)
            : userHome(environment).resolve(".local").resolve("share");
    return base.resolve("sluice").resolve("ledger").toAbsolutePath();
  }

  /** What a new home's {@code sluice.yaml} says: every key with its default, commented out. */
  public static String template() {
    return ConfigPage.template();
  }

  /** The reference page, in Markdown. */
  public static String page() {
    return ConfigPage.markdown();
  }
}
