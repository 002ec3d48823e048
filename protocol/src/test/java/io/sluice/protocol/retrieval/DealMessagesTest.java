package io.sluice.protocol.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.multiformats.Cid;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Bytes printed by the encoders of the Filecoin markets: the older generation writes keys in the
 * order of the declaration, the newer one sorted. We read both and write the sorted form.
 */
class DealMessagesTest {
  private static final Cid PAYLOAD =
      Cid.parse("bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua");
  private static final Node EVERYTHING =
      decode("a16152a2616ca1646e6f6e65a0623a3ea16161a1613ea16140a0");

  private static final String PROPOSAL_DECLARED =
      "a36a5061796c6f6164434944d82a58250001711220c19a797fa1fd590cd2e5b42d1cf5f246e29b91684e2f87404b"
          + "81dc345c7a56a06249441904d266506172616d73a66853656c6563746f72a16152a2616ca1646e6f6e65a062"
          + "3a3ea16161a1613ea16140a0685069656365434944f66c5072696365506572427974654200026f5061796d65"
          + "6e74496e74657276616c1a00100000775061796d656e74496e74657276616c496e6372656173651a00100000"
          + "6b556e7365616c507269636540";
  private static final String PROPOSAL_SORTED =
      "a36249441904d266506172616d73a6685069656365434944f66853656c6563746f72a16152a2616ca1646e6f6e65"
          + "a0623a3ea16161a1613ea16140a06b556e7365616c5072696365406c5072696365506572427974654200026f"
          + "5061796d656e74496e74657276616c1a00100000775061796d656e74496e74657276616c496e637265617365"
          + "1a001000006a5061796c6f6164434944d82a58250001711220c19a797fa1fd590cd2e5b42d1cf5f246e29b91"
          + "684e2f87404b81dc345c7a56a0";

  private static Node decode(String hex) {
    return DagCbor.decode(ByteBuffer.wrap(HexFormat.of().parseHex(hex)), Limits.MESSAGE);
  }

  private static String encode(Node node) {
    return HexFormat.of().formatHex(DagCbor.encode(node));
  }

  @Test
  void givenProposalsOfBothGenerations_thenBothReadTheSame() {
    DealProposal proposal =
        new DealProposal(
            PAYLOAD,
            1234,
            Optional.of(EVERYTHING),
            TokenAmount.of(2),
            1 << 20,
            1 << 20,
            TokenAmount.ZERO);

    assertEquals(proposal, DealProposal.CODEC.decode(decode(PROPOSAL_DECLARED)));
    assertEquals(proposal, DealProposal.CODEC.decode(decode(PROPOSAL_SORTED)));
    assertEquals(PROPOSAL_SORTED, encode(DealProposal.CODEC.encode(proposal)));
  }

  @Test
  void givenQueriesWithAndWithoutExtras_thenTheyReadTheSame() {
    Query query = new Query(PAYLOAD);

    assertEquals(
        query,
        Query.CODEC.decode(
            decode(
                "a26a5061796c6f6164434944d82a58250001711220c19a797fa1fd590cd2e5b42d1cf5f246e29b91684e"
                    + "2f87404b81dc345c7a56a06b5175657279506172616d73a2685069656365434944f66853656c65"
                    + "63746f72f6")));
    assertEquals(
        "a26a5061796c6f6164434944d82a58250001711220c19a797fa1fd590cd2e5b42d1cf5f246e29b91684e2f87404b"
            + "81dc345c7a56a06b5175657279506172616d73a1685069656365434944f6",
        encode(Query.CODEC.encode(query)));
  }

  @Test
  void givenAQueryWithASelector_thenThatIsRead() {
    assertEquals(
        new Query(PAYLOAD, Optional.empty(), Optional.of(Selectors.exploreAll().node())),
        Query.CODEC.decode(
            decode(
                "a26a5061796c6f6164434944d82a58250001711220c19a797fa1fd590cd2e5b42d1cf5f246e29b91684e"
                    + "2f87404b81dc345c7a56a06b5175657279506172616d73a2685069656365434944f66853656c65"
                    + "63746f72a16152a2616ca1646e6f6e65a0623a3ea16161a1613ea16140a0")));
  }

  @Test
  void givenQueryAnswersOfBothGenerations_thenBothReadTheSame() {
    QueryResponse response =
        new QueryResponse(
            Availability.AVAILABLE,
            1 << 20,
            TokenAmount.of(2),
            TokenAmount.ZERO,
            1 << 20,
            1 << 20,
            "");

    assertEquals(
        response,
        QueryResponse.CODEC.decode(
            decode(
                "a966537461747573006d5069656365434944466f756e64006453697a651a001000006e5061796d656e7441"
                    + "6464726573734300e9076f4d696e507269636550657242797465420002724d61785061796d656e74"
                    + "496e74657276616c1a00100000781a4d61785061796d656e74496e74657276616c496e6372656173"
                    + "651a00100000674d657373616765606b556e7365616c507269636540")));
    assertEquals(
        "a96453697a651a001000006653746174757300674d657373616765606b556e7365616c5072696365406d50696563"
            + "65434944466f756e64006e5061796d656e74416464726573734200006f4d696e507269636550657242797465"
            + "420002724d61785061796d656e74496e74657276616c1a00100000781a4d61785061796d656e74496e74"
            + "657276616c496e6372656173651a00100000",
        encode(QueryResponse.CODEC.encode(response)));
  }

  @Test
  void givenResponses_thenTheyReadAndWriteAsTheMarketsDo() {
    DealResponse demand =
        DealResponse.demand(DealStatus.FUNDS_NEEDED, 1234, TokenAmount.of(2_097_152));

    assertEquals(
        demand,
        DealResponse.CODEC.decode(
            decode(
                "a4665374617475730a6249441904d26b5061796d656e744f7765644400200000674d65737361676560")));
    assertEquals(
        "a46249441904d2665374617475730a674d657373616765606b5061796d656e744f7765644400200000",
        encode(DealResponse.CODEC.encode(demand)));
    assertEquals(
        DealResponse.of(DealStatus.REJECTED, 1234, "price per byte too low"),
        DealResponse.CODEC.decode(
            decode(
                "a466537461747573096249441904d26b5061796d656e744f77656440674d6573736167657670726963652070"
                    + "6572206279746520746f6f206c6f77")));
  }
}
