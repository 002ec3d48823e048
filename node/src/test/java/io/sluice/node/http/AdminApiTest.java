package io.sluice.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.ServiceException;
import io.sluice.node.watch.Health;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the admin API answers to whoever finds its port. */
@Timeout(60)
class AdminApiTest {
  private static final int PATIENCE_MILLIS = 20_000;
  private static final Duration SHORT = Duration.ofMillis(200);

  private final CountDownLatch called = new CountDownLatch(1);
  private final CountDownLatch slow = new CountDownLatch(1);
  private final NodeService service =
      (NodeService)
          Proxy.newProxyInstance(
              NodeService.class.getClassLoader(),
              new Class<?>[] {NodeService.class},
              (proxy, method, arguments) -> {
                if (method.getName().equals("collectGarbage")) {
                  called.countDown();
                  slow.await();
                  return new Reports.GarbageReport(1, 2);
                }
                return null;
              });
  private volatile Health health = new Health(true, List.of());
  private AdminApi api;

  @BeforeEach
  void open() {
    api = AdminApi.start(service, "127.0.0.1", 0, () -> "sluice_up 1\n", () -> health);
  }

  @AfterEach
  void close() {
    api.close();
  }

  private static Socket connect(AdminApi to) throws IOException {
    URI url = URI.create(to.url());
    Socket socket = new Socket(InetAddress.ofLiteral(url.getHost()), url.getPort());
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  private String ask(String head, String body) throws IOException {
    try (Socket socket = connect(api)) {
      String text = head + "Content-Length: " + body.length() + "\r\n\r\n" + body;
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
      socket.shutdownOutput(); // or the server waits for the next request
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private String call(String method, String name, String body) throws IOException {
    return ask(
        "%s /api/v1/%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
            .formatted(method, name, api.file(true).token()),
        body);
  }

  private static void assertStatus(int status, String answer) {
    assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
  }

  @ParameterizedTest
  @ValueSource(strings = {"status", "transfer"})
  void givenNoBody_thenTheCallIsMalformed(String method) throws IOException {
    String answer = call("POST", method, "");

    assertStatus(400, answer);
    assertTrue(answer.contains("\"code\":\"USAGE\""), answer);
  }

  /** Programs that send work to nodes often read the status alone. */
  @Test
  void givenHealth_thenItIsTheStatusAndSaidInTheBody() throws IOException {
    String well = ask("GET /health HTTP/1.1\r\nHost: localhost\r\n", "");
    health = new Health(false, List.of(new Health.Item("chain_lag", true, "it is 9 s old")));
    String ill = ask("GET /health HTTP/1.1\r\nHost: localhost\r\n", "");
    String page = ask("GET /health HTTP/1.1\r\nHost: localhost\r\nOrigin: http://x\r\n", "");

    assertStatus(200, well);
    assertTrue(well.contains("{\"ready\":true,\"concerns\":[]}"), well);
    assertStatus(503, ill);
    assertTrue(
        ill.contains(
            "{\"ready\":false,\"concerns\":[{\"code\":\"chain_lag\",\"grave\":true,"
                + "\"detail\":\"it is 9 s old\"}]}"),
        ill);
    assertStatus(403, page);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "DELETE"})
  void givenAnotherMethod_thenItIsSaidWhichOneIsMeant(String method) throws IOException {
    String answer = call(method, "stop", "[]");

    assertStatus(405, answer);
    assertTrue(answer.contains("Allow: POST\r\n"), answer);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "transfer      | []",
        "transfer      | [null]",
        "transfer      | {}",
        "transfer      | null",
        "transfer      | [",
        "transfer      | [\"1\",\"2\"]",
        "verify        | [[[]]]",
        "verify        | [[]]",
        "advanceLedger | [null]",
        "faucet        | [\"0x1\",{}]",
        "faucet        | [\"0x1\",-1]",
        "importContent | [{}]",
        "importContent | [{\"paths\":null}]",
        "importContent | [{\"paths\":[null]}]",
        "retrieve      | [{\"target\":\"x\",\"providers\":[]}]",
      })
  void givenArgumentsMissing_thenTheCallIsMalformed(String method, String arguments)
      throws IOException {
    String answer = call("POST", method, arguments);

    assertStatus(400, answer);
    assertTrue(answer.contains("\"code\":\"USAGE\""), answer);
    for (String librarys : List.of("deserialize", "Unexpected", "START_", "line:", "reference")) {
      assertFalse(answer.contains(librarys), answer);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "localhost, 200",
    "localhost:1234, 200",
    "127.0.0.1, 200",
    "127.0.0.1:1234, 200",
    "[::1], 200",
    "[::1]:1234, 200",
    "evil.example, 403",
    "127.0.0.1.evil.example:80, 403",
    "localhostess, 403",
    "192.0.2.1, 403"
  })
  void givenAHostThatIsNotHere_thenNothingIsShown(String host, int status) throws IOException {
    String metrics = ask("GET /metrics HTTP/1.1\r\nHost: " + host + "\r\n", "");

    assertStatus(status, metrics);
    assertEquals(status == 200, metrics.contains("sluice_up 1"));
    assertStatus(status, ask("GET /alive HTTP/1.1\r\nHost: " + host + "\r\n", ""));
    assertStatus(
        status,
        ask(
            "POST /api/v1/stop HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"
                .formatted(host, api.file(true).token()),
            "[]"));
  }

  @Test
  void givenAPageOrNoToken_thenNothingIsShown() throws IOException {
    assertStatus(
        403, ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n", ""));
    assertStatus(403, ask("POST /api/v1/status HTTP/1.1\r\nHost: localhost\r\n", "[]"));
  }

  @Test
  void givenIdleConnections_whenTheirTimeIsOver_thenTheyMakeRoom() throws IOException {
    List<Socket> silent = new ArrayList<>();
    try (AdminApi brief =
        AdminApi.start(service, "127.0.0.1", 0, () -> "", () -> Health.NOT_STARTED, SHORT)) {
      for (int i = 0; i < AdminApi.MAX_PENDING; i++) {
        silent.add(connect(brief));
      }
      for (Socket socket : silent) {
        assertEquals(-1, socket.getInputStream().read());
      }
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  @Test
  void givenManyConnectionsThatSayNothing_thenCallsAreAnsweredAndGoOnBesideThem() throws Exception {
    List<Socket> silent = new ArrayList<>();
    try (NodeService remote = RemoteNodeService.of(api.file(true));
        ExecutorService commands = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Reports.GarbageReport> running = commands.submit(remote::collectGarbage);
      called.await();
      for (int i = 0; i < 4 * AdminApi.MAX_PENDING; i++) {
        silent.add(connect(api));
        if (i % 2 == 1) {
          silent.getLast().getOutputStream().write('P'); // a call that never comes to its end
        }
      }

      remote.stop();
      assertStatus(200, ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\n", ""));
      assertEquals(-1, silent.getFirst().getInputStream().read());
      slow.countDown();
      assertEquals(2, running.get().freedBlocks());
    } finally {
      slow.countDown();
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  @Test
  void givenAnotherAddress_thenTheFileNamesIt() throws Exception {
    try (AdminApi six = AdminApi.start(service, "::1", 0, () -> "");
        NodeService remote = RemoteNodeService.of(six.file(true))) {
      assertTrue(six.url().startsWith("http://[::1]:"), six.url());
      assertTrue(six.file(true).answers());
      remote.stop();
    }
  }

  @Test
  void givenALongCall_whenTheNodeIsAlive_thenItIsWaitedFor() throws Exception {
    Duration often = Duration.ofMillis(1);
    try (NodeService remote =
        RemoteNodeService.of(api.file(true), often, Duration.ofMillis(PATIENCE_MILLIS))) {
      FutureTask<Reports.GarbageReport> call = new FutureTask<>(remote::collectGarbage);
      Thread.ofVirtual().start(call);
      called.await();
      for (int i = 0; i < 50; i++) { // takes many times as long
        call("POST", "stop", "[]");
      }
      slow.countDown();

      assertEquals(new Reports.GarbageReport(1, 2), call.get());
    }
  }

  @Test
  void givenAProcessThatWasStopped_thenItIsGivenUp() throws IOException {
    // Its system still takes connections for it.
    try (ServerSocket stopped = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
        NodeService remote =
            RemoteNodeService.of(
                new AdminFile("http://127.0.0.1:" + stopped.getLocalPort(), "00", true),
                SHORT,
                SHORT)) {
      ServiceException given = assertThrows(ServiceException.class, remote::status);

      assertEquals(DealCode.TIMEOUT, given.code());
    }
  }

  @Test
  void givenACallUnderWay_whenDrained_thenItIsWaitedForAndNoOtherBegins() throws Exception {
    try (NodeService remote = RemoteNodeService.of(api.file(false))) {
      FutureTask<Reports.GarbageReport> call = new FutureTask<>(remote::collectGarbage);
      Thread.ofVirtual().start(call);
      called.await();
      FutureTask<String> late =
          new FutureTask<>(
              () -> {
                api.drain();
                return call("POST", "status", "[]");
              });
      Thread.ofVirtual().start(late);
      slow.countDown();

      assertEquals(new Reports.GarbageReport(1, 2), call.get());
      assertStatus(503, late.get());
    }
  }
}
