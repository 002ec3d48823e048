package io.sluice.payments.ledger.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.sluice.payments.Samples;
import io.sluice.payments.ledger.evm.Agreement.Testimony;
import io.sluice.protocol.Ticker;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.web3j.protocol.http.HttpService;

class AgreementTest {
  static List<Arguments> cases() {
    return List.of(
        arguments("", "too few"),
        arguments("a", "too few"),
        arguments("aa", "a against []"),
        arguments("ab", "disputed"),
        arguments("abc", "disputed"),
        arguments("aba", "a against [n1]"),
        arguments("abb", "b against [n0]"),
        arguments("abcb", "b against [n0, n2]"));
  }

  /** Each letter is what the next endpoint says. */
  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("cases")
  void twoHaveToSayTheSame(String said, String expected) {
    List<Testimony<String>> testimonies = new ArrayList<>();
    for (int at = 0; at < said.length(); at++) {
      URI uri = URI.create("http://n" + at);
      ChainNode node = new ChainNode(new HttpService(uri.toString()), Samples.DOMAIN.contract());
      testimonies.add(
          new Testimony<>(
              new Endpoint(uri, node, new RpcTally(Ticker.SYSTEM)), said.substring(at, at + 1)));
    }

    assertEquals(
        expected,
        switch (Agreement.of(testimonies)) {
          case Agreement.Agreed<String> agreed -> agreed.facts() + " against " + agreed.outvoted();
          case Agreement.Disputed<String> disputed -> "disputed";
          case Agreement.TooFew<String> tooFew -> "too few";
        });
  }
}
