package io.sluice.protocol.graphsync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DraftTest {

  private static final Map<String, Node> ACCEPTANCE =
      Map.of("plain", Node.of("accepted"), "incoming", Node.of("accepted"));
  private static final Map<String, Node> DEMAND =
      Map.of("plain", Node.of("pay"), "block", Node.of("pay"));
  private static final Map<String, Node> RESUMPTION = Map.of("plain", Node.of("paid"));

  private final Draft draft = new Draft(1000);
  private final Author author = new Author(new RequestId(1, 1));
  private final Author other = new Author(new RequestId(2, 2));

  private record Author(RequestId id) implements Draft.Author {
    @Override
    public boolean isDead() {
      return false;
    }

    @Override
    public void written(Draft.Part part) {}

    @Override
    public void notWritten(IOException cause) {}
  }

  private void say(ResponseStatus status, Map<String, Node> extensions) {
    assertTrue(draft.takesExtensions(author, extensions));
    Draft.Part part = draft.part(author);
    part.status = status;
    part.extensions.putAll(extensions);
  }

  @Test
  void givenAcceptanceAndBlocks_whenPaused_thenOneMessageSaysAll() {
    Block block = Block.of(0x55, ByteBuffer.wrap(new byte[100]));
    say(ResponseStatus.PARTIAL, ACCEPTANCE);
    draft.addLink(author, new LinkMeta(block.cid(), LinkAction.PRESENT));
    draft.addBlock(author, block);
    say(ResponseStatus.PAUSED, DEMAND);

    GraphsyncMessage message = draft.message();

    GsResponse response = message.responses().getFirst();
    assertEquals(ResponseStatus.PAUSED, response.status());
    assertEquals(Node.of("accepted"), response.extensions().get("incoming"));
    assertEquals(Node.of("pay"), response.extensions().get("block"));
    assertEquals(1, response.metadata().size());
    assertEquals(1, message.blocks().size());
  }

  @Test
  void givenDemand_whenResumed_thenInAnotherMessage() {
    say(ResponseStatus.PAUSED, DEMAND);

    assertFalse(draft.takesExtensions(author, RESUMPTION));
    assertTrue(draft.takesExtensions(other, RESUMPTION));
  }

  @Test
  void givenAcceptance_whenResumed_thenInAnotherMessage() {
    say(ResponseStatus.PAUSED, ACCEPTANCE);

    assertFalse(draft.takesExtensions(author, RESUMPTION));
  }

  @Test
  void givenResumption_whenPausedAgain_thenInAnotherMessage() {
    say(ResponseStatus.PARTIAL, RESUMPTION);

    assertFalse(draft.takesExtensions(author, DEMAND));
  }

  @Test
  void givenPause_whenMoreIsWalked_thenNoLongerPaused() {
    say(ResponseStatus.PAUSED, Map.of());
    draft.addLink(author, new LinkMeta(cid(1), LinkAction.MISSING));

    assertEquals(ResponseStatus.PARTIAL, draft.message().responses().getFirst().status());
  }

  @Test
  void givenBlocksUpToTheLimit_whenAnotherComes_thenItNeedsTheNextMessage() {
    draft.addBlock(author, Block.of(0x55, ByteBuffer.wrap(new byte[900])));

    assertTrue(draft.takesBlock(author, 100));
    assertFalse(draft.takesBlock(author, 101));
    assertTrue(new Draft(1000).takesBlock(author, 5000));
  }

  @Test
  void givenSameBlockOfTwoResponses_whenWritten_thenOnce() {
    Block block = Block.of(0x55, ByteBuffer.wrap(new byte[10]));
    draft.addBlock(author, block);
    draft.addBlock(other, block);

    assertEquals(1, draft.message().blocks().size());
    assertEquals(10, draft.drop(author));
    assertEquals(List.of(GsBlock.of(block.cid(), block.data())), draft.message().blocks());
    assertEquals(10, draft.bytes());
  }

  @Test
  void givenRequest_whenItsIdComesAgain_thenInAnotherMessage() {
    draft.add(GsRequest.cancel(author.id()), author);

    assertFalse(draft.takes(GsRequest.cancel(author.id())));
    assertTrue(draft.takes(GsRequest.cancel(other.id())));
  }

  private static Cid cid(int number) {
    return Cid.sha2_256(0x55, ByteBuffer.wrap(new byte[] {(byte) number}));
  }
}
