package io.sluice.node;

import io.sluice.node.api.NodeService;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.NodeConfig;
import io.sluice.node.home.Home;
import io.sluice.node.home.HomeLock;
import io.sluice.node.http.AdminFile;
import io.sluice.node.http.RemoteNodeService;
import io.sluice.node.sync.SyncHooks;
import io.sluice.node.transfer.TransferValidator;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** A home of its own, and the node that runs on it. */
final class TestNode implements AutoCloseable {
  private static final int SCRYPT_N = 4096;

  final Home home;
  private final Path folder;
  private final Map<String, String> environment = new HashMap<>();
  private RunningNode running;

  TestNode(Path folder) throws ServiceException {
    this.folder = folder;
    home = new Home(folder.resolve("home"));
    home.init(Optional.of("secret"), SCRYPT_N);
    environment.put("SLUICE_LEDGER", folder.resolve("ledger").toString());
    environment.put("SLUICE_KEYSTORE_SCRYPT_N", Integer.toString(SCRYPT_N));
    environment.put("SLUICE_STORAGE_FREE", "0");
  }

  TestNode with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  TestNode start() throws Exception {
    return start(SyncHooks.NONE);
  }

  TestNode start(SyncHooks hooks) throws Exception {
    return start(hooks, Map.of());
  }

  TestNode start(Map<String, TransferValidator> validators) throws Exception {
    return start(SyncHooks.NONE, validators);
  }

  private TestNode start(SyncHooks hooks, Map<String, TransferValidator> validators)
      throws Exception {
    NodeConfig config =
        NodeConfig.read(
            home.directory(), environment, Map.of("listen", List.of("/ip4/127.0.0.1/tcp/0")));
    running = RunningNode.start(home, config, () -> "secret", validators, hooks);
    return this;
  }

  /** Ends the node and starts it on the same home. */
  void startAgain() throws Exception {
    stop();
    start();
  }

  /** Ends the node; its home stays. */
  void stop() {
    running.close();
  }

  /** The home itself, of a node that is not running. */
  SluiceNode open() throws Exception {
    return SluiceNode.open(
        home,
        NodeConfig.read(home.directory(), environment, Map.of()),
        () -> "secret",
        HomeLock.tryTake(home).orElseThrow(),
        Clock.systemUTC());
  }

  /** Waits until no deal is under way: a last word may still be on its way. */
  void awaitNoDeals() throws Exception {
    try (NodeService commands = commands()) {
      while (commands.status().deals() > 0) {
        LockSupport.parkNanos(2_000_000);
      }
    }
  }

  /** A transfer's last message may come after its deal is over. */
  void awaitTransferEnd() throws Exception {
    try (NodeService commands = commands()) {
      while (!commands.transfers().getFirst().status().equals("COMPLETED")) {
        LockSupport.parkNanos(2_000_000);
      }
    }
  }

  String address() {
    return running.addresses().getFirst();
  }

  /** Where dsync is found over HTTP. */
  String dsync() {
    return running.dsync().orElseThrow();
  }

  /** Commands as they reach a running node. */
  NodeService commands() throws IOException {
    return RemoteNodeService.of(AdminFile.read(home.run()).orElseThrow());
  }

  /** Made-up content that anybody gets for nothing. */
  Cid give(int bytes) throws Exception {
    return offer(bytes, TokenAmount.ZERO);
  }

  /** Made-up content at a price, always the same for one size. */
  Cid offer(int bytes, TokenAmount pricePerMib) throws Exception {
    byte[] content = new byte[bytes];
    new Random(bytes).nextBytes(content);
    Path file = Files.write(folder.resolve("content-" + bytes), content);
    try (NodeService commands = commands()) {
      String cid =
          commands
              .importContent(
                  new Requests.ImportRequest(
                      List.of(file.toString()), false, false, Optional.empty(), Optional.empty()))
              .getFirst()
              .cid();
      commands.setAsk(
          new Requests.PriceRequest(
              Optional.of(cid),
              pricePerMib,
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty()));
      return Cid.parse(cid);
    }
  }

  String metrics() throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create(running.http() + "/metrics")).build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  @Override
  public void close() {
    running.close();
  }
}
