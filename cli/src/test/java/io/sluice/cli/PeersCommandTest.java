package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.node.RunningNode;
import io.sluice.node.config.NodeConfig;
import io.sluice.node.home.Home;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A running node that others reach by its id alone. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class PeersCommandTest {
  private static final String STRANGER = "12D3KooWMxnuWNEF37qbDdF5q6sjdQjBSjJwhRNvEf2V1GLJ3S6H";

  @TempDir static Path folder;
  private TestShell there;
  private TestShell here;
  private RunningNode running;
  private String address;
  private String peer;

  @BeforeAll
  void start() throws Exception {
    there = new TestShell(folder).with("SLUICE_HOME", folder.resolve("there").toString());
    here = new TestShell(folder).with("SLUICE_HOME", folder.resolve("here").toString());
    there.ok("init");
    here.ok("init");
    Home home = new Home(folder.resolve("there"));
    String passphrase = Files.readString(home.passphraseFile()).strip();
    running =
        RunningNode.start(
            home,
            NodeConfig.read(
                home.directory(),
                there.surroundings().environment(),
                Map.of("listen", List.of("/ip4/127.0.0.1/tcp/0"))),
            () -> passphrase);
    address = running.addresses().getFirst();
    peer = address.substring(address.indexOf("/p2p/") + "/p2p/".length());
  }

  @AfterAll
  void stop() {
    running.close();
  }

  @AfterEach
  void forget() throws Exception {
    Files.deleteIfExists(folder.resolve("here").resolve("peers"));
    Files.deleteIfExists(folder.resolve("there").resolve("peers"));
  }

  @Test
  void givenAdded_thenItsIdAloneIsEnoughUntilItIsRemoved() throws Exception {
    Files.writeString(folder.resolve("file"), "something");
    String cid = there.ok("import", "file", "--json").json().at("/items/0/cid").asText();
    there.ok("ask", "set", "--cid", cid, "--price-per-mib", "0");
    assertEquals(4, here.run("peers", "ping", peer).exit());

    here.ok("peers", "add", address);

    assertEquals(peer, here.ok("peers", "ping", peer, "--json").json().get("peer").asText());
    assertEquals(
        "available",
        here.ok("query", cid, "--provider", peer, "--json").json().get("status").asText());
    here.ok("retrieve", cid, "--provider", "/p2p/" + peer, "-o", "fetched");
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("file")), Files.readAllBytes(folder.resolve("fetched")));

    here.ok("peers", "rm", peer);
    assertEquals(4, here.run("peers", "ping", peer).exit());
  }

  @Test
  void givenSeveralAddresses_thenListedAndRemovedOneByOne() {
    String dead = "/ip4/127.0.0.1/tcp/1/p2p/" + peer;
    here.ok("peers", "add", dead);
    here.ok("peers", "add", address);

    here.ok("peers", "ping", peer); // one of them answers
    JsonNode listed = here.ok("peers", "ls", "--json").json().get("items");
    assertEquals(1, listed.size());
    assertEquals(2, listed.get(0).get("addresses").size());
    assertTrue(listed.get(0).get("known").asBoolean());

    here.ok("peers", "rm", address);
    assertEquals(
        "/ip4/127.0.0.1/tcp/1",
        here.ok("peers", "ls", "--json").json().at("/items/0/addresses/0").asText());
    assertEquals(7, here.run("peers", "ping", peer).exit());
  }

  @Test
  void givenKnownThere_thenMeasuredAndElseRefused() {
    here.ok("peers", "add", address);

    TestShell.Ran refused = here.run("peers", "perf", peer, "--up", "1KiB", "--json");
    assertEquals("REFUSED", refused.json().at("/error/code").asText());

    String me = here.ok("id", "--json").json().get("peerId").asText();
    there.ok("peers", "add", "/ip4/127.0.0.1/tcp/1/p2p/" + me);
    JsonNode measured =
        here.ok("peers", "perf", peer, "--up", "1MiB", "--down", "2MiB", "--json").json();

    assertEquals(1 << 20, measured.get("uploadBytes").asLong());
    assertEquals(2 << 20, measured.get("downloadBytes").asLong());
  }

  @Test
  void givenDenied_thenNotDialledByTheNode() {
    there.ok("deny", "add", STRANGER);
    try {
      TestShell.Ran ran =
          there.run("peers", "ping", "/ip4/127.0.0.1/tcp/1/p2p/" + STRANGER, "--json");

      assertEquals("PEER_DENIED", ran.json().at("/error/code").asText());
    } finally {
      there.ok("deny", "rm", STRANGER);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2, BAD_ADDRESS, peers add " + STRANGER,
    "2, BAD_ADDRESS, peers add /ip4/192.0.2.1/tcp/4150",
    "2, BAD_ADDRESS, peers add /ip4/192.0.2.1/udp/4150/p2p/" + STRANGER,
    "2, BAD_ADDRESS, peers add nonsense",
    "4, NO_SUCH_PEER, peers rm " + STRANGER,
    "4, NO_SUCH_PEER, peers ping " + STRANGER,
    "2, BAD_ADDRESS, peers ping nonsense",
    "4, NO_SUCH_PEER, peers perf /p2p/" + STRANGER,
  })
  void badInputEndsInItsCode(int exit, String code, String line) {
    TestShell.Ran ran = here.run((line + " --json").split(" "));

    assertEquals(code, ran.json().at("/error/code").asText(), ran.err().toString());
    assertEquals(exit, ran.exit());
  }
}
