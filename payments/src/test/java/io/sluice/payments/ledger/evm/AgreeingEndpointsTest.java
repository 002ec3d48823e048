package io.sluice.payments.ledger.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.payments.Samples;
import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.evm.FaultyRpc.Answerer;
import io.sluice.payments.ledger.evm.FaultyRpc.Reply;
import io.sluice.payments.ledger.evm.contract.ContractCode;
import io.sluice.payments.token.Amounts;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.Keccak;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nodes of which one says what is not so, about more than one node is believed in. */
class AgreeingEndpointsTest {
  private static final Domain DOMAIN = new Domain(7, Samples.DOMAIN.contract());
  private static final Instant NOW = Instant.parse("2025-06-01T00:00:00Z");

  /** A chain as a node tells it. */
  private record Story(
      long height, String hash, long deposit, long redeemed, long settleAt, String code) {
    static final Story TRUE = new Story(100, "11", 1000, 700, 0, Hex.of(deployed()));

    private static byte[] deployed() {
      return DeployedCode.of(new ContractCode.Bounds(1, 9), DOMAIN);
    }

    Story at(long other) {
      return new Story(other, hash, deposit, redeemed, settleAt, code);
    }

    Story ofBlock(String other) {
      return new Story(height, other, deposit, redeemed, settleAt, code);
    }

    Story deposit(long other) {
      return new Story(height, hash, other, redeemed, settleAt, code);
    }

    Story redeemed(long other) {
      return new Story(height, hash, deposit, other, settleAt, code);
    }

    Story settling() {
      return new Story(height, hash, deposit, redeemed, NOW.getEpochSecond() + 500, code);
    }

    Reply reply(String method, JsonNode request) {
      return switch (method) {
        case "eth_chainId" -> Reply.result(request, "\"0x7\"");
        case "eth_getCode" -> Reply.result(request, "\"" + code + "\"");
        case "eth_getBlockByNumber" -> block(request);
        case "eth_call" -> call(request);
        default -> Reply.error(request, -32601, "no such method");
      };
    }

    private Reply block(JsonNode request) {
      String asked = request.get("params").get(0).asText();
      long number = asked.equals("latest") ? height : Hex.count(asked);
      return Reply.result(
          request,
          number > height
              ? "null"
              : "{\"number\":\"%s\",\"hash\":\"0x%s\",\"timestamp\":\"%s\",\"baseFeePerGas\":\"0x7\"}"
                  .formatted(Hex.of(number), hash.repeat(32), Hex.of(NOW.getEpochSecond())));
    }

    private Reply call(JsonNode request) {
      String data = request.get("params").get(0).get("data").asText();
      byte[] lane = "lane(bytes32,uint64)".getBytes(StandardCharsets.UTF_8);
      String selector = Keccak.hash(lane).toString().substring(0, 10);
      return Reply.result(
          request,
          "\"0x"
              + (data.startsWith(selector)
                  ? words(redeemed, 1)
                  : words(1, 86_400, settleAt, 2, 1, 0, 1, deposit, redeemed))
              + "\"");
    }

    private static String words(long... values) {
      StringBuilder text = new StringBuilder();
      for (long value : values) {
        text.append("%064x".formatted(BigInteger.valueOf(value)));
      }
      return text.toString();
    }
  }

  private final HttpClient client = HttpRpc.client(Duration.ofSeconds(5));
  private final List<FaultyRpc> nodes = new ArrayList<>();
  private Endpoints endpoints;
  private ChainViews views;

  @BeforeEach
  void start() throws IOException {
    tell(Story.TRUE, Story.TRUE);
  }

  private void tell(Story... stories) throws IOException {
    nodes.forEach(FaultyRpc::close);
    nodes.clear();
    List<URI> urls = new ArrayList<>();
    List<Endpoint> all = new ArrayList<>();
    for (Story story : stories) {
      Answerer answerer = story::reply;
      FaultyRpc node = new FaultyRpc(answerer);
      nodes.add(node);
      urls.add(node.url());
      all.add(endpoint(node.url()));
    }
    watch(all, urls);
  }

  private Endpoint endpoint(URI url) {
    RpcTally tally = new RpcTally(Ticker.SYSTEM);
    HttpRpc rpc = new HttpRpc(client, url, Duration.ofSeconds(20), 100_000, tally);
    return new Endpoint(url, new ChainNode(rpc, DOMAIN.contract()), tally);
  }

