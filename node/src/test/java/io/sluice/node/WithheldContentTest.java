package io.sluice.node;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Content that is here and not sold: removed, denied, damaged. */
@Timeout(120)
class WithheldContentTest {
  private static final int CHUNK = 262_144;
  private static final int SIZE = 600_000;
  private static final TokenAmount UNIT_A_BYTE = TokenAmount.of(1 << 20);

  @TempDir Path folder;

  private static String asked(NodeService buyer, Cid content, TestNode seller)
      throws ServiceException {
    return buyer.query(new Requests.QueryRequest(content.toString(), seller.address())).status();
  }

  private static void buy(NodeService commands, Cid content, TestNode... sellers)
      throws ServiceException {
    commands.retrieve(
        new Requests.RetrieveRequest(
            content.toString(),
            Stream.of(sellers).map(TestNode::address).toList(),
            Optional.empty(),
            false,
            false,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            content.toString()),
        progress -> {});
  }

  private static byte[] bytes() {
    byte[] content = new byte[SIZE];
    new Random(SIZE).nextBytes(content); // as TestNode makes it
    return content;
  }

  private static Cid chunk(int number) {
    int from = number * CHUNK;
    return Cid.sha2_256(
        Codec.RAW,
        ByteBuffer.wrap(Arrays.copyOfRange(bytes(), from, Math.min(SIZE, from + CHUNK))));
  }

  @Test
  void givenRemovedContent_thenOnlyWhatLiesBeneathAnotherRootIsSold() throws Exception {
    try (TestNode seller = new TestNode(folder.resolve("seller")).start();
        TestNode buyer = new TestNode(folder.resolve("buyer")).start();
        NodeService selling = seller.commands();
        NodeService buying = buyer.commands()) {
      Cid gone = seller.give(SIZE);
      Path other =
          Files.write(folder.resolve("other"), Arrays.copyOf(bytes(), CHUNK + 10)); // same begin
      selling.importContent(
          new Requests.ImportRequest(
              List.of(other.toString()), false, false, Optional.empty(), Optional.empty()));
      assertEquals("available", asked(buying, chunk(1), seller));

      selling.removeContent(gone.toString());

      assertEquals("unavailable", asked(buying, gone, seller));
      assertEquals("unavailable", asked(buying, gone.asV1(), seller));
      assertEquals("unavailable", asked(buying, chunk(1), seller));
      assertEquals("available", asked(buying, chunk(0), seller));
      String why =
          buying.query(new Requests.QueryRequest(gone.toString(), seller.address())).message();
      assertTrue(why.startsWith("NOT_FOUND: "), why);
      assertEquals(
          DealCode.NOT_FOUND,
          assertThrows(ServiceException.class, () -> buy(buying, gone, seller)).code());
      assertEquals(3, selling.collectGarbage().freedBlocks(), "two chunks and the root");
      assertEquals("available", asked(buying, chunk(0), seller));

      seller.give(SIZE);

      assertEquals("available", asked(buying, gone, seller));
      buy(buying, gone, seller);
    }
  }

  @Test
  void givenADeniedBlock_thenItIsNotServed_atOnce_untilItIsAllowed() throws Exception {
    try (TestNode seller = new TestNode(folder.resolve("seller")).start();
        TestNode buyer = new TestNode(folder.resolve("buyer")).start();
        NodeService selling = seller.commands();
        NodeService buying = buyer.commands()) {
      Cid content = seller.give(SIZE);
      String denied = Cid.v1(Codec.DAG_CBOR, chunk(1).hash()).toString(); // the hash counts

      selling.deny(denied);

      assertEquals(List.of(new Reports.DenyReport("cid", denied)), selling.denied());
      assertEquals("unavailable", asked(buying, chunk(1), seller));
      assertEquals(
          DealCode.PARTIAL,
          assertThrows(ServiceException.class, () -> buy(buying, content, seller)).code());
      selling.allow(chunk(1).toString());
      assertEquals(List.of(), selling.denied());
      buy(buying, content, seller);
      assertEquals(
          ErrorCode.NOT_DENIED,
          assertThrows(ServiceException.class, () -> selling.allow(denied)).code());
      assertEquals(
          ErrorCode.BAD_CID,
          assertThrows(ServiceException.class, () -> selling.deny("nobody")).code());
    }
  }

