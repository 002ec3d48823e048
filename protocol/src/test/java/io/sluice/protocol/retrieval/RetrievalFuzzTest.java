package io.sluice.protocol.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import java.nio.ByteBuffer;
import java.util.List;

/** Messages about deals from anybody: what is read reads the same again, all else is typed. */
class RetrievalFuzzTest {
  private static final List<MapCodec<?>> CODECS =
      List.of(
          AskRequest.CODEC,
          AskAnswer.CODEC,
          Query.CODEC,
          QueryResponse.CODEC,
          DealProposal.CODEC,
          DealResponse.CODEC,
          DealOpening.CODEC,
          DealResult.CODEC,
          Payment.CODEC,
          Terms.CODEC,
          Payee.CODEC);

  @FuzzTest
  void messages(byte[] bytes) {
    Node node;
    try {
      node = DagCbor.decode(ByteBuffer.wrap(bytes), Limits.MESSAGE);
    } catch (ProtocolException refused) {
      return;
    }
    CODECS.forEach(codec -> readTwice(codec, node));
  }

  private static <T> void readTwice(MapCodec<T> codec, Node node) {
    T read;
    try {
      read = codec.decode(node);
    } catch (ProtocolException refused) {
      return;
    }
    assertEquals(read, codec.decode(codec.encode(read)));
  }
}
