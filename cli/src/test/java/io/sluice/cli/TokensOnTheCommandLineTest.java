package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.node.api.ErrorCode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which token an amount is of, as it is typed and shown. */
class TokensOnTheCommandLineTest {
  private static final String USDC = "0x00000000000000000000000000000000000000c0";
  private static final String EURC = "0x00000000000000000000000000000000000000c1";

  @TempDir Path folder;
  private TestShell shell;

  @BeforeEach
  void init() {
    shell =
        new TestShell(folder)
            .with("SLUICE_HOME", folder.resolve("home").toString())
            .with("SLUICE_TOKENS", "USDC:" + USDC + ":6,EURC:" + EURC + ":6")
            .with("SLUICE_LEDGER_TOKEN", "native," + USDC);
    shell.ok("init");
  }

  private List<String> prices() {
    List<String> prices = new ArrayList<>();
    for (JsonNode ask : shell.ok("ask", "show", "--json").json().get("items")) {
      prices.add(ask.get("cid").asText() + " " + ask.get("pricePerMiBText").asText());
    }
    return prices;
  }

  @Test
  void priceIsInTheTokenOfItsSymbol_orTheOneThatIsNamed_orTheFirst() {
    shell.ok("ask", "set", "--price-per-mib", "3USDC", "--fee", "1USDC");
    shell.ok("ask", "set", "--price-per-gib", "1024PLAY");
    shell.ok("ask", "set", "--cid", "bafkqaaa", "--price-per-mib", "7", "--token", "USDC");
    shell.ok("ask", "set", "--cid", "bafkqaaa", "--price-per-mib", "9");

    assertEquals(
        List.of(
            "* 1 PLAY", "* 3 USDC", "bafkqaaa 0.000000000000000009 PLAY", "bafkqaaa 0.000007 USDC"),
        prices());
    shell.ok("ask", "rm", "--token", "USDC");
    shell.ok("ask", "rm", "--cid", "bafkqaaa", "--token", "native");
    assertEquals(List.of("* 1 PLAY", "bafkqaaa 0.000007 USDC"), prices());
    shell.ok("ask", "set", "--cid", "bafkqaaa", "--price-per-mib", "0");
    assertEquals(List.of("* 1 PLAY", "bafkqaaa 0 PLAY"), prices());
  }

  @ParameterizedTest
  @CsvSource({
    "ask set --price-per-mib 3EURC, USAGE, EURC is not what channels pay in here; expected PLAY",
    "ask set --price-per-mib 3XYZ, USAGE, no token 'XYZ' is known here",
    "ask set --price-per-mib 3 --token " + EURC + ", USAGE, EURC is not what channels pay in",
    "ask set --price-per-mib 3USDC --fee 1PLAY, BAD_AMOUNT, PLAY is not what this is paid in",
    "ask set --price-per-mib 3USDC --token native, BAD_AMOUNT, USDC is not what this is paid in",
    "ask set --price-per-mib 0.0000001USDC, BAD_AMOUNT, has 7 decimals; USDC has 6",
    "ask rm --token USDC, NO_SUCH_ASK, no entry for * in USDC",
    "channels withdraw 3EURC, BAD_AMOUNT, EURC is not what channels pay in",
    "channels withdraw 3USDC, INSUFFICIENT_FUNDS, has a credit of 0 USDC; 3 USDC less than 3 USDC",
    "channels withdraw --token EURC, USAGE, EURC is not what channels pay in",
    "retrieve bafkqaaa --provider x --max-total 1USDC --max-price-per-mib 1PLAY, USAGE,"
        + " the limits have to be of one token: the price is in PLAY",
  })
  void whatDoesNotFitIsRefused(String line, String code, String message) {
    List<String> words = new ArrayList<>(List.of(line.split(" ")));
    words.add("--json");
    JsonNode error = shell.run(words.toArray(String[]::new)).json().get("error");

    assertEquals(code, error.get("code").asText(), error::toString);
    assertTrue(error.get("message").asText().replace(',', ';').contains(message), error::toString);
    assertTrue(ErrorCode.named(code).exit() > 0);
  }

  @Test
  void moneyIsOfTheTokenThatIsNamed() {
    String account = shell.ok("id", "--json").json().get("paymentAddress").asText();
    shell.ok("faucet", account, "5USDC");
    shell.ok("faucet", account, "2000000", "--token", USDC);
    shell.ok("faucet", account, "1PLAY");

    JsonNode key = shell.ok("wallet", "ls", "--json").json().at("/items/0");
    assertEquals("1 PLAY", key.get("balanceText").asText());
    assertEquals("7 USDC", key.at("/owned/1/balanceText").asText());
    String table = String.join("\n", shell.ok("wallet", "ls").out());
    assertTrue(table.contains("1 PLAY") && table.contains("7 USDC"), table);
    List<String> status = shell.ok("status").out();
    assertTrue(status.contains("earned       0 PLAY, 0 USDC"), status::toString);
  }
}
