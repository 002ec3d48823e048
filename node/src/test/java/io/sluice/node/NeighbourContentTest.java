package io.sluice.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.api.NodeService;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.HostConfig;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.libp2p.Libp2pHost;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.pullsync.Ack;
import io.sluice.protocol.pullsync.Delivery;
import io.sluice.protocol.pullsync.Get;
import io.sluice.protocol.pullsync.Item;
import io.sluice.protocol.pullsync.Lane;
import io.sluice.protocol.pullsync.MessageStream;
import io.sluice.protocol.pullsync.Offer;
import io.sluice.protocol.pullsync.Pullsync;
import io.sluice.protocol.pullsync.PullsyncError;
import io.sluice.protocol.pullsync.PullsyncMessage;
import io.sluice.protocol.pullsync.Syn;
import io.sluice.protocol.pullsync.Want;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What of a running node neighbours may read, and who else may not, by every call there is. */
@Timeout(120)
class NeighbourContentTest {
  private static final TokenAmount PRICE = TokenAmount.of(7_000_000);
  private static final String PRICE_TEXT = "0.000000000007 PLAY per MiB";

  @TempDir Path folder;
  private TestNode node;
  private NodeService commands;
  private Host peer;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(folder.resolve("node")).start();
    commands = node.commands();
    peer = Libp2pHost.start(HostConfig.of(Identity.generate(new SecureRandom())));
  }

  @AfterEach
  void close() {
    peer.close();
    commands.close();
    node.close();
  }

  /** A conversation of which the test makes one step after the other. */
  private final class Asking implements AutoCloseable {
    private final Stream stream;
    private final MessageStream messages;

    Asking(String protocol) throws IOException {
      Multiaddr address = Multiaddr.parse(node.address());
      stream = peer.open(address.peerId().orElseThrow(), List.of(address), List.of(protocol));
      messages = new MessageStream(stream);
    }

    PullsyncMessage ask(PullsyncMessage question) throws IOException {
      messages.write(question);
      return messages.read(Pullsync.MESSAGE_BYTES).orElseThrow();
    }

    /** What becomes of each block of an offer, all of which are wanted. */
    List<Delivery> take(Offer offer) throws IOException {
      return take(offer, Item::isBlock);
    }

    List<Delivery> take(Offer offer, Predicate<Item> wanted) throws IOException {
      if (offer.offersBlocks()) {
        messages.write(Want.of(offer.items().size(), item -> wanted.test(offer.items().get(item))));
      }
      List<Delivery> deliveries = new ArrayList<>();
      for (Optional<PullsyncMessage> next = messages.read(Pullsync.MESSAGE_BYTES);
          next.isPresent();
          next = messages.read(Pullsync.MESSAGE_BYTES)) {
        deliveries.add((Delivery) next.get());
      }
      return deliveries;
    }

    @Override
    public void close() throws IOException {
      stream.close();
    }
  }

  private PullsyncMessage cursor(Lane lane) throws IOException {
    try (Asking asking = new Asking(Pullsync.CURSORS)) {
      return asking.ask(new Syn(lane));
    }
  }

  private long epoch() throws IOException {
    grantReading();
    Ack ack = (Ack) cursor(Lane.EVERYTHING);
    return ack.epoch();
  }

  private void grantReading() {
    try {
      commands.grant(
          new Requests.GrantRequest(peer.id().toString(), false, true, false, Optional.empty()));
    } catch (ServiceException e) {
      throw new AssertionError(e);
    }
  }

  private static Lane lane(Cid root) {
    return new Lane(Optional.of(root));
  }

  private static Get get(Lane lane, long epoch) {
    return new Get(lane, 1, OptionalLong.of(100_000), 0, Duration.ZERO, epoch);
  }

  private Offer offer(Lane lane, long epoch) throws IOException {
    try (Asking asking = new Asking(Pullsync.SYNC)) {
      Offer offer = assertInstanceOf(Offer.class, asking.ask(get(lane, epoch)));
      assertEquals(List.of(), asking.take(offer, item -> false));
      return offer;
    }
  }

  private static Set<Cid> blocks(Offer offer) {
    return offer.items().stream().filter(Item::isBlock).map(Item::cid).collect(Collectors.toSet());
  }

  /** Every question about a lane is refused in this way, and nothing else is said. */
  private void assertRefused(PullsyncError.Code code, String text, Lane lane, long epoch)
      throws IOException {
    for (Get get :
        List.of(
            get(lane, epoch),
            get(lane, epoch + 1),
            new Get(lane, 1, OptionalLong.empty(), 0, Duration.ofSeconds(30), epoch),
            new Get(lane, 1_000_000, OptionalLong.empty(), 1, Duration.ZERO, epoch))) {
      try (Asking asking = new Asking(Pullsync.SYNC)) {
        assertRefused(code, text, asking.ask(get));
        assertEquals(Optional.empty(), asking.messages.read(Pullsync.MESSAGE_BYTES));
      }
    }
    assertRefused(code, text, cursor(lane));
  }

  private static void assertRefused(PullsyncError.Code code, String text, PullsyncMessage answer) {
    PullsyncError error = assertInstanceOf(PullsyncError.class, answer);
    assertEquals(code, error.code(), error::text);
    assertTrue(error.text().contains(text), error::text);
    assertEquals(0, error.epoch());
  }

  @Test
  void givenNoGrant_thenWhatIsSoldIsReadByNoCall() throws Exception {
    long epoch = epoch();
    Cid sold = node.offer(600_000, PRICE);
    Cid free = node.give(500_000);
    Set<Cid> soldBlocks = blocks(offer(lane(sold), epoch));
    Set<Cid> freeBlocks = blocks(offer(lane(free), epoch));
    assertTrue(soldBlocks.size() > 2 && freeBlocks.size() > 1);
    Set<Cid> all = blocks(offer(Lane.EVERYTHING, epoch));
    assertTrue(all.containsAll(soldBlocks) && all.containsAll(freeBlocks));
    commands.revoke(peer.id().toString());

    assertRefused(PullsyncError.Code.REFUSED, "ask for a grant", Lane.EVERYTHING, epoch);
    assertRefused(PullsyncError.Code.PAYMENT_REQUIRED, PRICE_TEXT, lane(sold), epoch);
    for (Cid block : soldBlocks) {
      if (!block.equals(sold)) {
        assertRefused(PullsyncError.Code.NOT_FOUND, "not here", lane(block), epoch);
      }
    }
    Offer given = offer(lane(free), epoch);
    assertEquals(freeBlocks, blocks(given));
    assertTrue(given.items().stream().noneMatch(item -> soldBlocks.contains(item.cid())));
    assertTrue(node.metrics().contains("sluice_pullsync_refused_total"));
  }

  @Test
  void givenAGrant_thenBlocksAsTheyAre() throws Exception {
    Cid sold = node.offer(300_000, PRICE);
    long epoch = epoch();
    try (Asking asking = new Asking(Pullsync.SYNC)) {
      Offer offer = (Offer) asking.ask(get(lane(sold), epoch));
      List<Delivery> deliveries = asking.take(offer);
      assertEquals(blocks(offer).size(), deliveries.size());
      for (Delivery delivery : deliveries) {
        Block block = Block.verified(delivery.cid(), delivery.data());
        assertTrue(block.size() > 0);
      }
      Item last = offer.items().getLast();
      assertEquals(sold, last.cid());
      Item.ListedRoot listed = assertInstanceOf(Item.ListedRoot.class, last.what());
      assertTrue(listed.offered());
    }
  }

  /** Neither offered at all, nor whole. */
  @Test
  void givenContentWithoutAPrice_thenNotOffered() throws Exception {
    long epoch = epoch();
    Path file = Files.write(folder.resolve("unpriced"), new byte[1000]);
    Cid unpriced = importPath(file);
    assertFalse(blocks(offer(lane(unpriced), epoch)).isEmpty());
    commands.revoke(peer.id().toString());

    assertRefused(PullsyncError.Code.REFUSED, "not offered here", lane(unpriced), epoch);
  }

  @Test
  void givenTheGrantIsTakenBackInTheMiddle_thenNothingIsDelivered() throws Exception {
    Cid sold = node.offer(300_000, PRICE);
    long epoch = epoch();
    for (Lane lane : List.of(lane(sold), Lane.EVERYTHING)) {
      grantReading();
      try (Asking asking = new Asking(Pullsync.SYNC)) {
        Offer offer = (Offer) asking.ask(get(lane, epoch));
        commands.revoke(peer.id().toString());
        for (Delivery delivery : asking.take(offer)) {
          assertTrue(delivery.status() != Delivery.Status.OK);
          assertFalse(delivery.data().hasRemaining());
        }
      }
    }
  }

  @Test
  void givenTheRootIsRemovedInTheMiddle_thenNothingIsDelivered() throws Exception {
    long epoch = epoch();
    Cid free = node.give(500_000);
    for (Lane lane : List.of(lane(free), Lane.EVERYTHING)) {
      node.give(500_000);
      try (Asking asking = new Asking(Pullsync.SYNC)) {
        Offer offer = (Offer) asking.ask(get(lane, epoch));
        assertFalse(blocks(offer).isEmpty());
        commands.removeContent(free.toString());
        for (Delivery delivery : asking.take(offer)) {
          assertEquals(Delivery.Status.REFUSED, delivery.status());
        }
      }
    }
  }

  @Test
  void givenARootIsRemoved_thenThatIsToldAndItsBlocksAreNot() throws Exception {
    long epoch = epoch();
    Cid kept = node.give(500_000);
    Cid removed = node.give(600_000);
    Set<Cid> keptBlocks = blocks(offer(lane(kept), epoch));
    commands.removeContent(removed.toString());

    Offer offer = offer(lane(removed), epoch);
    assertEquals(Set.of(), blocks(offer));
    assertInstanceOf(Item.RemovedRoot.class, offer.items().getLast().what());
    assertEquals(keptBlocks, blocks(offer(Lane.EVERYTHING, epoch)));
    assertEquals(keptBlocks, blocks(offer(lane(kept), epoch)));

    node.give(600_000); // the same again
    assertFalse(blocks(offer(lane(removed), epoch)).isEmpty());
    commands.removeContent(removed.toString());
    commands.revoke(peer.id().toString());
    assertRefused(PullsyncError.Code.NOT_FOUND, "not here", lane(removed), epoch);
  }

  @Test
  void givenWhatWasRemovedLiesBeneathAnotherRoot_thenToldAllTheSame() throws Exception {
    Cid file = node.give(500_000);
    long epoch = epoch();
    Set<Cid> blocks = blocks(offer(lane(file), epoch));
    Path directory = Files.createDirectory(folder.resolve("directory"));
    Files.copy(folder.resolve("node").resolve("content-500000"), directory.resolve("copy"));
    importPath(directory);
    commands.removeContent(file.toString());

    assertTrue(blocks(offer(Lane.EVERYTHING, epoch)).containsAll(blocks));
  }

  @Test
  void givenARemovedRootIsListedAnew_thenSoonToldOfAgain() throws Exception {
    Cid file = node.give(500_000);
    long epoch = epoch();
    Set<Cid> blocks = blocks(offer(lane(file), epoch));
    commands.removeContent(file.toString());
    assertEquals(Set.of(), blocks(offer(Lane.EVERYTHING, epoch)));
    node.give(500_000);

    while (!blocks(offer(Lane.EVERYTHING, epoch)).equals(blocks)) {
      LockSupport.parkNanos(5_000_000);
    }
  }

  private Cid importPath(Path path) throws ServiceException {
    return Cid.parse(
        commands
            .importContent(
                new Requests.ImportRequest(
                    List.of(path.toString()), false, false, Optional.empty(), Optional.empty()))
            .getFirst()
            .cid());
  }

  @Test
  void givenWhatOrWhoIsDenied_thenNothingOfIt() throws Exception {
    Cid free = node.give(500_000);
    long epoch = epoch();
    Cid inner =
        blocks(offer(lane(free), epoch)).stream()
            .filter(block -> !block.equals(free))
            .findAny()
            .orElseThrow();
    try (Asking asking = new Asking(Pullsync.SYNC)) {
      Offer before = (Offer) asking.ask(get(lane(free), epoch));
      commands.deny(inner.toString());
      for (Delivery delivery : asking.take(before)) {
        assertEquals(
            delivery.cid().equals(inner) ? Delivery.Status.REFUSED : Delivery.Status.OK,
            delivery.status());
      }
    }
    for (Lane lane : List.of(lane(free), Lane.EVERYTHING)) {
      assertFalse(blocks(offer(lane, epoch)).contains(inner));
    }
    commands.deny(free.toString());
    assertRefused(PullsyncError.Code.NOT_FOUND, "not here", lane(free), epoch);
    commands.deny(peer.id().toString());
    for (Lane lane : List.of(lane(free), Lane.EVERYTHING)) {
      assertRefused(PullsyncError.Code.REFUSED, "does not serve", lane, epoch);
    }
  }
}
