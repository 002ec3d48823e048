package io.sluice.node.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Varint;
import io.sluice.protocol.retrieval.AskAnswer;
import io.sluice.protocol.retrieval.AskRequest;
import io.sluice.protocol.retrieval.Availability;
import io.sluice.protocol.retrieval.Query;
import io.sluice.protocol.retrieval.QueryResponse;
import io.sluice.protocol.retrieval.RetrievalNames;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a provider answers before a deal, over real streams. */
@Timeout(60)
class QueryResponderTest {

  @TempDir Path folder;
  private Market market;
  private Client client;

  @BeforeEach
  void open() throws IOException {
    market = new Market(folder);
    client = market.client("client");
  }

  @AfterEach
  void close() throws IOException {
    market.close();
  }

  private Stream to(String protocol) throws IOException {
    return client.host.open(market.host.id(), List.of(), List.of(protocol));
  }

  private static ByteBuffer all(Stream stream) throws IOException {
    ByteBuffer read = ByteBuffer.allocate(64 << 10);
    while (stream.read(read) >= 0) {}
    return read.flip();
  }

  private AskAnswer ask(Cid cid) throws IOException {
    return ask(cid, Optional.empty());
  }

  private AskAnswer ask(Cid cid, Optional<Node> selector) throws IOException {
    byte[] question = DagCbor.encode(AskRequest.CODEC.encode(new AskRequest(cid, selector)));
    try (Stream stream = to(RetrievalNames.ASK_PROTOCOL)) {
      stream.write(ByteBuffer.wrap(Varint.encode(question.length)), ByteBuffer.wrap(question));
      ByteBuffer answer = all(stream);
      assertEquals(Varint.read(answer), answer.remaining());
      return AskAnswer.CODEC.decode(DagCbor.decodeStrict(answer, Limits.MESSAGE));
    }
  }

  /** In two pieces and without closing: older askers do not. */
  private QueryResponse query(Cid cid) throws IOException {
    return query(new Query(cid));
  }

  private QueryResponse query(Query asked) throws IOException {
    ByteBuffer question = ByteBuffer.wrap(DagCbor.encodeInOrder(Query.CODEC.encode(asked)));
    try (Stream stream = to(RetrievalNames.QUERY_PROTOCOL)) {
      stream.write(question.slice(0, 7));
      stream.write(question.slice(7, question.remaining() - 7));
      return QueryResponse.CODEC.decode(DagCbor.decode(all(stream), Limits.MESSAGE));
    }
  }

  @Test
  void pricedContentIsQuotedExactly() throws IOException {
    market.price(market.dag.root(), Market.terms(5));
    AskAnswer answer = ask(market.dag.root());

    assertEquals(Availability.AVAILABLE, answer.status());
    assertEquals(Optional.of(market.dag.bytes()), answer.size());
    assertEquals(Market.terms(5), answer.offers().getFirst().terms());
    assertEquals(market.payee, answer.offers().getFirst().payee());
  }

  @Test
  void freeContentHasNoOffers() throws IOException {
    market.price(market.dag.root(), Terms.FREE);
    AskAnswer answer = ask(market.dag.root());

    assertEquals(Availability.AVAILABLE, answer.status());
    assertEquals(List.of(), answer.offers());
  }

