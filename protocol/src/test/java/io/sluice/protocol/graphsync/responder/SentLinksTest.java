package io.sluice.protocol.graphsync.responder;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.multiformats.Cid;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SentLinksTest {
  private static final Cid BLOCK = Cid.sha2_256(0x55, ByteBuffer.wrap(new byte[] {1}));
  private static final Cid OTHER = Cid.sha2_256(0x55, ByteBuffer.wrap(new byte[] {2}));

  private final SentLinks links = new SentLinks();

  private SentLinks.Tracker begin(Optional<String> key) {
    return links.begin(key, false, List.of());
  }

  @Test
  void givenRequestsWithoutKey_thenTheyShareWhatWasSent() {
    SentLinks.Tracker first = begin(Optional.empty());
    SentLinks.Tracker second = begin(Optional.empty());
    first.add(BLOCK);

    assertTrue(first.contains(BLOCK));
    assertTrue(second.contains(BLOCK));
    assertFalse(second.contains(OTHER));
  }

  @Test
  void givenKeys_thenOnlyRequestsOfTheSameKeyShare() {
    SentLinks.Tracker first = begin(Optional.of("a"));
    SentLinks.Tracker same = begin(Optional.of("a"));
    SentLinks.Tracker another = begin(Optional.of("b"));
    SentLinks.Tracker none = begin(Optional.empty());
    first.add(BLOCK);

    assertTrue(same.contains(BLOCK));
    assertFalse(another.contains(BLOCK));
    assertFalse(none.contains(BLOCK));
  }

  @Test
  void givenAlone_thenItSharesInNeitherDirection() {
    SentLinks.Tracker shared = begin(Optional.empty());
    SentLinks.Tracker alone = links.begin(Optional.empty(), true, List.of(OTHER));
    shared.add(BLOCK);

    assertFalse(alone.contains(BLOCK));
    assertTrue(alone.contains(OTHER));
    assertFalse(shared.contains(OTHER));
    alone.release();
    assertTrue(shared.contains(BLOCK));
  }

  @Test
  void givenUnwanted_thenAsIfSent() {
    assertTrue(links.begin(Optional.empty(), false, List.of(BLOCK)).contains(BLOCK));
  }

  @Test
  void givenReleased_thenWhatItBroughtInGoesWithIt() {
    SentLinks.Tracker first = begin(Optional.empty());
    SentLinks.Tracker second = begin(Optional.empty());
    first.add(BLOCK);
    second.add(OTHER);
    first.release();

    assertFalse(second.contains(BLOCK));
    assertTrue(second.contains(OTHER));
    second.release();
    assertFalse(begin(Optional.empty()).contains(OTHER));
  }

  @Test
  void givenReleasedTwice_thenALaterGroupOfThatKeyIsNotTouched() {
    SentLinks.Tracker first = begin(Optional.of("a"));
    first.release();
    SentLinks.Tracker later = begin(Optional.of("a"));
    later.add(BLOCK);
    first.release();

    assertTrue(begin(Optional.of("a")).contains(BLOCK));
  }
}
