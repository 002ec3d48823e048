package io.sluice.node.pricing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.pricing.PriceList.OfferMatch;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.multiformats.Multihash;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PriceListTest {

  private static final EvmAddress COIN = EvmAddress.ZERO;
  private static final EvmAddress USDC =
      EvmAddress.parse("0x00000000000000000000000000000000000000c0");
  private static final Cid ROOT = cid(1);
  private static final Cid OTHER = cid(2);
  private static final Cid CHILD = cid(3);

  private final PriceStore store = PriceStore.inMemory();
  private final Catalogue catalogue =
      cid ->
          Set.of(ROOT, OTHER).contains(cid)
              ? Optional.of(new Catalogue.Listing(10, 1))
              : Optional.empty();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final Clock clock =
      new Clock() {
        @Override
        public ZoneId getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
          return this;
        }

        @Override
        public Instant instant() {
          return now;
        }
      };

  private static Cid cid(int number) {
    return Cid.v1(Codec.RAW, Multihash.sha2_256(ByteBuffer.wrap(new byte[] {(byte) number})));
  }

  private static Terms at(long price, long fee) {
    return new Terms(TokenAmount.of(price), TokenAmount.of(fee), 1000, 1000, 8000, 600);
  }

  private static OfferMatch judge(PriceList list, Cid content, Terms proposed) {
    return list.judge(content, proposed, Optional.of(COIN));
  }

  private static Optional<Terms> quote(PriceList list, Cid content) {
    return list.quote(content).flatMap(tag -> tag.in(COIN));
  }

  private PriceList list() throws IOException {
    return PriceList.open(store, catalogue, 1000, clock);
  }

  @Test
  void blockCostsTheSameWhateverTheVersionOfItsCid() throws IOException {
    Cid old = Cid.v0(ROOT.hash());
    PriceList list = list();
    list.set(Optional.empty(), at(100, 7));
    list.set(Optional.of(old), at(3, 0));

    assertEquals(Optional.of(at(3, 0)), quote(list, old));
    assertEquals(Optional.of(at(3, 0)), quote(list, old.asV1()));
    assertEquals(OfferMatch.OFFERED, judge(list, old.asV1(), at(3, 0)));
    assertEquals(Set.of(Optional.empty(), Optional.of(old)), list.entries().keySet());
    list.set(Optional.of(old.asV1()), at(4, 0)); // one entry, not two
    assertEquals(Set.of(Optional.empty(), Optional.of(old.asV1())), list().entries().keySet());
    assertTrue(list.remove(Optional.of(old)));
    assertFalse(list.remove(Optional.of(old.asV1())));
  }

  @Test
  void contentThatIsNotOfferedCostsNothing() throws IOException {
    list().set(Optional.empty(), at(100, 7));
    PriceList list =
        PriceList.open(
            store,
            new Catalogue() {
              @Override
              public Optional<Listing> listing(Cid root) {
                return catalogue.listing(root);
              }

              @Override
              public Optional<DealCode> withheld(Cid cid) {
                return cid.equals(ROOT) ? Optional.of(DealCode.DAMAGED) : Optional.empty();
              }
            },
            1000,
            clock);

    assertEquals(Optional.empty(), quote(list, ROOT));
    assertEquals(OfferMatch.NOT_OFFERED, judge(list, ROOT, at(100, 7)));
    assertEquals(Optional.of(DealCode.DAMAGED), list.withheld(ROOT));
    assertEquals(Optional.empty(), list.withheld(OTHER));
    assertEquals(Optional.of(at(100, 7)), quote(list, OTHER));
  }

  @Test
  void contentWithoutEntryIsNotOffered() throws IOException {
    assertEquals(Optional.empty(), quote(list(), ROOT));
    assertEquals(Optional.empty(), quote(list(), CHILD));
    assertEquals(OfferMatch.NOT_OFFERED, judge(list(), ROOT, at(0, 0)));
  }

  @Test
  void mostSpecificEntryWins() throws IOException {
    PriceList list = list();
    list.set(Optional.empty(), at(5, 0));
    list.set(Optional.of(ROOT), at(0, 0));

    assertEquals(Optional.of(at(0, 0)), quote(list, ROOT));
    assertEquals(Optional.of(at(5, 0)), quote(list, OTHER));
    assertEquals(OfferMatch.OFFERED, judge(list, ROOT, at(0, 0)));
    assertEquals(OfferMatch.PRICE_TOO_LOW, judge(list, OTHER, at(4, 0)));
  }

  @Test
  void whatIsNoRootCostsTheDearest() throws IOException {
    PriceList list = list();
    list.set(Optional.of(ROOT), at(9, 0));
    list.set(Optional.of(OTHER), at(1, 70));

    assertEquals(Optional.of(at(9, 70)), quote(list, CHILD));
    assertEquals(OfferMatch.PRICE_TOO_LOW, judge(list, CHILD, at(0, 0)));
  }

  @Test
  void oldTermsAreHonouredAsLongAsTheySay() throws IOException {
    PriceList list = list();
    list.set(Optional.of(ROOT), at(5, 0));
    list.set(Optional.of(ROOT), at(6, 0));

    now = now.plusSeconds(600);
    assertEquals(OfferMatch.OFFERED, judge(list, ROOT, at(5, 0)));
    assertEquals(OfferMatch.OFFERED, judge(list(), ROOT, at(5, 0)));
    now = now.plusSeconds(1);
    assertEquals(OfferMatch.PRICE_TOO_LOW, judge(list, ROOT, at(5, 0)));
    assertEquals(OfferMatch.OFFERED, judge(list, ROOT, at(6, 0)));
  }

  @Test
  void removedEntryIsHonouredToo() throws IOException {
    PriceList list = list();
    list.set(Optional.of(ROOT), at(5, 0));

    list.remove(Optional.of(ROOT));
    assertFalse(list.remove(Optional.of(ROOT)));
    assertEquals(OfferMatch.OFFERED, judge(list, ROOT, at(5, 0)));
    assertEquals(OfferMatch.PRICE_TOO_LOW, judge(list, ROOT, at(4, 0)));
    now = now.plusSeconds(601);
    assertEquals(OfferMatch.NOT_OFFERED, judge(list, ROOT, at(5, 0)));
  }

  @Test
  void longerIntervalsAreNotOffered() throws IOException {
    PriceList list = list();
    list.set(Optional.empty(), at(5, 0));

    Terms longer = new Terms(TokenAmount.of(5), TokenAmount.ZERO, 2000, 0, 8000, 600);
    Terms tiny = new Terms(TokenAmount.of(5), TokenAmount.ZERO, 10, 0, 10, 600);
    assertEquals(OfferMatch.INTERVAL_OUT_OF_RANGE, judge(list, ROOT, longer));
    assertEquals(OfferMatch.INTERVAL_OUT_OF_RANGE, judge(list, ROOT, tiny));
    assertThrows(ProtocolException.class, () -> list.set(Optional.empty(), tiny));
  }

  private static Terms terms(long price, long fee, long first, long increase, long max) {
    return new Terms(TokenAmount.of(price), TokenAmount.of(fee), first, increase, max, 600);
  }

  @Test
  void eachFigureIsComparedAtItsBoundary() throws IOException {
    PriceList list = list();
    list.set(Optional.of(ROOT), terms(5, 3, 2000, 1000, 8000));

    assertEquals(OfferMatch.OFFERED, judge(list, ROOT, terms(5, 3, 2000, 1000, 8000)));
    assertEquals(OfferMatch.OFFERED, judge(list, ROOT, terms(6, 4, 1999, 999, 7999)));
    assertEquals(OfferMatch.PRICE_TOO_LOW, judge(list, ROOT, terms(4, 3, 2000, 1000, 8000)));
    assertEquals(OfferMatch.PRICE_TOO_LOW, judge(list, ROOT, terms(5, 2, 2000, 1000, 8000)));
    assertEquals(
        OfferMatch.INTERVAL_OUT_OF_RANGE, judge(list, ROOT, terms(5, 3, 2001, 1000, 8000)));
    assertEquals(
        OfferMatch.INTERVAL_OUT_OF_RANGE, judge(list, ROOT, terms(5, 3, 2000, 1001, 8000)));
    assertEquals(
        OfferMatch.INTERVAL_OUT_OF_RANGE, judge(list, ROOT, terms(5, 3, 2000, 1000, 8001)));
  }

  @Test
  void shortestIntervalIsAllowedAndNoneShorter() throws IOException {
    PriceList list = list();
    list.set(Optional.of(ROOT), terms(5, 0, 1000, 0, 1000));

    assertEquals(OfferMatch.OFFERED, judge(list, ROOT, terms(5, 0, 1000, 0, 1000)));
    assertEquals(OfferMatch.INTERVAL_OUT_OF_RANGE, judge(list, ROOT, terms(5, 0, 999, 0, 1000)));
    assertThrows(
        ProtocolException.class, () -> list.set(Optional.of(ROOT), terms(5, 0, 999, 0, 1000)));
  }

  @Test
  void freeContentHasNoIntervals() throws IOException {
    PriceList list = list();
    Terms free = terms(0, 0, 1, 0, 1);
    list.set(Optional.of(ROOT), free);

    assertEquals(OfferMatch.OFFERED, judge(list, ROOT, free));
    assertEquals(OfferMatch.OFFERED, judge(list, ROOT, terms(0, 0, 9000, 9000, 9000)));
  }

  @Test
  void dearestOfTheListHasTheShortestIntervals() throws IOException {
    PriceList list = list();
    list.set(Optional.of(ROOT), terms(9, 0, 4000, 500, 4000));
    list.set(Optional.of(OTHER), terms(1, 70, 1000, 2000, 9000));

    assertEquals(Optional.of(terms(9, 70, 1000, 500, 4000)), quote(list, CHILD));
  }

  @Test
  void termsThatWereNeverInForceTogetherAreNotHonoured() throws IOException {
    PriceList list = list();
    list.set(Optional.of(ROOT), terms(5, 10, 2000, 1000, 8000));
    list.set(Optional.of(ROOT), terms(6, 3, 2000, 1000, 8000));

    assertEquals(OfferMatch.PRICE_TOO_LOW, judge(list, ROOT, terms(5, 3, 2000, 1000, 8000)));
    assertEquals(OfferMatch.OFFERED, judge(list, ROOT, terms(5, 10, 2000, 1000, 8000)));
  }

  @Test
  void entriesOutliveAReopening() throws IOException {
    PriceList list = list();
    list.set(Optional.empty(), at(5, 0));
    list.set(Optional.of(ROOT), at(7, 0));
    list.remove(Optional.empty());

    assertEquals(list.entries(), list().entries());
    assertEquals(Set.of(Optional.of(ROOT)), list().entries().keySet());
  }

  @Test
  void contentHasAPriceForEachTokenOfItsOwn() throws IOException {
    PriceList list = list();
    list.set(Optional.of(ROOT), COIN, at(500, 0));
    list.set(Optional.of(ROOT), USDC, at(3, 1));

    PriceTag tag = list().quote(ROOT).orElseThrow();

    assertEquals(Optional.of(at(500, 0)), tag.in(COIN));
    assertEquals(Optional.of(at(3, 1)), tag.in(USDC));
    assertEquals(Optional.of(USDC), tag.first(List.of(USDC, COIN)));
    assertEquals(OfferMatch.OFFERED, list.judge(ROOT, at(3, 1), Optional.of(USDC)));
    assertEquals(OfferMatch.PRICE_TOO_LOW, list.judge(ROOT, at(3, 1), Optional.of(COIN)));
    assertEquals(OfferMatch.OFFERED, list.judge(ROOT, at(500, 0), Optional.of(COIN)));
    assertEquals(OfferMatch.PRICE_TOO_LOW, list.judge(ROOT, at(0, 0), Optional.empty()));
  }

  @Test
  void tokenWithoutAPriceBuysNothing() throws IOException {
    PriceList list = list();
    list.set(Optional.of(ROOT), USDC, at(3, 0));

    assertEquals(OfferMatch.PRICE_TOO_LOW, judge(list, ROOT, at(1_000_000, 1_000_000)));
    assertEquals(Optional.empty(), quote(list, ROOT));
  }

  @Test
  void priceInOneTokenIsTakenOffAlone() throws IOException {
    PriceList list = list();
    list.set(Optional.of(ROOT), COIN, at(500, 0));
    list.set(Optional.of(ROOT), USDC, at(3, 0));

    assertTrue(list.remove(Optional.of(ROOT), Optional.of(COIN)));
    assertFalse(list.remove(Optional.of(ROOT), Optional.of(COIN)));

    assertEquals(Set.of(USDC), list().quote(ROOT).orElseThrow().byToken().keySet());
    assertEquals(OfferMatch.OFFERED, judge(list, ROOT, at(500, 0)), "as long as it was promised");
    now = now.plusSeconds(601);
    assertEquals(OfferMatch.PRICE_TOO_LOW, judge(list, ROOT, at(500, 0)));
    assertTrue(list.remove(Optional.of(ROOT)));
    assertEquals(Optional.empty(), list().quote(ROOT));
  }

  @Test
  void whatIsGivenAwayHasNoPriceInAnyToken() throws IOException {
    PriceList list = list();
    list.set(Optional.of(ROOT), COIN, at(500, 0));
    list.set(Optional.of(ROOT), USDC, at(0, 0));

    assertTrue(list().quote(ROOT).orElseThrow().isFree());
    assertEquals(OfferMatch.OFFERED, list.judge(ROOT, at(0, 0), Optional.empty()));
    list.set(Optional.of(ROOT), COIN, at(500, 0));
    assertEquals(Set.of(COIN), list().quote(ROOT).orElseThrow().byToken().keySet());
  }

  @Test
  void sideDoorIsOpenInThoseTokensOnlyThatEverythingSoldHasAPriceIn() throws IOException {
    PriceList list = list();
    list.set(Optional.of(ROOT), COIN, at(9, 0));
    list.set(Optional.of(ROOT), USDC, at(900, 0));
    list.set(Optional.of(OTHER), USDC, at(1, 7));
    now = now.plusSeconds(601);
    Cid empty = Cid.parse("bafkqaaa");

    assertEquals(Map.of(USDC, at(900, 7)), list.quote(CHILD).orElseThrow().byToken());
    assertEquals(OfferMatch.PRICE_TOO_LOW, judge(list, CHILD, at(9, 0)));
    assertEquals(Set.of(COIN, USDC), list.quote(empty).orElseThrow().byToken().keySet());
    list.remove(Optional.of(ROOT), Optional.of(USDC));
    assertEquals(Optional.empty(), list.quote(CHILD));
  }
}
