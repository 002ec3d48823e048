package io.sluice.payments.ledger.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.payments.Samples;
import io.sluice.payments.ledger.LedgerStanding.NodeFault;
import io.sluice.payments.ledger.LedgerStanding.NodeStanding;
import io.sluice.payments.ledger.evm.FaultyRpc.Answerer;
import io.sluice.payments.ledger.evm.FaultyRpc.Reply;
import io.sluice.payments.ledger.evm.contract.ContractCode;
import io.sluice.payments.voucher.Domain;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Two nodes of a chain, of which the first does what it should not. */
class EndpointsTest {
  private static final Domain DOMAIN = new Domain(7, Samples.DOMAIN.contract());
  private static final Instant NOW = Instant.parse("2025-06-01T00:00:00Z");
  private static final String HASH = "\"0x" + "11".repeat(32) + "\"";
  private static final CountDownLatch NEVER = new CountDownLatch(1);

  /** Turned by hand. */
  private static final class HandClock extends Clock {
    private Instant now = NOW;

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private final HandClock clock = new HandClock();
  private final AtomicLong ticks = new AtomicLong();
  private final HttpClient client = HttpRpc.client(Duration.ofSeconds(5));
  private FaultyRpc first;
  private FaultyRpc second;
  private Endpoints endpoints;

  @BeforeEach
  void start() throws IOException {
    first = new FaultyRpc(EndpointsTest::good);
    second = new FaultyRpc(EndpointsTest::good);
    endpoints =
        new Endpoints(
            Stream.of(first, second).map(this::endpoint).toList(),
            DOMAIN,
            ContractCode.carried(),
            Duration.ofMinutes(10),
            clock);
  }

  private Endpoint endpoint(FaultyRpc rpc) {
    return endpoint(rpc, Duration.ofSeconds(20));
  }

  private Endpoint endpoint(FaultyRpc rpc, Duration timeout) {
    RpcTally tally = new RpcTally(ticks::get);
    HttpRpc http = new HttpRpc(client, rpc.url(), timeout, 100_000, tally);
    return new Endpoint(rpc.url(), new ChainNode(http, DOMAIN.contract()), tally);
  }

  @AfterEach
  void stop() {
    NEVER.countDown();
    first.close();
    second.close();
    client.shutdownNow();
  }

  private static String block(long number, Instant time) {
    return "{\"number\":\"%s\",\"hash\":%s,\"timestamp\":\"%s\",\"baseFeePerGas\":\"0x7\"}"
        .formatted(Hex.of(number), HASH, Hex.of(time.getEpochSecond()));
  }

  private static Reply good(String method, JsonNode request) {
    return at(100, NOW, method, request);
  }

  private static Reply at(long height, Instant time, String method, JsonNode request) {
    return switch (method) {
      case "eth_chainId" -> Reply.result(request, "\"0x7\"");
      case "eth_getCode" ->
          Reply.result(
              request,
              "\"" + Hex.of(DeployedCode.of(new ContractCode.Bounds(1, 9), DOMAIN)) + "\"");
      case "eth_getBlockByNumber" -> Reply.result(request, block(height, time));
      case "eth_getLogs" -> Reply.result(request, "[]");
      case "eth_getTransactionReceipt" -> Reply.result(request, "null");
      default -> Reply.error(request, -32601, "no such method");
    };
  }

  private static Answerer only(String method, Answerer fault) {
    return (asked, request) ->
        asked.equals(method) ? fault.reply(asked, request) : good(asked, request);
  }

