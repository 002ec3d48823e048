package io.sluice.payments;

import static io.sluice.payments.Samples.CHANNEL;
import static io.sluice.payments.Samples.NOW;
import static io.sluice.payments.Samples.amount;
import static io.sluice.payments.Samples.channel;
import static io.sluice.payments.Samples.view;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ledger.Channel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LatestViewTest {
  private static final Channel TEN = channel(CHANNEL, 10, 0);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final LatestView latest = new LatestView(CHANNEL, 3);

  @Test
  void nothingKnown_nothingCounts() {
    assertEquals(amount(0), latest.confirmed());
    assertEquals(amount(0), latest.deposit());
    assertEquals(amount(0), latest.redeemed(0));
    assertFalse(latest.isFresh());
    assertFalse(latest.isEnding());
    assertFalse(latest.isClosed());
    assertFalse(latest.isUnconfirmed());
    assertEquals(Optional.empty(), latest.channel());
  }

  @Test
  void eachQuestion_hasALaterTurn() {
    assertEquals(
        new ChannelQuery(CHANNEL, 3, Set.of(0L, 5L), 1), latest.nextQuery(List.of(0L, 5L)));
    assertEquals(new ChannelQuery(CHANNEL, 3, Set.of(), 2), latest.nextQuery(List.of()));
  }

  @Test
  void deeper_neverShallowerAgain() {
    assertFalse(latest.deepen(3));
    assertTrue(latest.deepen(4));
    assertFalse(latest.deepen(2));
    assertEquals(4, latest.nextQuery(List.of()).confirmations());
  }

  @Test
  void answerToAnEarlierQuestion_leftAndNoNews() {
    latest.see(view(channel(CHANNEL, 20, 0), 20, 2));

    assertFalse(latest.see(view(TEN, 10, 1)));
    assertEquals(amount(20), latest.confirmed());
    assertTrue(latest.see(view(channel(CHANNEL, 30, 0), 20, 2)), "the same turn");
    assertEquals(amount(30), latest.deposit());
  }

  @Test
  void whatTheAnswerSays() {
    latest.see(view(channel(CHANNEL, 20, 4), 15, 1, Map.of(7L, amount(4))));

    assertEquals(amount(20), latest.deposit());
    assertEquals(amount(15), latest.confirmed());
    assertEquals(amount(4), latest.redeemed(7));
    assertEquals(amount(0), latest.redeemed(6));
    assertTrue(latest.isUnconfirmed());
    assertFalse(latest.isEnding());
    latest.see(view(Samples.settling(TEN, NOW), 10, 2));
    assertTrue(latest.isEnding());
    assertFalse(latest.isClosed());
    assertFalse(latest.isUnconfirmed());
    latest.see(view(Samples.closed(TEN), 10, 3));
    assertTrue(latest.isEnding());
    assertTrue(latest.isClosed());
  }

  @Test
  void news_onlyWhatWasNotSoBefore() {
    assertTrue(latest.see(view(TEN, 5, 1)));
    assertFalse(latest.see(view(TEN, 5, 2)));
    assertTrue(latest.see(view(TEN, 10, 3)));
    assertTrue(latest.see(view(channel(CHANNEL, 11, 0), 10, 4)));
    latest.unanswered(Duration.ZERO, NOW.plusSeconds(5));
    assertTrue(latest.see(view(channel(CHANNEL, 11, 0), 10, 5)), "it counts again");
  }

  @Test
  void unanswered_goodForSoLongAndNoLonger() {
    latest.see(view(TEN, 10, 0));

    latest.unanswered(MINUTE, NOW.plusSeconds(60));
    assertTrue(latest.isFresh());
    latest.unanswered(MINUTE, NOW.plusSeconds(61));
    assertFalse(latest.isFresh());
    latest.unanswered(MINUTE, NOW);
    assertFalse(latest.isFresh(), "only an answer makes it good again");
    latest.see(view(TEN, 10, 1));
    assertTrue(latest.isFresh());
  }

  @Test
  void gone_goodForNothingUntilItIsThereAgain() {
    latest.see(view(TEN, 10, 0));

    latest.gone();

    assertFalse(latest.isFresh());
    assertTrue(latest.isQueryDue(MINUTE, NOW), "it may come back at any time");
    assertTrue(latest.see(view(TEN, 10, 1)), "it counts again");
    assertTrue(latest.isFresh());
  }

  @Test
  void query_dueWhenUnknownUnconfirmedOrOld() {
    assertTrue(latest.isQueryDue(MINUTE, NOW));
    latest.see(view(TEN, 9, 0));
    assertTrue(latest.isQueryDue(MINUTE, NOW));
    latest.see(view(TEN, 10, 0));
    assertFalse(latest.isQueryDue(MINUTE, NOW.plusSeconds(60)));
    assertTrue(latest.isQueryDue(MINUTE, NOW.plusSeconds(61)));
    latest.unanswered(MINUTE, NOW.plusSeconds(100));
    assertTrue(latest.isQueryDue(MINUTE, NOW));
  }
}
