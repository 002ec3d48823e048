package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.read.ListAppender;
import io.sluice.payments.voucher.Keystore;
import io.sluice.protocol.retrieval.EvmAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * A paid deal with everything logged that can be: no secret of either home is in the log, in what
 * commands print, or in a file that is not there to keep it.
 */
@Timeout(300)
class SecretsTest {
  private static final String PASSPHRASE = "a passphrase that stands nowhere else";

  @TempDir Path folder;
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final Map<Logger, Level> before = new TreeMap<>(Comparator.comparing(Logger::getName));
  private final List<Appender<ILoggingEvent>> shown = new ArrayList<>();
  private TestShell shell;

  @BeforeEach
  void listen() {
    shell = new TestShell(folder).with("SLUICE_PASSPHRASE", PASSPHRASE);
    log.list = new CopyOnWriteArrayList<>();
    log.start();
    show(Logger.ROOT_LOGGER_NAME, Level.DEBUG);
    show("io.sluice", Level.TRACE);
    root().iteratorForAppenders().forEachRemaining(shown::add);
    shown.forEach(root()::detachAppender); // nobody reads as much as that
    root().addAppender(log);
  }

  private void show(String name, Level level) {
    Logger logger = (Logger) LoggerFactory.getLogger(name);
    before.put(logger, logger.getLevel());
    logger.setLevel(level);
  }

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  }

  @AfterEach
  void leave() {
    root().detachAppender(log);
    shown.forEach(root()::addAppender);
    before.forEach(Logger::setLevel);
  }

  /** The secret as it is, and as people write it. */
  private static List<byte[]> forms(byte[] secret) {
    String hex = HexFormat.of().formatHex(secret);
    return List.of(secret, bytes(hex), bytes(hex.toUpperCase(Locale.ROOT)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private byte[] accountKey(String home) throws IOException {
    EvmAddress account =
        EvmAddress.parse(
            shell.ok("--home", home, "id", "--json").json().get("paymentAddress").asText());
    return new Keystore(folder.resolve(home).resolve("keys/accounts"), 4096)
        .load(account, PASSPHRASE)
        .secret();
  }

  private static boolean contains(byte[] where, byte[] what) {
    return new String(where, StandardCharsets.ISO_8859_1)
        .contains(new String(what, StandardCharsets.ISO_8859_1));
  }

  @Test
  void givenADealWithAllOfItLogged_thenNoSecretIsInLogOutputOrFiles() throws Exception {
    shell.ok("--home", "provider", "init");
    shell.ok("--home", "client", "init");
    String account =
        shell.ok("--home", "client", "id", "--json").json().get("paymentAddress").asText();
    shell.ok("--home", "client", "faucet", account, "10PLAY");
    byte[] film = new byte[300_000];
    new Random(1).nextBytes(film);
    Files.write(folder.resolve("film.bin"), film);
    String cid =
        shell
            .ok("--home", "provider", "import", "film.bin", "--json")
            .json()
            .at("/items/0/cid")
            .asText();
    shell.ok("--home", "provider", "ask", "set", "--price-per-gib", "0.5PLAY");
    String grant =
        shell
            .ok("--home", "provider", "grants", "add", "token", "--read", "--json")
            .json()
            .get("token")
            .asText();
    TestShell.Background node =
        shell.start(
            "--home", "provider", "run", "--listen", "/ip4/127.0.0.1/tcp/0", "--log", "debug");
    String address = node.until("ready").getFirst().substring("listening ".length());
    byte[] admin =
        bytes(
            TestShell.json(Files.readString(folder.resolve("provider/run/admin.json")))
                .get("token")
                .asText());

    TestShell.Ran bought =
        shell.ok(
            "--home",
            "client",
            "--log",
            "debug",
            "retrieve",
            cid,
            "--provider",
            address,
            "-o",
            "bought.bin");
    shell.ok("--home", "provider", "stop");
    node.thread().join();

    assertEquals(-1, Files.mismatch(folder.resolve("film.bin"), folder.resolve("bought.bin")));
    List<byte[]> secrets = new ArrayList<>(List.of(bytes(PASSPHRASE), admin, bytes(grant)));
    secrets.addAll(forms(accountKey("provider")));
    secrets.addAll(forms(accountKey("client")));
    StringBuilder said = new StringBuilder();
    for (ILoggingEvent event : log.list) {
      said.append(event.getFormattedMessage())
          .append('\n')
          .append(event.getThrowableProxy() == null ? "" : event.getThrowableProxy().getMessage());
    }
    assertTrue(log.list.size() > 20, "hardly anything was logged");
    said.append(bought.out()).append(bought.err());
    for (byte[] secret : secrets) {
      assertFalse(contains(bytes(said.toString()), secret), "a secret is in the log");
      for (Path file : filesThatKeepNone()) {
        assertFalse(contains(Files.readAllBytes(file), secret), "a secret is in " + file);
      }
    }
  }

  /**
   * Not the journal with the grant that was just made, nor the file that tells commands the way.
   */
  private List<Path> filesThatKeepNone() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.endsWith("run/admin.json"))
          .toList();
    }
  }
}
