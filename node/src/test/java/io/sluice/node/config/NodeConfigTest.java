package io.sluice.node.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ledger.evm.Finality;
import io.sluice.payments.token.Amounts;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeConfigTest {
  @TempDir Path home;

  private NodeConfig read(String yaml, Map<String, String> environment)
      throws IOException, ConfigException {
    Files.writeString(home.resolve("sluice.yaml"), yaml);
    return NodeConfig.read(home, environment, Map.of());
  }

  @Test
  void givenNothing_thenDefaults() throws Exception {
    NodeConfig config = NodeConfig.read(home, Map.of("XDG_DATA_HOME", "/data"), Map.of());

    assertEquals(List.of("/ip4/0.0.0.0/tcp/4150"), texts(config.listen()));
    assertEquals(new NodeConfig.Http("127.0.0.1", 0), config.http());
    assertEquals(Path.of("/data/sluice/ledger"), config.ledger());
    assertEquals(Duration.ofDays(7), config.payments().maxChallenge());
  }

  @Test
  void templateOfANewHomeChangesNothing() throws Exception {
    assertEquals(NodeConfig.read(home, Map.of(), Map.of()), read(NodeConfig.template(), Map.of()));
  }

  @Test
  void flagsWinOverEnvironmentAndThatOverTheFile() throws Exception {
    String yaml = "listen: [/ip4/127.0.0.1/tcp/1]\nprovider:\n  payment-wait: 5m\n";

    assertEquals(List.of("/ip4/127.0.0.1/tcp/1"), texts(read(yaml, Map.of()).listen()));
    assertEquals(Duration.ofMinutes(5), read(yaml, Map.of()).provider().paymentWait());
    Map<String, String> environment =
        Map.of("SLUICE_LISTEN", "/ip4/127.0.0.1/tcp/2,/ip4/127.0.0.1/tcp/3");
    assertEquals(2, read(yaml, environment).listen().size());
    assertEquals(
        List.of("/ip4/127.0.0.1/tcp/4"),
        texts(
            NodeConfig.read(home, environment, Map.of("listen", List.of("/ip4/127.0.0.1/tcp/4")))
                .listen()));
  }

  @Test
  void peersAndRangesAreDenied() throws Exception {
    String peer = "12D3KooWMxnuWNEF37qbDdF5q6sjdQjBSjJwhRNvEf2V1GLJ3S6H";
    NodeConfig.Networking network =
        read("network.deny: [%s, 192.0.2.0/24, '2001:db8::/32']".formatted(peer), Map.of())
            .network();

    assertEquals(Set.of(PeerId.parse(peer)), network.deniedPeers());
    assertEquals(2, network.deniedRanges().size());
    assertTrue(network.deniedRanges().getFirst().contains(InetAddress.ofLiteral("192.0.2.9")));
    assertEquals(NodeConfig.PerfPeers.KNOWN, network.perf());
    for (String bad :
        List.of("network.deny: [192.0.2.0/33]", "network.deny: [me]", "network.perf: some")) {
      assertThrows(ConfigException.class, () -> read(bad, Map.of()), bad);
    }
  }

  @Test
  void aSignerElsewhere_isAUrlAndAnAccount() throws Exception {
    String account = "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f";

    NodeConfig.RemoteKeys remote =
        read(
                "keys: {remote: 'https://signer:9000/eth', remote-account: '%s'}"
                    .formatted(account),
                Map.of())
            .remoteKeys()
            .orElseThrow();

    assertEquals("https://signer:9000/eth", remote.uri().toString());
    assertEquals(account, remote.account().toString());
    assertEquals(Duration.ofSeconds(10), remote.time());
    assertTrue(read("", Map.of()).remoteKeys().isEmpty());
  }

  @Test
  void ledgerOfTheEnvironmentWins() throws Exception {
    NodeConfig config = read("ledger.path: /one", Map.of("SLUICE_LEDGER", "/two"));

    assertEquals(Path.of("/two"), config.ledger());
  }

  @Test
  void tildeIsTheUsersHome() throws Exception {
    Map<String, String> user = Map.of("HOME", "/home/me");

    assertEquals(Path.of("/home/me/books/l"), read("ledger.path: ~/books/l", user).ledger());
    assertEquals(home.resolve("~x"), read("ledger.path: ~x", user).ledger());
    assertEquals(
        Path.of("/home/me/l"),
        read("", Map.of("HOME", "/home/me", "SLUICE_LEDGER", "~/l")).ledger());
    assertEquals(Path.of("/home/me/.local/share/sluice/ledger"), read("", user).ledger());
  }

  @Test
  void amountsHaveTheCoinsSymbolOrNone() throws Exception {
    NodeConfig config =
        read("payments.max-deposit: 0.5 PLAY\nclient.max-price-per-mib: 7\n", Map.of());

    assertEquals("500000000000000000", coins(config.payments().maxDeposit()));
    assertEquals("7", coins(config.client().maxPricePerMiB()));
  }

  private static String coins(Amounts amounts) {
    return amounts.of(EvmAddress.ZERO).orElseThrow().toString();
  }

  private static final EvmAddress USDC =
      EvmAddress.parse("0xeb466342c4d449bc9f53a865d5cb90586f405215");
  private static final EvmAddress UNNAMED =
      EvmAddress.parse("0x00000000000000000000000000000000000000aa");
  private static final String TWO =
      "tokens: ['USDC:" + USDC + ":6']\nledger.token: [native, '" + USDC + "']\n";

  @Test
  void limitsAreAmountsOfEachToken() throws Exception {
    NodeConfig config =
        read(
            TWO
                + "payments.max-deposit: 100PLAY, 50 USDC\n"
                + "payments.min-deposit: [2USDC]\n"
                + "watch.value-at-risk: 7\n"
                + "payout.above: 0PLAY, 3USDC\n",
            Map.of());

    assertEquals(List.of(EvmAddress.ZERO, USDC), config.tokens().accepted());
    assertEquals(
        Map.of(
            EvmAddress.ZERO,
            TokenAmount.parse("100000000000000000000"),
            USDC,
            TokenAmount.of(50_000_000)),
        config.payments().maxDeposit().byToken());
    assertEquals(Amounts.of(USDC, TokenAmount.of(2_000_000)), config.payments().minDeposit());
    assertEquals(Amounts.of(EvmAddress.ZERO, TokenAmount.of(7)), config.watch().valueAtRisk());
    assertEquals(Amounts.of(USDC, TokenAmount.of(3_000_000)), config.autopilot().payoutAbove());
  }

  @Test
  void bareNumbersAreOfTheFirstToken() throws Exception {
    NodeConfig config =
        read(
            "tokens: ['USDC:"
                + USDC
                + ":6']\nledger.token: '"
                + USDC
                + ",native'\n"
                + "payments.max-deposit: 5\n",
            Map.of("SLUICE_LEDGER_TOKEN", USDC + ", native"));

    assertEquals(List.of(USDC, EvmAddress.ZERO), config.tokens().accepted());
    assertEquals(Optional.of(TokenAmount.of(5)), config.payments().maxDeposit().of(USDC));
  }

  @Test
  void tokensWithoutALimitHaveOneInWholeTokens() throws Exception {
    NodeConfig config =
        read(
            "tokens: ['USDC:"
                + USDC
                + ":6']\nledger.token: [native, '"
                + USDC
                + "', '"
                + UNNAMED
                + "']\n",
            Map.of());
    NodeConfig.Money money = config.payments();

    assertEquals("1000000000000000000000", coins(money.maxDeposit()));
    assertEquals(Optional.of(TokenAmount.of(1_000_000_000)), money.maxDeposit().of(USDC));
    assertEquals(Optional.empty(), money.maxDeposit().of(UNNAMED), "nobody knows its decimals");
    assertEquals("1", coins(money.minimumRedemption()));
    assertEquals(Optional.of(TokenAmount.of(1_000_000)), money.minimumRedemption().of(USDC));
    assertEquals("100000000000000000000", coins(money.maxUnredeemed()));
    assertEquals(Optional.of(TokenAmount.of(100_000_000)), money.maxUnredeemed().of(USDC));
    Tokens known = config.tokens();
    Tokens all =
        new Tokens(
            known.coin(),
            List.of(known.others().getFirst(), new Token("NEW", UNNAMED, 2)),
            known.accepted());
    assertEquals(
        Optional.of(TokenAmount.of(100_000)), money.completed(all).maxDeposit().of(UNNAMED));
    assertEquals(money.maxDeposit().of(USDC), money.completed(all).maxDeposit().of(USDC));
  }

  @Test
  void whereOneTokenIsLookedAtCloselyTheOthersAre() throws Exception {
    ChainSettings chain =
        read(
                CHAIN
                    + "tokens: ['USDC:"
                    + USDC
                    + ":6']\nledger.token: [native, '"
                    + USDC
                    + "']\n"
                    + "ledger.agree-above: 100ETH\n",
                Map.of())
            .chain()
            .orElseThrow();

    assertEquals(Optional.of(TokenAmount.ZERO), chain.agreeAbove().orElseThrow().of(USDC));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ledger.token: [native, native]",
        "ledger.token: ''",
        "payments.max-deposit: 1PLAY, 2PLAY",
        "payments.max-deposit: 1, 2PLAY",
        "payments.max-deposit: 1EUR",
        "payments.max-deposit: 1PLAY; 2USDC",
      })
  void tokensThatContradictEachOtherAreRefused(String text) {
    ConfigException refusal = assertThrows(ConfigException.class, () -> read(text, Map.of()));

    assertTrue(refusal.getMessage().startsWith(text.substring(0, text.indexOf(':'))));
  }

  /** Another token's amount is none of the coin's, though its symbol is known. */
  @Test
  void tokensAreKnownByTheConfiguration() throws Exception {
    String usdc = "USDC:0xeb466342c4d449bc9f53a865d5cb90586f405215:6";

    assertEquals(
        List.of("PLAY", "USDC"),
        read("tokens: [" + usdc + "]", Map.of()).tokens().all().stream()
            .map(token -> token.symbol())
            .toList());
    assertThrows(
        ConfigException.class,
        () -> read("payments.max-deposit: 1 USDC", Map.of("SLUICE_TOKENS", usdc)));
  }

  @Test
  void fileThatIsNotUtf8IsNamed() throws Exception {
    Files.write(home.resolve("sluice.yaml"), new byte[] {'d', ':', (byte) 0xc3, '('});

    ConfigException refusal =
        assertThrows(ConfigException.class, () -> NodeConfig.read(home, Map.of(), Map.of()));

    assertTrue(refusal.getMessage().contains("sluice.yaml: not a text in UTF-8"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "listen: [nonsense] | listen | nonsense",
        "listen: [/ip4/0.0.0.0/udp/4150/quic-v1] | listen | multiaddrs of TCP, such as /ip4/",
        "listen: [/tcp/4150] | listen | /tcp/4150",
        "storage.free: 10QB | storage.free | KB, MB, GB or TB (powers of 1000)",
        "http: 0.0.0.0:80 | http | 0.0.0.0:80",
        "http: 127.0.0.1 | http | 127.0.0.1",
        "provider.min-interval: 5Q | provider.min-interval | 5Q",
        "payments.max-challenge: 1s | payments.max-challenge | 1s",
        "payments.max-confirmations: 1001 | payments.max-confirmations | 1001",
        "keystore.scrypt-n: 1000 | keystore.scrypt-n | 1000",
        "payments.max-deposit: -4 | payments.max-deposit | -4",
        "payments.max-deposit: 1 FIL | payments.max-deposit | no token 'FIL' is known here; known:"
            + " PLAY",
        "payments.max-deposit: 1.5 | payments.max-deposit | such as 0.0125 FIL",
        "tokens: [USDC] | tokens | SYMBOL:ADDRESS:DECIMALS",
        "tokens: [PLAY:0xeb466342c4d449bc9f53a865d5cb90586f405215:6] | tokens | another token's"
            + " already",
        "keys.remote: 'ftp://a/' | keys.remote | ftp://a/",
        "keys.remote: 'http://me@a/' | keys.remote | without a user",
        "keys.remote: signer | keys.remote | http or https",
        "keys.remote-account: '0x12' | keys.remote-account | 40 hex digits",
        "keys.remote: 'http://a/' | keys.remote-account | without the other",
        "keys.remote-time: 1h | keys.remote-time | 5m",
        "dsync.allow-callers: [me] | dsync.allow-callers | me",
        "dsync.deny-roots: [x] | dsync.deny-roots | x",
        "dsync.max-push: 0 | dsync.max-push | '0'",
        "dsync.max-block: 4MiB | dsync.max-block | 4MiB",
        "dsync.max-blocks: 100001 | dsync.max-blocks | 100001",
        "dsync.session: 59s | dsync.session | 59s",
        "dsync.sessions: 0 | dsync.sessions | '0'",
        "dsync.require-all: some | dsync.require-all | true or false",
        "dsync.ask: ['https://'] | dsync.ask | https://",
        "dsync.ask: ['http://a/', b] | dsync.ask | http://a/",
        "dsync.ask-about: [lunch] | dsync.ask-about | lunch",
        "dsync.ask-time: 1ms | dsync.ask-time | 1ms",
        "pullsync.bee.enabled: maybe | pullsync.bee.enabled | maybe",
        "pullsync.bee.overlay: 12 | pullsync.bee.overlay | 64 hex digits",
        "pullsync.bee.radius: 32 | pullsync.bee.radius | 0 to 31",
        "pullsync.bee.batches: [12:0x34:20] | pullsync.bee.batches | BATCH:OWNER:DEPTH",
        "pullsync.bee.neighbours: [/ip4/127.0.0.1/tcp/1] | pullsync.bee.neighbours | /p2p",
        "pullsync.bee.readers: [nobody] | pullsync.bee.readers | nobody",
        "pullsync.bee.capacity: 1KiB | pullsync.bee.capacity | 1MiB",
        "no-such-key: 1 | no-such-key | no such key",
        "a: [b | sluice.yaml | line"
      })
  void badValuesAreNamed(String yaml, String key, String value) {
    ConfigException refusal = assertThrows(ConfigException.class, () -> read(yaml, Map.of()));

    assertTrue(refusal.getMessage().contains(key), refusal.getMessage());
    assertTrue(refusal.getMessage().contains(value), refusal.getMessage());
  }

  private static List<String> texts(List<?> values) {
    return values.stream().map(Object::toString).toList();
  }

  private static final String CHAIN =
      "ledger: {kind: evm, rpc: [http://a.example/key, https://b.example], chain-id: 314, contract:"
          + " \"0x1234567890abcdef1234567890abcdef12345678\"}\n";

  @Test
  void chain_asNamed() throws Exception {
    ChainSettings chain = read(CHAIN, Map.of()).chain().orElseThrow();

    assertEquals(314, chain.domain().chainId());
    assertEquals(2, chain.endpoints().size());
    assertEquals(new Finality.Finalized(30), chain.finality());
    assertEquals(List.of(EvmAddress.ZERO), read(CHAIN, Map.of()).tokens().accepted());
    assertEquals(Optional.empty(), read("", Map.of()).chain());
    assertEquals(
        new Finality.Depth(12),
        read(CHAIN + "ledger.confirmations: 12", Map.of()).chain().orElseThrow().finality());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ledger.kind: evm | ledger.rpc: needed",
        "ledger: {kind: evm, rpc: [http://a.example]} | ledger.chain-id: needed",
        "ledger: {kind: evm, rpc: [http://a.example], chain-id: 1} | ledger.contract: needed",
        "ledger: {kind: evm, rpc: [http://a.example, http://a.example], chain-id: 1, contract:"
            + " \"0x1234567890abcdef1234567890abcdef12345678\", agree-above: 5} |"
            + " ledger.agree-above",
        "ledger.kind: file | ledger.kind",
        "ledger.rpc: [ftp://a.example] | ledger.rpc",
        "ledger.rpc: [nonsense] | ledger.rpc",
        "ledger.chain-id: -1 | ledger.chain-id",
        "ledger.contract: 0x12 | ledger.contract",
        "ledger.token: USDC | ledger.token",
        "ledger.confirmations: 0 | ledger.confirmations",
        "ledger.confirmations: soon | ledger.confirmations",
      })
  void chain_saysWhatIsWrong(String yaml, String said) {
    String message = assertThrows(ConfigException.class, () -> read(yaml, Map.of())).getMessage();

    assertTrue(message.startsWith(said), message);
  }
}