  @Test
  void givenADeniedPeer_thenItIsToldSo_alsoAfterARestart() throws Exception {
    TestNode seller = new TestNode(folder.resolve("seller")).start();
    try (TestNode buyer = new TestNode(folder.resolve("buyer")).start();
        NodeService buying = buyer.commands()) {
      Cid content = seller.give(SIZE);
      try (NodeService selling = seller.commands()) {
        selling.deny(buying.id().peerId());
      }
      seller.close();
      seller.start();

      Reports.QuoteReport quote =
          buying.query(new Requests.QueryRequest(content.toString(), seller.address()));
      assertEquals("error", quote.status());
      assertTrue(quote.message().startsWith("PEER_BLOCKED"), quote.message());
      assertThrows(ServiceException.class, () -> buy(buying, content, seller));

      try (NodeService selling = seller.commands()) {
        selling.allow(buying.id().peerId());
      }
      buy(buying, content, seller);
    } finally {
      seller.close();
    }
  }

  @Test
  void givenADamagedBlock_thenTheContentIsMarkedAndNotOffered_andTheNextProviderIsTaken()
      throws Exception {
    TestNode rotten = new TestNode(folder.resolve("rotten")).start();
    Cid content = rotten.give(SIZE);
    rotten.close();
    flip(rotten.home.blocks());
    rotten.start();
    try (TestNode sound = new TestNode(folder.resolve("sound")).start();
        TestNode buyer = new TestNode(folder.resolve("buyer")).start();
        TestNode late = new TestNode(folder.resolve("late")).start();
        NodeService fresh = late.commands();
        NodeService selling = rotten.commands();
        NodeService buying = buyer.commands()) {
      sound.give(SIZE);
      assertEquals("available", asked(buying, content, rotten));

      buy(buying, content, rotten, sound);

      assertTrue(selling.contents().getFirst().damaged());
      assertEquals("unavailable", asked(buying, content, rotten));
      assertEquals("unavailable", asked(buying, content.asV1(), rotten));
      String why =
          buying.query(new Requests.QueryRequest(content.toString(), rotten.address())).message();
      assertTrue(why.startsWith("DAMAGED: "), why);
      assertEquals(
          DealCode.DAMAGED,
          assertThrows(ServiceException.class, () -> buy(fresh, content, rotten)).code());
      rotten.give(SIZE); // brought in again
      assertFalse(selling.contents().getFirst().damaged());
      assertEquals("available", asked(buying, content, rotten));
    } finally {
      rotten.close();
    }
  }

  @Test
  void givenADamagedBlockAtACheaperSeller_thenTheNextOneSellsIt_andEachIsPaidForWhatItSent()
      throws Exception {
    String ledger = folder.resolve("ledger").toString();
    TestNode rotten = new TestNode(folder.resolve("rotten")).with("SLUICE_LEDGER", ledger).start();
    Cid content = rotten.offer(SIZE, UNIT_A_BYTE);
    rotten.close();
    flip(rotten.home.blocks());
    rotten.start();
    try (TestNode sound =
            new TestNode(folder.resolve("sound")).with("SLUICE_LEDGER", ledger).start();
        TestNode buyer =
            new TestNode(folder.resolve("buyer")).with("SLUICE_LEDGER", ledger).start();
        NodeService buying = buyer.commands()) {
      sound.offer(SIZE, TokenAmount.of(3 << 20));
      buying.faucet(buying.id().paymentAddress(), TokenAmount.of(100_000_000), Optional.empty());
      Path out = folder.resolve("out");

      Reports.RetrievalReport bought =
          buying.retrieve(
              new Requests.RetrieveRequest(
                  content.toString(),
                  List.of(rotten.address(), sound.address()),
                  Optional.of(out.toString()),
                  false,
                  false,
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  "both"),
              progress -> {});

      assertArrayEquals(bytes(), Files.readAllBytes(out));
      long damaged = CHUNK;
      long others = bought.bytes() - damaged;
      assertEquals(TokenAmount.of(others + 3 * damaged), bought.totalPaid());
      assertEquals(List.of("PARTIAL " + others, "COMPLETED " + 3 * damaged), ends(buying));
      assertEquals(bought.totalPaid(), buying.books().spent());
      try (NodeService selling = rotten.commands();
          NodeService other = sound.commands()) {
        assertEquals(List.of("PARTIAL " + others), ends(selling));
        assertEquals(TokenAmount.of(others), selling.books().earned());
        assertEquals(TokenAmount.ZERO, selling.books().owed());
        assertEquals(TokenAmount.of(3 * damaged), other.books().earned());
        assertEquals(TokenAmount.ZERO, other.books().owed());
        assertTrue(selling.contents().getFirst().damaged());
      }
      // Straight to the end: nothing stalled and nothing was tried again.
      String first = buying.deals().getFirst().id();
      List<String> course =
          buying.deal(first).transitions().stream().map(Reports.TransitionReport::after).toList();
      assertEquals(
          List.of("NEW", "PROPOSED", "TRANSFERRING", "LEAVING", "PARTIAL"),
          course.stream().distinct().toList());
    } finally {
      rotten.close();
    }
  }

