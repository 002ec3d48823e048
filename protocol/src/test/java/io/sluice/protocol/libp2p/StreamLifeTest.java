package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class StreamLifeTest {
  private static final OutboundFrame IDLE = new OutboundFrame.Idle();
  private static final OutboundFrame SYN = new OutboundFrame.HeaderOnly(Yamux.SYN, 0);
  private static final OutboundFrame FIN = new OutboundFrame.HeaderOnly(Yamux.FIN, 0);
  private static final IOException LOST = new ConnectionLostException("cable");

  private final StreamLife ours = new StreamLife(true);
  private final StreamLife theirs = new StreamLife(false);

  @Test
  void givenStreamOfOurs_thenItsOpeningIsSaidOnceAndFirst() {
    assertTrue(ours.endWriting());

    assertEquals(SYN, ours.nextBeforeData());
    assertNull(ours.nextBeforeData());
    assertEquals(FIN, ours.nextBehindData(true));
    assertEquals(IDLE, ours.nextBehindData(true));
  }

  @Test
  void givenStreamOfThePeer_thenNothingIsToBeSaid() {
    assertNull(theirs.nextBeforeData());
    assertEquals(IDLE, theirs.nextBehindData(true));
  }

  @Test
  void givenDataUnderWay_thenTheEndWaits() throws IOException {
    theirs.checkWritable();
    theirs.endWriting();

    assertEquals(IDLE, theirs.nextBehindData(false));
    assertFalse(theirs.isOver());
    assertThrows(StreamResetException.class, theirs::checkWritable);
    assertEquals(FIN, theirs.nextBehindData(true));
  }

  @Test
  void givenBothEnds_whicheverCameFirst_thenOver() {
    theirs.endWriting();
    theirs.remoteEnded();
    assertFalse(theirs.isOver()); // ours is not said yet
    assertEquals(FIN, theirs.nextBehindData(true));
    assertTrue(theirs.isOver());

    ours.endWriting();
    assertEquals(FIN, ours.nextBehindData(true));
    assertFalse(ours.isOver());
    ours.remoteEnded();
    assertTrue(ours.isOver());
    assertFalse(ours.reset(1)); // forgotten by the peer
  }

  @Test
  void givenEndOfWriting_whenEndedAgain_thenNoNews() {
    assertTrue(theirs.endWriting());
    assertFalse(theirs.endWriting());
  }

  @Test
  void whenReset_thenItOverrulesWhatWasDue() {
    theirs.endWriting();
    assertTrue(theirs.reset(7));
    theirs.fail(new StreamResetException(false, 7));

    assertEquals(new OutboundFrame.HeaderOnly(Yamux.RST, 7), theirs.nextBeforeData());
    assertEquals(IDLE, theirs.nextBeforeData());
    assertFalse(theirs.reset(8));
  }

  @Test
  void givenOpeningNotSaid_whenReset_thenThePeerNeverHearsOfIt() {
    assertTrue(ours.reset(7));
    ours.fail(new StreamResetException(false, 7));

    assertEquals(IDLE, ours.nextBeforeData());
    assertEquals(IDLE, ours.nextBeforeData());
  }

  @Test
  void givenEndOfThePeer_thenReadersSeeIt() throws IOException {
    assertFalse(theirs.isReadEnd());
    theirs.remoteEnded();

    assertTrue(theirs.isReadEnd());
    assertFalse(theirs.keepsData());
    assertFalse(theirs.needsCredit());
    assertFalse(theirs.isWriteClosed());
  }

  @Test
  void givenEndOfThePeer_whenTheConnectionBreaks_thenItIsStillTheEnd() throws IOException {
    theirs.remoteEnded();
    theirs.fail(LOST);

    assertTrue(theirs.isReadEnd());
  }

  @Test
  void givenEndOfThePeer_whenReset_thenNoReaderTakesItForTheEnd() {
    theirs.remoteEnded();
    theirs.fail(new StreamResetException(true, 3));

    StreamResetException seen = assertThrows(StreamResetException.class, theirs::isReadEnd);
    assertTrue(seen.byPeer());
    assertEquals(3, seen.code());
  }

  @Test
  void givenReadingClosed_thenDataIsDroppedAndNobodyWaits() throws IOException {
    theirs.endReading();

    assertFalse(theirs.keepsData());
    assertTrue(theirs.needsCredit());
    assertThrows(StreamResetException.class, theirs::isReadEnd);
    theirs.checkWritable();
    theirs.remoteEnded();
    assertThrows(StreamResetException.class, theirs::isReadEnd);
  }

  @Test
  void givenFailures_thenTheFirstCountsAndEachCallerGetsItsOwn() {
    theirs.fail(LOST);
    theirs.fail(new StreamResetException(true, 1));

    IOException first = assertThrows(IOException.class, theirs::checkWritable);
    IOException second = assertThrows(IOException.class, theirs::isReadEnd);
    assertInstanceOf(ConnectionLostException.class, first);
    assertEquals("cable", first.getMessage());
    assertNotSame(first, second);
    assertTrue(theirs.isOver());
    assertTrue(theirs.isWriteClosed());
    assertFalse(theirs.keepsData());
    assertFalse(theirs.needsCredit());
  }

  @Test
  void whatCameBeforeAFailure_isReadAfterALossAndNotAfterAReset() {
    assertTrue(theirs.keepsReceived(LOST));
    assertFalse(theirs.keepsReceived(new StreamResetException(true, 0)));
    theirs.endReading();
    assertFalse(theirs.keepsReceived(LOST));
  }
}
