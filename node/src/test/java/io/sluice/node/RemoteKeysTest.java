package io.sluice.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.NodeConfig;
import io.sluice.node.home.Home;
import io.sluice.node.home.HomeLock;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.OpenClaim;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.TypedMessage;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A home that pays with a key that it does not have. */
@Timeout(120)
class RemoteKeysTest {
  private static final TokenAmount PRICE = TokenAmount.of(1_000);

  @TempDir Path folder;
  private final SigningKey key = SigningKey.generate(new SecureRandom());

  /** How many messages the signer signs still. */
  private final AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);

  private HttpServer signer;
  private Home home;

  @BeforeEach
  void open() throws Exception {
    signer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    signer.createContext("/", this::answer);
    signer.start();
    home = new Home(folder.resolve("buyer"));
    home.init(Optional.of("secret"), 4096, Home.Accounts.ELSEWHERE);
  }

  @AfterEach
  void close() {
    signer.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      ObjectMapper mapper = new ObjectMapper();
      JsonNode asked = mapper.readTree(exchange.getRequestBody());
      String answer;
      if (left.getAndDecrement() <= 0) {
        answer = "\"error\":{\"code\":-32000,\"message\":\"locked\"}";
      } else {
        JsonNode data = mapper.readTree(asked.get("params").get(1).asText());
        Domain domain =
            new Domain(
                data.at("/domain/chainId").longValue(),
                EvmAddress.parse(data.at("/domain/verifyingContract").asText()));
        answer =
            "\"result\":\"0x%s\""
                .formatted(HexFormat.of().formatHex(key.signature(domain, message(data)).bytes()));
      }
      byte[] bytes =
          "{\"jsonrpc\":\"2.0\",\"id\":%s,%s}"
              .formatted(asked.get("id"), answer)
              .getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private static TypedMessage message(JsonNode data) {
    JsonNode fields = data.get("message");
    return data.get("primaryType").asText().equals("Open")
        ? new OpenClaim(
            word(fields, "channelId"),
            number(fields, "lane"),
            number(fields, "dealId"),
            word(fields, "client"),
            word(fields, "provider"),
            word(fields, "offer"))
        : new Voucher(
            word(fields, "channelId"),
            number(fields, "lane"),
            number(fields, "nonce"),
            new TokenAmount(new BigInteger(fields.get("cumulativeAmount").asText())));
  }

  private static Bytes32 word(JsonNode fields, String name) {
    return Bytes32.parse(fields.get(name).asText().substring(2));
  }

  private static long number(JsonNode fields, String name) {
    return Long.parseLong(fields.get(name).asText());
  }

  private SluiceNode node() throws Exception {
    Map<String, String> environment = new HashMap<>();
    environment.put(
        "SLUICE_KEYS_REMOTE", "http://127.0.0.1:" + signer.getAddress().getPort() + "/");
    environment.put("SLUICE_KEYS_REMOTE_ACCOUNT", key.address().toString());
    return node(environment);
  }

  private SluiceNode node(Map<String, String> environment) throws Exception {
    environment.put("SLUICE_LEDGER", folder.resolve("ledger").toString());
    environment.put("SLUICE_STORAGE_FREE", "0");
    return SluiceNode.open(
        home,
        NodeConfig.read(home.directory(), environment, Map.of()),
        () -> "secret",
        HomeLock.tryTake(home).orElseThrow(),
        Clock.systemUTC());
  }

  private static Requests.RetrieveRequest paid(Cid content, String provider) {
    return new Requests.RetrieveRequest(
        content.toString(),
        List.of(provider),
        Optional.empty(),
        false,
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        content.toString());
  }

  @Test
  void newHome_hasNoAccountAndUsesTheSigners() throws Exception {
    try (NodeService service = LocalNodeService.of(node())) {
      assertEquals(key.address().toString(), service.id().paymentAddress());
      Reports.KeyReport only = service.keys().getFirst();
      assertEquals(key.address().toString(), only.address());
      assertTrue(only.isDefault());
      ServiceException refused =
          assertThrows(ServiceException.class, () -> service.defaultKey(key.address().toString()));
      assertTrue(refused.getMessage().contains("keys.remote-account"), refused.getMessage());
    }
    assertFalse(Files.exists(home.directory().resolve("keys/default")));
    try (var keys = Files.list(home.directory().resolve("keys/accounts"))) {
      assertEquals(0, keys.count());
    }
  }

  @Test
  void givenTheSignerIsTakenAway_whenAKeyIsMade_thenItIsTheAccountInUse() throws Exception {
    try (NodeService service = LocalNodeService.of(node(new HashMap<>()))) {
      Reports.KeyReport made = service.newKey();

      assertTrue(made.isDefault());
      assertEquals(made.address(), service.id().paymentAddress());
    }
  }

  @Test
  void givenAccountElsewhere_whenAChannelIsOpenedByHand_thenItIsOpenedAndToppedUp()
      throws Exception {
    try (TestNode seller =
            new TestNode(folder.resolve("seller"))
                .with("SLUICE_LEDGER", folder.resolve("ledger").toString())
                .start();
        NodeService service = LocalNodeService.of(node())) {
      seller.offer(1_000, PRICE);
      service.faucet(key.address().toString(), TokenAmount.of(1_000), Optional.empty());

      Reports.ChannelReport opened =
          service.openChannel(seller.address(), TokenAmount.of(600), Optional.empty());
      Reports.ChannelReport more = service.topUpChannel(opened.id(), TokenAmount.of(300));

      assertEquals(TokenAmount.of(900), more.deposit());
      ServiceException poor =
          assertThrows(
              ServiceException.class, () -> service.topUpChannel(opened.id(), TokenAmount.of(101)));
      assertEquals("INSUFFICIENT_FUNDS", poor.code().name());
    }
  }

  /** At the opening, at the last voucher of something small, at a later one of something larger. */
  @ParameterizedTest
  @CsvSource({"0, 300000", "1, 300000", "2, 9000000"})
  void givenSignerThatStops_whenBuying_thenSaidAndTheSameCommandGoesOn(int signed, int bytes)
      throws Exception {
    try (TestNode seller =
            new TestNode(folder.resolve("seller"))
                .with("SLUICE_LEDGER", folder.resolve("ledger").toString())
                .start();
        NodeService commands = seller.commands()) {
      Cid content = seller.offer(bytes, PRICE);
      try (NodeService service = LocalNodeService.of(node())) {
        service.faucet(key.address().toString(), TokenAmount.of(1_000_000), Optional.empty());
        left.set(signed);

        ServiceException stopped =
            assertThrows(
                ServiceException.class,
                () -> service.retrieve(paid(content, seller.address()), progress -> {}));

        assertEquals("NOT_SIGNED", stopped.code().name());
        assertEquals(7, stopped.code().exit());
        assertTrue(stopped.getMessage().contains("locked"), stopped.getMessage());
        left.set(Integer.MAX_VALUE);
        Reports.RetrievalReport bought =
            service.retrieve(paid(content, seller.address()), progress -> {});
        assertEquals("COMPLETED", bought.state());
        seller.awaitNoDeals();
        assertEquals(commands.status().earned(), service.status().spent());
        assertTrue(service.status().spent().exceeds(TokenAmount.ZERO));
      }
    }
  }
}
