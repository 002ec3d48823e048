package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.protobuf.ProtobufWriter;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PeerRecordTest {
  private static final Identity KEY =
      Identity.decode(
          HexFormat.of()
              .parseHex(
                  "080112407e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d"
                      + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e"));

  /** Made by js-libp2p: sequence 1, one address. */
  private static final byte[] JS =
      HexFormat.of()
          .parseHex(
              "0a24080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e"
                  + "120203011a360a260024080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6"
                  + "010f0e42d474fce27e10011a0a0a08047f000001060fa12a404504e51a36806e8eba9344a7"
                  + "43f2e1cbd0170d2632fb413f98101f6e3ff26d3da91f4eedebf36383fa5819438bce1d7398"
                  + "117236e52d2d1dfce98196294ac60e");

  private static final Multiaddr ADDRESS = Multiaddr.parse("/ip4/127.0.0.1/tcp/4001");
  private static final PeerRecord RECORD = new PeerRecord(KEY.peerId(), 1, List.of(ADDRESS));

  @Test
  void givenRecordOfJs_thenReadAndWrittenTheSame() {
    assertEquals(RECORD, PeerRecord.open(JS));
    assertArrayEquals(JS, RECORD.sealed(KEY));
  }

  @Test
  void givenAnyBitChanged_thenRefused() {
    for (int i = 0; i < JS.length; i++) {
      byte[] changed = JS.clone();
      changed[i] ^= 1;
      assertThrows(ProtocolException.class, () -> PeerRecord.open(changed), "byte " + i);
    }
  }

  @Test
  void givenAnyPrefix_thenRefused() {
    for (int i = 0; i < JS.length; i++) {
      byte[] prefix = Arrays.copyOf(JS, i);
      assertThrows(ProtocolException.class, () -> PeerRecord.open(prefix), i + " bytes");
    }
  }

  @Test
  void givenSignedByAnother_thenRefused() {
    PeerId victim = Identity.generate().peerId();
    byte[] forged = new PeerRecord(victim, 7, List.of(ADDRESS)).sealed(KEY);

    assertThrows(ProtocolException.class, () -> PeerRecord.open(forged));
  }

  @Test
  void givenSignedForAnotherDomain_thenRefused() {
    byte[] payload = new ProtobufWriter().bytes(1, KEY.peerId().bytes()).number(2, 1).toBytes();
    byte[] other = SignedEnvelope.seal(KEY, "libp2p-relay-rsvp", new byte[] {3, 1}, payload);
    byte[] otherType = SignedEnvelope.seal(KEY, "libp2p-peer-record", new byte[] {3, 2}, payload);

    assertThrows(ProtocolException.class, () -> PeerRecord.open(other));
    assertThrows(ProtocolException.class, () -> PeerRecord.open(otherType));
  }

  @Test
  void givenAddressOfUnknownKind_thenTheOthersAreRead() {
    byte[] payload =
        new ProtobufWriter()
            .bytes(1, KEY.peerId().bytes())
            .number(2, -1)
            .message(3, new ProtobufWriter().bytes(1, new byte[] {(byte) 0xff, 0x7f}))
            .message(3, new ProtobufWriter().bytes(1, ADDRESS.bytes()))
            .toBytes();

    PeerRecord record =
        PeerRecord.open(SignedEnvelope.seal(KEY, "libp2p-peer-record", new byte[] {3, 1}, payload));

    assertEquals(new PeerRecord(KEY.peerId(), -1, List.of(ADDRESS)), record);
  }

  @Test
  void givenAddressesUnchanged_thenTheSameRecordAndElseAHigherNumber() {
    Clock still = Clock.fixed(Instant.ofEpochMilli(1000), ZoneOffset.UTC);
    OwnRecords records = new OwnRecords(KEY, still);

    byte[] first = records.of(List.of(ADDRESS), true);
    assertSame(first, records.of(List.of(ADDRESS), true));
    byte[] far = records.of(List.of(), false);
    byte[] changed = records.of(List.of(), true);

    assertEquals(1000, PeerRecord.open(first).sequence());
    assertEquals(1001, PeerRecord.open(far).sequence());
    assertEquals(1002, PeerRecord.open(changed).sequence());
  }

  @Test
  void givenSignedAddresses_thenOnlyNewerOnesReplaceThem() {
    PeerBook book = new PeerBook();
    Multiaddr second = Multiaddr.parse("/ip4/127.0.0.1/tcp/4002");
    book.signed(KEY.peerId(), 5, List.of(ADDRESS));

    book.signed(KEY.peerId(), 5, List.of(second));
    book.signed(KEY.peerId(), 4, List.of(second));
    book.told(KEY.peerId(), List.of(second), Set.of("/echo"));
    assertEquals(List.of(ADDRESS), book.addresses(KEY.peerId()));

    book.signed(KEY.peerId(), -1, List.of(second)); // unsigned: the highest there is
    assertEquals(List.of(second), book.addresses(KEY.peerId()));
    assertEquals(Set.of("/echo"), book.protocols(KEY.peerId()));
  }
}
