package io.sluice.node.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** How calls of the service travel as JSON, and reports come back. */
class AdminMethodsTest {
  private final Consumer<Object> listener = new ArrayList<>()::add;

  private Object[] there(String method, Object... arguments) throws IOException {
    Method called = AdminMethods.all().get(method);
    ArrayNode array = AdminMethods.write(called, arguments);
    byte[] text = Json.write(array).getBytes(StandardCharsets.UTF_8);
    return AdminMethods.arguments(called, Json.parse(text), listener);
  }

  private static Object back(Object report) throws IOException {
    byte[] text = Json.write(report).getBytes(StandardCharsets.UTF_8);
    return Json.read(Json.parse(text), report.getClass());
  }

  @Test
  void everyMethodOfTheServiceHasItsOwnPathButClose() {
    Set<String> names =
        Arrays.stream(NodeService.class.getDeclaredMethods())
            .filter(method -> !method.isSynthetic())
            .map(Method::getName)
            .collect(Collectors.toSet());
    assertFalse(AdminMethods.all().containsKey("close"));
    names.remove("close");

    assertEquals(names, AdminMethods.all().keySet());
    assertEquals(NodeService.class.getDeclaredMethods().length - 1, names.size());
  }

  @Test
  void argumentsArriveAsTheyWereGiven() throws IOException {
    Requests.ImportRequest request =
        new Requests.ImportRequest(
            List.of("/a", "/b c"), true, true, Optional.of(1L << 40), Optional.empty());

    assertArrayEquals(new Object[] {request}, there("importContent", request));
    assertArrayEquals(new Object[] {"c-1"}, there("transfer", "c-1"));
    assertArrayEquals(new Object[] {}, there("collectGarbage"));
    assertArrayEquals(
        new Object[] {
          "0x1", TokenAmount.parse("340282366920938463463374607431768211455"), Optional.of("0x2")
        },
        there(
            "faucet",
            "0x1",
            TokenAmount.parse("340282366920938463463374607431768211455"),
            Optional.of("0x2")));
    assertArrayEquals(new Object[] {Long.MAX_VALUE}, there("advanceLedger", Long.MAX_VALUE));
  }

  @Test
  void anAbsentArgumentIsAbsentThereToo() throws IOException {
    assertArrayEquals(new Object[] {Optional.empty()}, there("verify", Optional.empty()));
    assertArrayEquals(new Object[] {Optional.of("x")}, there("verify", Optional.of("x")));
    assertArrayEquals(
        new Object[] {Optional.of(TokenAmount.of(7)), Optional.empty()},
        there("withdraw", Optional.of(TokenAmount.of(7)), Optional.empty()));
  }

  @Test
  void aListenerDoesNotTravelAndTheOtherEndPutsItsOwn() throws IOException {
    Requests.RetrieveRequest request =
        new Requests.RetrieveRequest(
            "cid",
            List.of("/ip4/127.0.0.1/tcp/1"),
            Optional.empty(),
            true,
            false,
            Optional.of(TokenAmount.ZERO),
            Optional.empty(),
            Optional.of("{}"),
            "token");
    Consumer<Object> mine = new ArrayList<>()::add;

    Object[] arrived = there("retrieve", request, mine);

    assertEquals(request, arrived[0]);
    assertSame(listener, arrived[1]);
  }

  @Test
  void reportsComeBackWithAmountsAndLongNumbersAsText() throws IOException {
    Reports.TransferReport transfer =
        new Reports.TransferReport(
            "c-1/transfer",
            "initiator",
            "pull",
            "peer",
            "root",
            "ONGOING",
            1,
            Long.MAX_VALUE,
            3,
            Optional.of("responder"),
            "Ticket/1",
            4,
            5,
            Optional.of(new Reports.VoucherReport("Ticket/1", "{}")),
            Optional.empty(),
            Optional.of("why"),
            Optional.of("2026-01-01T00:00:00Z"),
            false,
            List.of(new Reports.TransitionReport("t", "OPEN", "", "REQUESTED", "")));

    assertEquals(transfer, back(transfer));
    assertEquals(
        "{\"freedBytes\":\"9007199254740993\",\"freedBlocks\":\"2\"}",
        Json.write(new Reports.GarbageReport(9_007_199_254_740_993L, 2)));
    Reports.KeyReport key =
        new Reports.KeyReport("0xaa", true, Optional.of(TokenAmount.of(5)), Optional.empty());
    assertEquals(
        "{\"address\":\"0xaa\",\"default\":true,\"balance\":\"5\",\"owned\":[]}", Json.write(key));
    assertEquals(key, back(key));
  }

  @Test
  void membersThatAreNotKnownAreIgnoredAndWrongOnesRefused() throws IOException {
    Method method = AdminMethods.all().get("importContent");
    byte[] newer =
        "[{\"paths\":[\"/a\"],\"car\":true,\"later\":1}]".getBytes(StandardCharsets.UTF_8);

    assertArrayEquals(
        new Object[] {
          new Requests.ImportRequest(List.of("/a"), true, false, Optional.empty(), Optional.empty())
        },
        AdminMethods.arguments(method, Json.parse(newer), listener));
    byte[] wrong = "[{\"paths\":5}]".getBytes(StandardCharsets.UTF_8);
    assertThrows(
        IOException.class, () -> AdminMethods.arguments(method, Json.parse(wrong), listener));
    assertThrows(IOException.class, () -> Json.parse("{".getBytes(StandardCharsets.UTF_8)));
  }
}