  private void watch(List<Endpoint> all, List<URI> urls) {
    endpoints =
        new Endpoints(
            all,
            DOMAIN,
            ContractCode.carried(),
            Duration.ofMinutes(10),
            Clock.fixed(NOW, ZoneOffset.UTC));
    EvmSettings settings =
        new EvmSettings(
            DOMAIN,
            urls,
            new Finality.Depth(1),
            BigInteger.ONE,
            "TEST",
            18,
            0,
            Path.of("unused"),
            EvmSettings.RpcLimits.DEFAULT);
    views =
        new ChainViews(
            endpoints, settings.agreeingAbove(Amounts.of(EvmAddress.ZERO, TokenAmount.of(500))));
  }

  @AfterEach
  void stop() {
    nodes.forEach(FaultyRpc::close);
    client.shutdownNow();
  }

  private TokenAmount deposit() throws IOException {
    return views.channel(Samples.CHANNEL).orElseThrow().deposit();
  }

  private TokenAmount depositAt(long height) throws IOException {
    return views.channel(Samples.CHANNEL, height).orElseThrow().deposit();
  }

  private String refusal() {
    String now = assertThrows(IOException.class, this::deposit).getMessage();
    assertEquals(now, assertThrows(IOException.class, () -> depositAt(90)).getMessage());
    return now;
  }

  @Test
  void bothSayTheSame_believed() throws IOException {
    assertEquals(TokenAmount.of(1000), deposit());
    assertEquals(TokenAmount.of(1000), depositAt(90));
    assertEquals(TokenAmount.of(700), views.redeemed(Samples.CHANNEL, 0));
    assertEquals(0, endpoints.disagreements());
  }

  @Test
  void little_oneIsEnough() throws IOException {
    tell(Story.TRUE.deposit(500).redeemed(500), Story.TRUE.deposit(1));

    assertEquals(TokenAmount.of(500), deposit());
    assertEquals(TokenAmount.of(500), depositAt(90));
    assertEquals(TokenAmount.of(500), views.redeemed(Samples.CHANNEL, 0));
    assertTrue(nodes.get(1).asked.isEmpty());
  }

  @Test
  void anotherDeposit_orAnotherChain_notBelieved() throws IOException {
    tell(Story.TRUE.deposit(2000), Story.TRUE);
    assertTrue(refusal().contains("contradict"));

    tell(Story.TRUE, Story.TRUE.ofBlock("22"));
    assertTrue(refusal().contains("contradict"));
    assertEquals(2, endpoints.disagreements());
  }

  /** Who lies is not known; once a third speaks, it is. */
  @Test
  void theOneOutvoted_isPutAside() throws IOException {
    tell(Story.TRUE.deposit(2000), Story.TRUE, Story.TRUE);

    assertEquals(TokenAmount.of(1000), deposit());

    assertEquals(1, endpoints.disagreements());
    assertTrue(endpoints.isAnyWrong());
    int asked = nodes.getFirst().asked.size();
    assertEquals(TokenAmount.of(1000), deposit());
    assertEquals(asked, nodes.getFirst().asked.size());
  }

  @Test
  void oneAlone_orTheSameTwice_notBelieved() throws IOException {
    nodes.get(1).close();
    assertTrue(refusal().contains("fewer than 2"));

    URI url = nodes.getFirst().url();
    watch(List.of(endpoint(url), endpoint(url)), List.of(url, url));
    assertTrue(refusal().contains("fewer than 2"));
  }

  /** A block's difference is how chains are, and no lie. */
  @Test
  void oneIsABlockBehind_believedAtWhatBothHave() throws IOException {
    tell(Story.TRUE, Story.TRUE.at(99));

    assertEquals(TokenAmount.of(1000), deposit());
    assertThrows(IOException.class, () -> depositAt(100));
    assertEquals(0, endpoints.disagreements());
  }

  /** What only costs trouble has to be heard even of one: the other may want to hide it. */
  @ParameterizedTest
  @CsvSource({"0", "1"})
  void settling_believedOfOne(int who) throws IOException {
    Story[] stories = {Story.TRUE, Story.TRUE};
    stories[who] = Story.TRUE.settling();
    tell(stories);

    assertEquals(Optional.of("settling"), views.channel(Samples.CHANNEL).map(Channel::state));
  }

  /** That it was all redeemed would keep us from redeeming. */
  @Test
  void redeemedMore_theLeastCounts() throws IOException {
    tell(Story.TRUE.redeemed(900), Story.TRUE);

    assertEquals(TokenAmount.of(700), views.redeemed(Samples.CHANNEL, 0));
  }
}