  static List<Arguments> faults() {
    String block = "eth_getBlockByNumber";
    return List.of(
        arguments("another chain", only("eth_chainId", (m, r) -> Reply.result(r, "\"0x8\""))),
        arguments("no contract", only("eth_getCode", (m, r) -> Reply.result(r, "\"0x\""))),
        arguments("another contract", only("eth_getCode", (m, r) -> Reply.result(r, "\"0x6000\""))),
        arguments(
            "answers swapped",
            only(block, (m, r) -> Reply.of(good(m, r).body().replace("\"id\":", "\"id\":9")))),
        arguments(
            "no id", only(block, (m, r) -> Reply.of("{\"jsonrpc\":\"2.0\",\"result\":null}"))),
        arguments("half an answer", only(block, (m, r) -> good(m, r).cut())),
        arguments(
            "half of the JSON",
            only(block, (m, r) -> Reply.of(good(m, r).body().substring(0, 70)))),
        arguments(
            "too much", only(block, (m, r) -> Reply.result(r, "\"" + "0".repeat(100_001) + "\""))),
        arguments("nothing", only(block, (m, r) -> new Reply(500, "", 0))),
        arguments("a page", only(block, (m, r) -> new Reply(502, "<html>", 0))),
        arguments("elsewhere", only(block, (m, r) -> new Reply(302, "http://127.0.0.1:1/", 0))),
        arguments("no block", only(block, (m, r) -> Reply.result(r, "null"))),
        arguments(
            "nonsense", only(block, (m, r) -> Reply.result(r, block(1, NOW).replace("0x1", "x")))),
        arguments(
            "a height beyond numbers",
            only(
                block,
                (m, r) ->
                    Reply.result(r, block(1, NOW).replace("\"0x1\"", "\"0xffffffffffffffff\"")))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void secondIsAsked_andTheFirstLeftAlone(String name, Answerer fault) throws IOException {
    first.answerer = fault;

    assertEquals(100, endpoints.latest().number());

    int asked = first.asked.size();
    assertTrue(asked > 0);
    assertEquals(100, endpoints.latest().number());
    assertEquals(asked, first.asked.size(), "not asked again at once");
    first.answerer = EndpointsTest::good;
    clock.now = NOW.plus(Duration.ofMinutes(11));
    second.close();
    assertEquals(100, endpoints.latest().number());
    assertEquals(2, first.asked.stream().filter("eth_chainId"::equals).count(), "verified anew");
  }

  @Test
  void silence_hasAnEnd() throws IOException {
    first.answerer =
        (m, r) -> {
          NEVER.await();
          return good(m, r);
        };
    Endpoints hasty =
        new Endpoints(
            List.of(endpoint(first, Duration.ofMillis(200)), endpoint(second)),
            DOMAIN,
            ContractCode.carried(),
            Duration.ofMinutes(10),
            clock);

    assertEquals(100, hasty.latest().number());
  }

  @Test
  void anError_isAWord_notAFault() throws IOException {
    first.answerer =
        only("eth_getBlockByNumber", (m, r) -> Reply.error(r, -32005, "too much at once"));

    assertEquals(100, endpoints.latest().number());
    first.answerer = EndpointsTest::good;
    second.answerer = only("eth_getBlockByNumber", (m, r) -> Reply.error(r, -32005, "no"));
    assertEquals(100, endpoints.latest().number(), "the first is asked again at once");
  }

  @Test
  void behind_foundOutByTheOther() throws IOException {
    Instant old = NOW.minus(Duration.ofHours(1));
    first.answerer = (method, request) -> at(90, old, method, request);

    assertEquals(100, endpoints.latest().number());

    int asked = first.asked.size();
    assertEquals(100, endpoints.latest().number());
    assertEquals(asked, first.asked.size());
  }

  @Test
  void aChainThatStandsStill_isSeenAllTheSame() throws IOException {
    Instant old = NOW.minus(Duration.ofHours(1));
    first.answerer = (method, request) -> at(100, old, method, request);
    second.answerer = (method, request) -> at(99, old, method, request);

    assertEquals(100, endpoints.latest().number());
    assertEquals(100, endpoints.latest().number());
  }

  /** An epoch of Filecoin without a block: others come before and after. */
  @Test
  void numberWithoutABlock_isNoError() throws IOException {
    first.answerer =
        only(
            "eth_getBlockByNumber",
            (m, r) -> Reply.error(r, 1, "requested epoch was a null round (55)"));

    assertTrue(endpoints.ask(node -> node.block(55)).isEmpty());
  }

  /** The path of a URL is often what one pays for. */
  @Test
  void noneLeft_saysWhyOfEach_andNoSecret() {
    first.answerer = only("eth_chainId", (m, r) -> Reply.result(r, "\"0x8\""));
    second.answerer = only("eth_getCode", (m, r) -> Reply.result(r, "\"0x\""));

    String said = assertThrows(IOException.class, endpoints::latest).getMessage();

    assertTrue(said.contains("it is chain 8, not 7"), said);
    assertTrue(said.contains("there is no contract of Sluice's at"), said);
    assertFalse(said.contains("secret-key"), said);
  }

  @Test
  void standings_sayWhatWasAsked_howLongThatTook_andWhatWasTheMatter() throws IOException {
    first.answerer =
        (method, request) -> {
          ticks.addAndGet(Duration.ofSeconds(3).toNanos());
          return only("eth_getCode", (m, r) -> Reply.result(r, "\"0x\"")).reply(method, request);
        };
    assertEquals(100, endpoints.latest().number());
    second.answerer = only("eth_getBlockByNumber", (m, r) -> Reply.error(r, -32005, "no"));
    assertThrows(IOException.class, endpoints::latest);
    second.answerer = only("eth_getBlockByNumber", (m, r) -> good(m, r).cut());
    assertThrows(IOException.class, endpoints::latest);

    NodeStanding one = endpoints.standings().get(0);
    NodeStanding other = endpoints.standings().get(1);

    assertEquals(new NodeStanding(host(first), false, 2, Duration.ofSeconds(6), one.faults()), one);
    assertEquals(Map.of(NodeFault.WRONG, 1L), one.faults());
    assertEquals(new NodeStanding(host(second), false, 5, Duration.ZERO, other.faults()), other);
    assertEquals(Map.of(NodeFault.ERROR, 1L, NodeFault.UNREACHABLE, 1L), other.faults());
    clock.now = NOW.plus(Duration.ofSeconds(3));
    assertTrue(endpoints.standings().get(1).isUsable());
  }

  /** Without the path, which is often a secret. */
  private static String host(FaultyRpc rpc) {
    return "127.0.0.1:" + rpc.url().getPort();
  }

  private static String log(String address, long block) {
    return """
    {"address":"%s","blockNumber":"%s","blockHash":%s,"transactionHash":%s,"logIndex":"0x0",
    "topics":[%s],"data":"0x","removed":false}\
    """
        .formatted(address, Hex.of(block), HASH, HASH, HASH);
  }

  static List<Arguments> lies() {
    String me = DOMAIN.contract().toString();
    String stranger = Samples.PAYEE.toString();
    return List.of(
        arguments("of another contract", log(stranger, 5)),
        arguments("of another block", log(me, 50)),
        arguments("twice the same", log(me, 5) + "," + log(me, 5)),
        arguments("out of order", log(me, 6) + "," + log(me, 5)),
        arguments("taken back", log(me, 5).replace("false", "true")),
        arguments("without a place", log(me, 5).replace("\"logIndex\":\"0x0\",", "")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("lies")
  void logsThatCannotBe_areNotTaken(String name, String logs) throws IOException {
    first.answerer = only("eth_getLogs", (m, r) -> Reply.result(r, "[" + logs + "]"));

    assertEquals(List.of(), endpoints.ask(node -> node.logs(1, 10)));
  }

  @Test
  void receiptOfAnotherTransaction_isNotTaken() throws IOException {
    first.answerer = only("eth_getTransactionReceipt", (m, r) -> Reply.result(r, receipt()));

    assertTrue(endpoints.ask(node -> node.receipt(Samples.hash(0x11))).isPresent());
    assertTrue(endpoints.ask(node -> node.receipt(Samples.hash(0x12))).isEmpty());
  }

  private static String receipt() {
    return """
    {"transactionHash":%s,"blockHash":%s,"blockNumber":"0x5","status":"0x1","gasUsed":"0x5",
    "logs":[]}\
    """
        .formatted(HASH, HASH);
  }
}