  @Test
  void givenADamagedBlockAtTheBuyer_thenTheSameCommandFetchesItAgain() throws Exception {
    TestNode buyer = new TestNode(folder.resolve("buyer")).start();
    try (TestNode seller = new TestNode(folder.resolve("seller")).start()) {
      Cid content = seller.give(SIZE);
      try (NodeService buying = buyer.commands()) {
        buy(buying, content, seller);
      }
      buyer.close();
      flip(buyer.home.blocks());
      buyer.start();
      Path out = folder.resolve("out");

      try (NodeService buying = buyer.commands()) {
        buying.retrieve(
            new Requests.RetrieveRequest(
                content.toString(),
                List.of(seller.address()),
                Optional.of(out.toString()),
                false,
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "again"),
            progress -> {});
        assertTrue(buying.verify(Optional.empty()).bad().isEmpty());
      }

      assertArrayEquals(bytes(), Files.readAllBytes(out));
    } finally {
      buyer.close();
    }
  }

  @Test
  void givenASelector_thenTheArchiveHoldsWhatItLeadsToAndTheReportSaysSo() throws Exception {
    try (TestNode seller = new TestNode(folder.resolve("seller")).start();
        TestNode buyer = new TestNode(folder.resolve("buyer")).start();
        NodeService buying = buyer.commands()) {
      Cid content = seller.give(SIZE);
      buy(buying, content, seller); // all of it is here already
      Path out = folder.resolve("out.car");

      Reports.RetrievalReport report =
          buying.retrieve(
              new Requests.RetrieveRequest(
                  content.toString(),
                  List.of(seller.address()),
                  Optional.of(out.toString()),
                  true,
                  false,
                  Optional.empty(),
                  Optional.empty(),
                  Optional.of("{\".\":{}}"), // the root
                  "part"),
              progress -> {});

      assertEquals(1, report.blocks());
      long around = Files.size(out) - report.bytes();
      assertTrue(around > 0 && around < 200, around + " bytes besides the blocks");
    }
  }

  /** How deals ended and what was paid for them, the first one first. */
  private static List<String> ends(NodeService node) throws ServiceException {
    return node.deals().stream()
        .sorted(Comparator.comparing(Reports.DealReport::started))
        .map(deal -> deal.state() + " " + deal.paid())
        .toList();
  }

  private static void flip(Path blocks) throws IOException {
    Path largest;
    try (Stream<Path> files = Files.walk(blocks)) {
      largest =
          files
              .filter(Files::isRegularFile)
              .max(Comparator.comparingLong(file -> file.toFile().length()))
              .orElseThrow();
    }
    try (FileChannel file =
        FileChannel.open(largest, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      file.read(one, 300_000);
      one.put(0, (byte) (one.get(0) ^ 1)).flip();
      file.write(one, 300_000);
    }
  }
}
