package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.payments.ledger.evm.contract.ContractCode;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.protocol.retrieval.EvmAddress;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code sluice chain dev}: with the Node.js of this machine, and with none or a sham. */
@Timeout(300)
class ChainCommandTest {
  @TempDir Path folder;
  private TestShell shell;

  @BeforeEach
  void open() {
    shell = new TestShell(folder).with("XDG_CACHE_HOME", folder.resolve("cache").toString());
  }

  private TestShell withPrograms(String node, String npm) throws IOException {
    Path programs = Files.createDirectories(folder.resolve("programs"));
    for (var program : Map.of("node", node, "npm", npm).entrySet()) {
      Path file = programs.resolve(program.getKey());
      Files.writeString(file, "#!/bin/sh\n" + program.getValue() + "\n");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }
    return shell.with("PATH", programs.toString());
  }

  /** Where there is a Node.js that is new enough; skips the test, aloud, on other machines. */
  private TestShell withNode() throws IOException {
    String path = System.getenv("PATH");
    boolean there =
        shell
            .with("PATH", path)
            .with("XDG_CACHE_HOME", Files.createFile(folder.resolve("no-folder")).toString())
            .run("chain", "dev", "--port", "0", "--json")
            .json()
            .at("/error/code")
            .asText()
            .equals("IO"); // it got as far as the cache
    if (!there) {
      System.err.println("SKIPPED: 'sluice chain dev' needs Node 20 or newer with npm");
    }
    Assumptions.assumeTrue(there, "no Node 20 or newer on this machine");
    return installing();
  }

  /** With a cache that stays, so that not every run of the tests installs. */
  private TestShell installing() {
    return shell
        .with("PATH", System.getenv("PATH"))
        .with("XDG_CACHE_HOME", Path.of("target", "cache").toAbsolutePath().toString());
  }

  @Test
  void givenNoNode_whenStarted_thenOneLineSaysWhatIsMissing() {
    TestShell.Ran ran = shell.with("PATH", folder.toString()).run("chain", "dev");

    assertEquals(1, ran.exit());
    assertEquals(
        List.of(
            "sluice: a local chain needs Node.js 20 or newer with npm: node is not in the PATH"),
        ran.err());
    assertEquals(List.of(), ran.out());
  }

  @ParameterizedTest
  @CsvSource({"v18.20.8, v18.20.8", "v19.9.0, v19.9.0", "nonsense, nonsense", "'', no node"})
  void givenAnotherNode_whenStarted_thenItSaysWhichItFound(String version, String said)
      throws IOException {
    TestShell.Ran ran =
        withPrograms("echo '" + version + "'", "exit 0").run("chain", "dev", "--json");

    assertEquals("NODE_JS_NEEDED", ran.json().at("/error/code").asText());
    assertTrue(ran.json().at("/error/message").asText().endsWith("programs/node is " + said));
  }

  @Test
  void givenNpmThatFails_whenStartedAgain_thenItIsAskedAgain() throws IOException {
    Path calls = folder.resolve("calls");
    TestShell sham =
        withPrograms(
            "echo v20.0.0",
            "echo \"$*\" >>'%s'; test -f package-lock.json && echo no network; exit 7"
                .formatted(calls));

    for (int i = 0; i < 2; i++) {
      TestShell.Ran ran = sham.run("chain", "dev", "--json");

      assertEquals("IO", ran.json().at("/error/code").asText());
      assertTrue(
          ran.json().at("/error/message").asText().endsWith("local chain needs: no network"));
    }
    assertEquals(2, Files.readAllLines(calls).size());
    assertTrue(Files.readString(calls).startsWith("ci --omit=dev --ignore-scripts"));
  }

  @ParameterizedTest
  @CsvSource({
    "--port,65536",
    "--port,-1",
    "--chain-id,0",
    "--block-time,1500ms",
    "--block-time,2h"
  })
  void givenNumbersOutOfRange_whenStarted_thenUsage(String option, String value) {
    TestShell.Ran ran = shell.run("chain", "dev", option, value, "--json");

    assertEquals("USAGE", ran.json().at("/error/code").asText());
  }

  @Test
  void givenNode_whenStarted_thenThereIsAChainWithTheContractUntilItIsEnded() throws Exception {
    TestShell.Background chain =
        withNode().start("chain", "dev", "--port", "0", "--chain-id", "777");
    Map<String, String> said =
        chain.until("ready").stream()
            .map(line -> line.split(" +", 2))
            .filter(words -> words.length == 2)
            .collect(Collectors.toMap(words -> words[0], words -> words[1]));
    URI url = URI.create(said.get("url"));
    Domain domain = new Domain(777, EvmAddress.parse(said.get("contract")));

    assertEquals("777", said.get("chain"));
    assertEquals("0x309", ask(url, "eth_chainId"));
    byte[] code =
        HexFormat.of()
            .parseHex(ask(url, "eth_getCode", said.get("contract"), "latest").substring(2));
    assertEquals(
        Optional.of(new ContractCode.Bounds(1, 2_592_000)),
        ContractCode.carried().recognise(code, domain));
    SigningKey key = SigningKey.of(HexFormat.of().parseHex(said.get("key").substring(2)));
    assertEquals(said.get("account"), key.address().toString());
    assertFalse(ask(url, "eth_getBalance", said.get("account"), "latest").equals("0x0"));
    String height = ask(url, "eth_blockNumber");
    while (ask(url, "eth_blockNumber").equals(height)) { // blocks come by themselves
      Thread.onSpinWait();
    }

    TestShell.Ran second = installing().run("chain", "dev", "--port", "" + url.getPort(), "--json");
    assertEquals("PORT_IN_USE", second.json().at("/error/code").asText());

    chain.thread().interrupt();
    chain.thread().join();
    assertThrows(ConnectException.class, () -> ask(url, "eth_chainId"));
  }

  private static String ask(URI url, String method, String... parameters)
      throws IOException, InterruptedException {
    String list = Stream.of(parameters).map("\"%s\""::formatted).collect(Collectors.joining(","));
    String body =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":[%s]}".formatted(method, list);
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(url)
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build();
      JsonNode answer =
          TestShell.json(client.send(request, HttpResponse.BodyHandlers.ofString()).body());
      return answer.get("result").asText();
    }
  }
}
