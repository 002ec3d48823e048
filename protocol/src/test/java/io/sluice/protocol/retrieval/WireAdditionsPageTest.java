package io.sluice.protocol.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * The examples of {@code docs/reference/wire-additions.md}: the page holds what the codecs write,
 * and the codecs read what the page holds.
 */
class WireAdditionsPageTest {
  private static final String WRITE = "sluice.docs.write";
  private static final Path PAGE = Path.of("..", "docs", "reference", "wire-additions.md");
  private static final String BEGIN = "<!-- examples: generated -->\n";
  private static final String END = "<!-- end of examples -->\n";

  private static final Cid ROOT =
      Cid.parse("bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua");
  private static final Terms TERMS =
      new Terms(TokenAmount.of(1_000_000), TokenAmount.of(500), 1 << 20, 1 << 20, 64L << 20, 600);
  private static final Payee PAYEE =
      new Payee(
          314_159,
          EvmAddress.parse("0x1234567890abcdef1234567890abcdef12345678"),
          EvmAddress.ZERO,
          EvmAddress.parse("0x" + "aa".repeat(20)),
          86_400,
          TokenAmount.ZERO,
          2,
          Optional.of("tFIL"),
          Optional.of(18L));
  private static final Bytes32 CHANNEL =
      Bytes32.parse("c37ac62905d2e40f3e0bcde10a7e4be880444d566486b5b5831cad7bb7a63891");
  private static final Signature SIGNATURE = Signature.of(filled());
  private static final Payment PAYMENT =
      new Payment(
          12,
          PAYEE.chainId(),
          PAYEE.contract(),
          CHANNEL,
          7,
          3,
          TokenAmount.of(1_000_500),
          1 << 20,
          false,
          SIGNATURE);

  private static byte[] filled() {
    byte[] bytes = new byte[Signature.LENGTH];
    Arrays.fill(bytes, (byte) 0x11);
    bytes[64] = 28;
    return bytes;
  }

  private static Map<String, Node> examples() {
    Map<String, Node> examples = new LinkedHashMap<>();
    examples.put(
        "Ask request",
        AskRequest.CODEC.encode(new AskRequest(ROOT, Optional.of(Selectors.exploreAll().node()))));
    examples.put(
        "Ask answer",
        AskAnswer.CODEC.encode(
            new AskAnswer(
                Availability.AVAILABLE,
                "",
                Optional.of(5_367L),
                Optional.of(6L),
                List.of(new Offer(TERMS, PAYEE)))));
    examples.put(
        "Ask answer, free content",
        AskAnswer.CODEC.encode(
            new AskAnswer(
                Availability.AVAILABLE, "", Optional.of(5_367L), Optional.of(6L), List.of())));
    examples.put(
        "Open, first deal of a lane",
        DealOpening.CODEC.encode(
            new DealOpening(12, TERMS, PAYEE, CHANNEL, 7, Optional.empty(), SIGNATURE)));
    examples.put(
        "Open, with the lane's best voucher",
        DealOpening.CODEC.encode(
            new DealOpening(13, TERMS, PAYEE, CHANNEL, 7, Optional.of(PAYMENT), SIGNATURE)));
    examples.put("Payment", Payment.CODEC.encode(PAYMENT));
    examples.put(
        "Result, a demand",
        DealResult.CODEC.encode(
            DealResult.of(12, DealCode.FUNDS_NEEDED).owing(TokenAmount.of(2_000_000), 3_145_728)));
    examples.put(
        "Result, a lane that is behind",
        DealResult.CODEC.encode(
            DealResult.of(13, DealCode.LANE_BEHIND)
                .with(PAYMENT)
                .saying("voucher 3 is known here")));
    examples.put(
        "Close request",
        CloseRequest.CODEC.encode(
            new CloseRequest(
                PAYEE.chainId(),
                PAYEE.contract(),
                CHANNEL,
                TokenAmount.of(1_000_500),
                1_900_000_000,
                SIGNATURE)));
    examples.put("Close answer", CloseAnswer.CODEC.encode(CloseAnswer.consent(SIGNATURE)));
    return examples;
  }

  private static String section() {
    StringBuilder section = new StringBuilder(BEGIN);
    examples()
        .forEach(
            (title, node) ->
                section
                    .append("\n### ")
                    .append(title)
                    .append("\n\n```\n")
                    .append(HexFormat.of().formatHex(DagCbor.encode(node)))
                    .append("\n```\n"));
    return section.append('\n').append(END).toString();
  }

  @Test
  void committedPageHoldsWhatTheCodecsWrite() throws IOException {
    String page = Files.readString(PAGE);
    int begin = page.indexOf(BEGIN);
    int end = page.indexOf(END) + END.length();
    if (Boolean.getBoolean(WRITE)) {
      Files.writeString(PAGE, page.substring(0, begin) + section() + page.substring(end));
    }

    assertEquals(
        section(),
        Files.readString(PAGE)
            .substring(begin)
            .lines()
            .limit(section().lines().count())
            .reduce("", (all, line) -> all + line + "\n"),
        PAGE + " is stale; -D" + WRITE + "=true writes it");
  }

  @Test
  void codecsReadWhatTheyWrote() {
    Map<String, Function<Node, Node>> readers =
        Map.of(
            "Ask request", node -> AskRequest.CODEC.encode(AskRequest.CODEC.decode(node)),
            "Ask answer", node -> AskAnswer.CODEC.encode(AskAnswer.CODEC.decode(node)),
            "Open", node -> DealOpening.CODEC.encode(DealOpening.CODEC.decode(node)),
            "Payment", node -> Payment.CODEC.encode(Payment.CODEC.decode(node)),
            "Result", node -> DealResult.CODEC.encode(DealResult.CODEC.decode(node)),
            "Close request", node -> CloseRequest.CODEC.encode(CloseRequest.CODEC.decode(node)),
            "Close answer", node -> CloseAnswer.CODEC.encode(CloseAnswer.CODEC.decode(node)));
    examples()
        .forEach(
            (title, node) -> {
              byte[] bytes = DagCbor.encode(node);
              Node read = DagCbor.decode(ByteBuffer.wrap(bytes), Limits.MESSAGE);
              String kind = title.replaceAll(",.*", "");
              assertEquals(
                  HexFormat.of().formatHex(bytes),
                  HexFormat.of().formatHex(DagCbor.encode(readers.get(kind).apply(read))),
                  title);
            });
  }
}
