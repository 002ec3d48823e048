package io.sluice.node;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Faults;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.NodeConfig;
import io.sluice.node.home.Home;
import io.sluice.node.home.HomeLock;
import io.sluice.node.home.Passphrase;
import io.sluice.node.http.AdminApi;
import io.sluice.node.http.AdminFile;
import io.sluice.node.metrics.Metrics;
import io.sluice.node.sync.ContentListener;
import io.sluice.node.sync.SyncHooks;
import io.sluice.node.transfer.TransferManager;
import io.sluice.node.transfer.TransferValidator;
import io.sluice.node.watch.Health;
import io.sluice.node.watch.LatestFigures;
import io.sluice.node.watch.MoneyHealth;
import io.sluice.payments.token.Tokens;
import io.sluice.payments.watch.MoneyWatch;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node in the foreground: serves peers and answers commands until it is told to stop.
 *
 * <p>Start, in this order: lock, checks, keys, the admin API, books and journal, money in step with
 * the ledger, blocks, machines, and last listening for peers. Commands are answered from when the
 * keys are there until the last transfer is over, so that none has to wait for a start or an end
 * that takes long.
 */
public final class RunningNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunningNode.class);
  private static final long LOCK_PATIENCE_MILLIS = 10_000;
  private static final long LOOK_EVERY_MILLIS = 50;

  /**
   * Whoever reads the metrics waits so long for a ledger; Prometheus gives up after ten seconds.
   */
  private static final long LOOK_MILLIS = 2_000;

  private final SluiceNode node;
  private final CountDownLatch stop = new CountDownLatch(1);
  private volatile boolean failed;
  private volatile Optional<MoneyHealth> health = Optional.empty();
  private final Metrics metrics = new Metrics();
  private final AdminApi api;
  private final NodeService service;
  private final Optional<ContentListener> content;

  private RunningNode(SluiceNode node) throws IOException, ServiceException, InterruptedException {
    this.node = node;
    node.onFailure(
        cause -> {
          LOG.error("the node ends; the next start recovers what was promised", cause);
          failed = true;
          stop.countDown();
        });
    NodeConfig config = node.config();
    node.countedBy(metrics);
    node.requireRoom();
    node.unlock();
    Thread.startVirtualThread(node.keys()::lookForSigner); // which may take its time
    // From here on commands are answered: each waits for the parts that it needs.
    node.network().atLeast(Network.Mode.SERVE);
    this.service = LocalNodeService.running(node, stop::countDown);
    this.api =
        AdminApi.start(
            service, config.http().host(), config.http().port(), metrics::text, this::health);
    try {
      api.file(true).write(node.home().run());
      node.store();
      node.payments();
      node.blocks();
      node.knownLog(); // in step with the list from here on
      node.prices();
      // For as long as the node runs.
      new NodeFigures(metrics, node).show(node.network(Network.Mode.SERVE).network());
      this.health = Optional.of(watch());
      this.content = listen(config);
    } catch (IOException | ServiceException | InterruptedException | RuntimeException e) {
      shutOut();
      throw e;
    }
  }

  /**
   * From here on the money is looked at whenever somebody reads the metrics, or asks for health.
   */
  private MoneyHealth watch() throws IOException, ServiceException {
    NodeConfig config = node.config();
    MoneyWatch watch =
        new MoneyWatch(
            node.payments(),
            node.money().ledger(),
            node.keys().account(),
            config.tokens().accepted(),
            config.payments().confirmations(),
            node.clock(),
            Ticker.SYSTEM);
    LatestFigures figures = new LatestFigures(watch::look, Ticker.SYSTEM, LOOK_MILLIS);
    Tokens tokens = node.money().tokens();
    MoneyHealth judge = new MoneyHealth(figures, config.watch(), tokens);
    MoneyMetrics.show(
        metrics, figures, judge, config.watch(), tokens, node.money().ledger().standing().nodes());
    return judge;
  }

  private Health health() {
    return health.map(MoneyHealth::now).orElse(Health.NOT_STARTED);
  }

  private Optional<ContentListener> listen(NodeConfig config) {
    return config.content().map(at -> ContentListener.start(at.host(), at.port(), node.sync()));
  }

  /**
   * Starts a node on a home.
   *
   * @throws ServiceException {@code HOME_IN_USE}, {@code PORT_IN_USE}, {@code NO_HOME}, {@code
   *     NO_PASSPHRASE} and what else can be wrong with a home
   */
  public static RunningNode start(Home home, NodeConfig config, Passphrase passphrase)
      throws ServiceException {
    return start(home, config, passphrase, Map.of());
  }

  /**
   * The same with transfers of its own, beside deals and allowed pushes.
   *
   * @param validators who judges those that peers open, by type of their voucher; they are there
   *     before the first peer is let in
   */
  public static RunningNode start(
      Home home,
      NodeConfig config,
      Passphrase passphrase,
      Map<String, TransferValidator> validators)
      throws ServiceException {
    return start(home, config, passphrase, validators, SyncHooks.NONE);
  }

  /**
   * Starts a node that asks a program about pushes and reads by dsync, too.
   *
   * @param validators who judges transfers that peers open, by type of their voucher
   * @param hooks who may refuse what grants and prices allow
   */
  public static RunningNode start(
      Home home,
      NodeConfig config,
      Passphrase passphrase,
      Map<String, TransferValidator> validators,
      SyncHooks hooks)
      throws ServiceException {
    if (!home.exists()) {
      throw new ServiceException(
          ErrorCode.NO_HOME,
          "%s is not a Sluice home; run 'sluice init' first".formatted(home.directory()));
    }
    SluiceNode node = SluiceNode.open(home, config, passphrase, lock(home), Clock.systemUTC());
    node.judgedBy(validators);
    node.hookedBy(hooks);
    try {
      return new RunningNode(node);
    } catch (Exception e) { // whatever it is, the home is let go of
      node.close();
      throw Faults.of(e, "the node does not start");
    }
  }

  private static HomeLock lock(Home home) throws ServiceException {
    try {
      for (long waited = 0; waited < LOCK_PATIENCE_MILLIS; waited += LOOK_EVERY_MILLIS) {
        Optional<HomeLock> lock = HomeLock.tryTake(home);
        if (lock.isPresent()) {
          AdminFile.remove(home.run()); // of a node that was killed
          return lock.get();
        }
        if (AdminFile.read(home.run()).filter(file -> file.node() && file.answers()).isPresent()) {
          throw new ServiceException(
              ErrorCode.HOME_IN_USE,
              "a node runs on %s already; 'sluice stop' ends it".formatted(home.directory()));
        }
        Thread.sleep(LOOK_EVERY_MILLIS); // another command is about to be done
      }
    } catch (IOException e) {
      throw Faults.of(e, "the home " + home.directory() + " cannot be opened");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(DealCode.INTERRUPTED, "interrupted", e);
    }
    throw new ServiceException(
        ErrorCode.HOME_IN_USE,
        "another command has %s open; wait for it or end it".formatted(home.directory()));
  }

  /** Where peers reach this node, each with {@code /p2p/PEERID}. */
  public List<String> addresses() {
    return node.joined()
        .map(network -> LocalNodeService.addresses(network.host()))
        .orElse(List.of());
  }

  /** All that commands can ask of this node, for programs that it runs in. */
  public NodeService service() {
    return service;
  }

  /** The transfers that are no deals, for programs that have some of their own. */
  public TransferManager transfers() {
    return node.joined().orElseThrow(() -> new IllegalStateException("closed")).transfers();
  }

  /** Where dsync is found over HTTP, if it is. */
  public Optional<String> dsync() {
    return content.map(ContentListener::url);
  }

  /** Where the admin API listens. */
  public String http() {
    return api.url();
  }

  /**
   * Waits until somebody asks the node to stop.
   *
   * @throws ServiceException if it has to stop because a disk failed
   */
  public void awaitStop() throws InterruptedException, ServiceException {
    stop.await();
    if (failed) {
      throw new ServiceException(
          ErrorCode.IO, "the journal cannot be written; the log has the cause");
    }
  }

  /**
   * Refuses new deals, lets those that run come to their end, for as long as configured, and closes
   * everything.
   */
  @Override
  public void close() {
    content.ifPresent(ContentListener::close);
    node.joined().ifPresent(Network::admitNoMore);
    node.joined().ifPresent(network -> network.drain(node.config().drain()));
    shutOut();
    node.close();
    metrics.close();
  }

  /** From here on commands find nobody, and no call goes on. */
  private void shutOut() {
    try {
      AdminFile.remove(node.home().run());
    } catch (IOException e) {
      LOG.warn("the admin file stays behind: {}", e.toString());
    }
    api.close();
  }
}
