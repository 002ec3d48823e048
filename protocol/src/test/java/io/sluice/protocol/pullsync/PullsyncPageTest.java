package io.sluice.protocol.pullsync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.protocol.libp2p.WrittenStream;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/**
 * The examples of pullsync in {@code docs/reference/wire-additions.md}: the page holds what is
 * written, and what the page holds is read.
 */
class PullsyncPageTest {
  private static final String WRITE = "sluice.docs.write";
  private static final Path PAGE = Path.of("..", "docs", "reference", "wire-additions.md");
  private static final String BEGIN = "<!-- pullsync: generated -->\n";
  private static final String END = "<!-- end of pullsync -->\n";
  private static final long EPOCH = 0x1122334455667788L;

  private static Map<String, PullsyncMessage> examples() {
    ByteBuffer data = ByteBuffer.wrap("hello".getBytes(StandardCharsets.UTF_8));
    Cid cid = Cid.sha2_256(Codec.RAW, data);
    Map<String, PullsyncMessage> page = new LinkedHashMap<>();
    page.put("Syn, of everything", new Syn(Lane.EVERYTHING));
    page.put("Ack", new Ack(8, EPOCH));
    page.put(
        "Get, 7 to 8", new Get(Lane.EVERYTHING, 7, OptionalLong.of(8), 250, Duration.ZERO, EPOCH));
    page.put(
        "Offer",
        new Offer(
            8,
            List.of(
                new Item(7, cid, new Item.OfferedBlock(5)),
                new Item(
                    8, cid, new Item.ListedRoot(new Item.Listing(EPOCH, 8), true, "hello.txt"))),
            EPOCH,
            true,
            8));
    page.put("Want, the first of two", Want.of(2, item -> item == 0));
    page.put("Delivery", Delivery.of(cid, data));
    page.put(
        "Get, live from 9 on, for 30 s",
        new Get(
            new Lane(Optional.of(cid)), 9, OptionalLong.empty(), 0, Duration.ofSeconds(30), EPOCH));
    page.put("Offer, of nothing", new Offer(8, List.of(), EPOCH, false, 8));
    page.put(
        "Delivery, of what is gone", Delivery.without(cid, Delivery.Status.GONE, Duration.ZERO));
    page.put(
        "Error",
        new PullsyncError(PullsyncError.Code.OTHER_EPOCH, "numbers begin anew", Duration.ZERO, 1));
    return page;
  }

  private static byte[] written(PullsyncMessage message) throws IOException {
    WrittenStream stream = WrittenStream.of(new byte[0], 1);
    new MessageStream(stream).write(message);
    return stream.written();
  }

  private static String section() throws IOException {
    StringBuilder section = new StringBuilder(BEGIN);
    for (Map.Entry<String, PullsyncMessage> example : examples().entrySet()) {
      section
          .append("\n### ")
          .append(example.getKey())
          .append("\n\n```\n")
          .append(HexFormat.of().formatHex(written(example.getValue())))
          .append("\n```\n");
    }
    return section.append('\n').append(END).toString();
  }

  @Test
  void committedPageHoldsWhatIsWritten() throws IOException {
    String page = Files.readString(PAGE);
    int begin = page.indexOf(BEGIN);
    int end = page.indexOf(END) + END.length();
    if (Boolean.getBoolean(WRITE)) {
      page = page.substring(0, begin) + section() + page.substring(end);
      Files.writeString(PAGE, page);
      end = page.indexOf(END) + END.length();
    }

    assertEquals(
        section(), page.substring(begin, end), PAGE + " is stale; -D" + WRITE + "=true writes it");
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    for (PullsyncMessage message : examples().values()) {
      MessageStream in = new MessageStream(WrittenStream.of(written(message), 1));
      assertEquals(Optional.of(message), in.read(Pullsync.MESSAGE_BYTES));
    }
  }
}
