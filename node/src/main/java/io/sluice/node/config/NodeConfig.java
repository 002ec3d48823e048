package io.sluice.node.config;

import io.sluice.node.watch.WatchLimits;
import io.sluice.payments.home.AutopilotPolicy;
import io.sluice.payments.token.Amounts;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.libp2p.AddressRange;
import io.sluice.protocol.libp2p.ConnectionGater;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.pullsync.bee.Batch;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

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

    /**
     * The same as a rule for a host.
     *
     * @param listed whether a peer is on the deny list, too
     */
    public ConnectionGater gater(Predicate<PeerId> listed) {
      return new PeerRules(this, listed);
    }
  }

  /**
   * Channels and their conditions. What is an amount there is one of for each token.
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
      Amounts maxDeposit,
      Duration maxChallenge,
      Duration minChallenge,
      Amounts minDeposit,
      long confirmations,
      long maxConfirmations,
      Amounts minimumRedemption,
      Duration maxUnredeemedAge,
      Amounts maxUnredeemed) {
    /** In whole tokens, where none is given. */
    private static final long MAX_DEPOSIT = 1000;

    private static final long MAX_UNREDEEMED = 100;

    /** Of other tokens than the coin, which gas is not paid in. */
    private static final long MINIMUM_REDEMPTION = 1;

    /**
     * The same with the amounts of tokens of which none was given, as far as their decimals are
     * known; of others nothing is put into channels.
     */
    public Money completed(Tokens tokens) {
      return new Money(
          maxDeposit.or(tokens.whole(MAX_DEPOSIT)),
          maxChallenge,
          minChallenge,
          minDeposit,
          confirmations,
          maxConfirmations,
          minimumRedemption
              .or(
                  tokens.accepts(EvmAddress.ZERO)
                      ? Amounts.of(EvmAddress.ZERO, TokenAmount.of(1))
                      : Amounts.NONE)
              .or(tokens.whole(MINIMUM_REDEMPTION)),
          maxUnredeemedAge,
          maxUnredeemed.or(tokens.whole(MAX_UNREDEEMED)));
    }
  }

  /**
   * How this node buys.
   *
   * @param maxPricePerMiB dearest price that is paid without being told to, by token; where there
   *     is one of some tokens, nothing is paid in others
   * @param parked how long an interrupted deal is kept
   */
  public record Buying(Amounts maxPricePerMiB, Duration parked) {}

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
    return ConfigReader.read(home, environment, flags);
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

  /** What a new home's {@code sluice.yaml} says: every key with its default, commented out. */
  public static String template() {
    return ConfigPage.template();
  }

  /** The reference page, in Markdown. */
  public static String page() {
    return ConfigPage.markdown();
  }
}