  @Test
  void contentWithoutPriceAndUnknownContentAreUnavailable() throws IOException {
    assertTrue(ask(market.dag.root()).message().startsWith("NOT_OFFERED"));
    Cid unknown = Cid.parse("bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
    assertTrue(ask(unknown).message().startsWith("NOT_FOUND"));
    assertEquals(Availability.UNAVAILABLE, query(unknown).status());
  }

  @Test
  void childIsQuotedAtTheDearest() throws IOException {
    market.price(market.dag.root(), Market.terms(5));
    assertEquals(Market.terms(5), ask(market.dag.leaves().getFirst()).offers().getFirst().terms());
  }

  @Test
  void filecoinQueryNamesThePriceAndWhereToAsk() throws IOException {
    market.price(market.dag.root(), Market.terms(5));
    QueryResponse response = query(market.dag.root());

    assertEquals(Availability.AVAILABLE, response.status());
    assertEquals(TokenAmount.of(1), response.pricePerByte());
    assertEquals(TokenAmount.of(5), response.fee());
    assertEquals(1000, response.interval());
    assertTrue(response.message().contains(RetrievalNames.ASK_PROTOCOL));
  }

  @Test
  void partIsQuotedByWhatItsSelectorPasses() throws IOException {
    Cid root = market.dag.root();
    market.price(root, Market.terms(5));
    Node second = Node.map().put("i", Node.map().put("i", 1).put(">", TestDag.ALL).build()).build();
    Cid group = market.dag.groups().get(1);
    long part =
        market.dag.store().size(root).orElseThrow()
            + market.dag.store().size(group).orElseThrow()
            + 10L * 250;

    AskAnswer answer = ask(root, Optional.of(second));
    assertEquals(Optional.of(part), answer.size());
    assertEquals(Optional.of(12L), answer.blocks());
    assertEquals(Market.terms(5), answer.offers().getFirst().terms());
    assertEquals(part, query(new Query(root, Optional.empty(), Optional.of(second))).size());
    // Who sends no selector, or the one for everything, gets all of it as it is listed.
    assertEquals(Optional.of(45L), ask(root).blocks());
    assertEquals(Optional.of(45L), ask(root, Optional.of(TestDag.ALL)).blocks());
    assertEquals(market.dag.bytes(), query(root).size());
    assertEquals(
        market.dag.bytes(),
        query(new Query(root, Optional.empty(), Optional.of(TestDag.ALL))).size());
  }

  @Test
  void selectionThatIsNotAllHereIsUnavailable() throws IOException {
    market.price(market.dag.root(), Market.terms(5));
    Cid group = market.dag.groups().getFirst();
    market.dag.store().remove(market.dag.leaves().getFirst());

    assertTrue(ask(group).message().startsWith("NOT_FOUND"));
    assertEquals(Availability.UNAVAILABLE, query(group).status());
  }

  @Test
  void pathThatDoesNotExistIsUnavailable() throws IOException {
    Cid root = market.dag.root();
    market.price(root, Market.terms(5));
    Node fifth = Node.map().put("i", Node.map().put("i", 4).put(">", TestDag.ALL).build()).build();

    AskAnswer answer = ask(root, Optional.of(fifth));
    QueryResponse response = query(new Query(root, Optional.empty(), Optional.of(fifth)));

    assertEquals(Availability.UNAVAILABLE, answer.status());
    assertEquals("NOT_FOUND: there is no '4' in " + root, answer.message());
    assertEquals(Availability.UNAVAILABLE, response.status());
    assertEquals(answer.message(), response.message());
    assertEquals(0, response.size());
  }

  @Test
  void selectorThatIsNoneIsAnsweredAsAnError() throws IOException {
    market.price(market.dag.root(), Market.terms(5));

    AskAnswer answer = ask(market.dag.root(), Optional.of(Node.of(1)));

    assertEquals(Availability.ERROR, answer.status());
    assertTrue(answer.message().startsWith("SELECTOR_INVALID"), answer.message());
  }

  @Test
  void nonsenseIsAnsweredAsAnError() throws IOException {
    try (Stream stream = to(RetrievalNames.ASK_PROTOCOL)) {
      stream.write(ByteBuffer.wrap(new byte[] {2, (byte) 0x82, 0x01}));
      ByteBuffer answer = all(stream);
      assertEquals(Varint.read(answer), answer.remaining());
      assertEquals(
          Availability.ERROR,
          AskAnswer.CODEC.decode(DagCbor.decode(answer, Limits.MESSAGE)).status());
    }
  }

  @Test
  void transportsAreToldWithoutAQuestion() throws IOException {
    try (Stream stream = to(RetrievalNames.TRANSPORTS_PROTOCOL)) {
      Node answer = DagCbor.decode(all(stream), Limits.MESSAGE);
      assertEquals("libp2p", answer.get("Protocols").asList().getFirst().get("Name").asText());
    }
  }
}
