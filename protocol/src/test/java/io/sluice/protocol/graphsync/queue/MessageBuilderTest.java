package io.sluice.protocol.graphsync.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.graphsync.wire.GraphsyncMessage;
import io.sluice.protocol.graphsync.wire.GsBlock;
import io.sluice.protocol.graphsync.wire.GsRequest;
import io.sluice.protocol.graphsync.wire.GsResponse;
import io.sluice.protocol.graphsync.wire.LinkAction;
import io.sluice.protocol.graphsync.wire.LinkMeta;
import io.sluice.protocol.graphsync.wire.RequestId;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MessageBuilderTest {

  private static final Map<String, Node> ACCEPTANCE =
      Map.of("plain", Node.of("accepted"), "incoming", Node.of("accepted"));
  private static final Map<String, Node> DEMAND =
      Map.of("plain", Node.of("pay"), "block", Node.of("pay"));
  private static final Map<String, Node> RESUMPTION = Map.of("plain", Node.of("paid"));

  private final MessageBuilder message = new MessageBuilder(1000);
  private final Author author = new Author(new RequestId(1, 1));
  private final Author other = new Author(new RequestId(2, 2));

  private record Author(RequestId id) implements MessageAuthor {
    @Override
    public boolean isDead() {
      return false;
    }

    @Override
    public void written(ResponseStatus status, int blocks, long bytes) {}

    @Override
    public void notWritten(IOException cause) {}
  }

  private void say(ResponseStatus status, Map<String, Node> extensions) {
    assertTrue(message.takesExtensions(author, extensions));
    message.say(author, status, extensions);
  }

  @Test
  void givenAcceptanceAndBlocks_whenPaused_thenOneMessageSaysAll() {
    Block block = Block.of(0x55, ByteBuffer.wrap(new byte[100]));
    say(ResponseStatus.PARTIAL, ACCEPTANCE);
    message.addLink(author, new LinkMeta(block.cid(), LinkAction.PRESENT));
    message.addBlock(author, block);
    say(ResponseStatus.PAUSED, DEMAND);

    GraphsyncMessage built = message.build();

    GsResponse response = built.responses().getFirst();
    assertEquals(ResponseStatus.PAUSED, response.status());
    assertEquals(Node.of("accepted"), response.extensions().get("incoming"));
    assertEquals(Node.of("pay"), response.extensions().get("block"));
    assertEquals(1, response.metadata().size());
    assertEquals(1, built.blocks().size());
  }

  @Test
  void givenDemand_whenResumed_thenInAnotherMessage() {
    say(ResponseStatus.PAUSED, DEMAND);

    assertFalse(message.takesExtensions(author, RESUMPTION));
    assertTrue(message.takesExtensions(other, RESUMPTION));
  }

  @Test
  void givenAcceptance_whenResumed_thenInAnotherMessage() {
    say(ResponseStatus.PAUSED, ACCEPTANCE);

    assertFalse(message.takesExtensions(author, RESUMPTION));
  }

  @Test
  void givenResumption_whenPausedAgain_thenInAnotherMessage() {
    say(ResponseStatus.PARTIAL, RESUMPTION);

    assertFalse(message.takesExtensions(author, DEMAND));
  }

  @Test
  void givenPause_whenMoreIsWalked_thenNoLongerPaused() {
    say(ResponseStatus.PAUSED, Map.of());
    message.addLink(author, new LinkMeta(cid(1), LinkAction.MISSING));

    assertEquals(ResponseStatus.PARTIAL, message.build().responses().getFirst().status());
  }

  @Test
  void givenBlocksUpToTheLimit_whenAnotherComes_thenItNeedsTheNextMessage() {
    message.addBlock(author, Block.of(0x55, ByteBuffer.wrap(new byte[900])));

    assertTrue(message.takesBlock(author, 100));
    assertFalse(message.takesBlock(author, 101));
    assertTrue(new MessageBuilder(1000).takesBlock(author, 5000));
  }

  @Test
  void givenSameBlockOfTwoResponses_whenWritten_thenOnce() {
    Block block = Block.of(0x55, ByteBuffer.wrap(new byte[10]));
    message.addBlock(author, block);
    message.addBlock(other, block);

    assertEquals(1, message.build().blocks().size());
    assertEquals(10, message.drop(author));
    assertEquals(List.of(GsBlock.of(block.cid(), block.data())), message.build().blocks());
    assertEquals(10, message.bytes());
  }

  @Test
  void givenRequest_whenItsIdComesAgain_thenInAnotherMessage() {
    message.add(GsRequest.cancel(author.id()), author);

    assertFalse(message.takes(GsRequest.cancel(author.id())));
    assertTrue(message.takes(GsRequest.cancel(other.id())));
  }

  private static Cid cid(int number) {
    return Cid.sha2_256(0x55, ByteBuffer.wrap(new byte[] {(byte) number}));
  }
}
