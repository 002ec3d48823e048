package io.sluice.protocol.ipld;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.ProtocolException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MapCodecTest {
  record Inner(long a, String b) {
    static final MapCodec<Inner> CODEC =
        MapCodec.of(
            f ->
                new Inner(
                    f.get("A", NodeCodec.LONG, Inner::a), f.get("B", NodeCodec.TEXT, Inner::b)));
  }

  record Outer(boolean on, Optional<Long> left, Optional<String> nulled, Inner flat, Inner own) {
    static final MapCodec<Outer> CODEC =
        MapCodec.of(
            f ->
                new Outer(
                    f.get("On", NodeCodec.BOOL, Outer::on),
                    f.find("Left", NodeCodec.LONG, Outer::left),
                    f.findOrNull("Nulled", NodeCodec.TEXT, Outer::nulled),
                    f.among(Inner.CODEC, Outer::flat),
                    f.get("Own", Inner.CODEC, Outer::own)));
  }

  sealed interface Shape {
    record Dot() implements Shape {}

    record Row(List<Long> lengths) implements Shape {}
  }

  static final KindCodec<Shape> SHAPES =
      new KindCodec<Shape>("Kind")
          .with("dot", Shape.Dot.class, MapCodec.of(f -> new Shape.Dot()))
          .with(
              "row",
              Shape.Row.class,
              MapCodec.of(
                  f -> new Shape.Row(f.get("Lengths", NodeCodec.LONG.list(), Shape.Row::lengths))));

  static final Outer FULL =
      new Outer(true, Optional.of(7L), Optional.of("x"), new Inner(1, "one"), new Inner(2, "two"));
  static final Outer BARE =
      new Outer(false, Optional.empty(), Optional.empty(), new Inner(0, ""), new Inner(-1, ""));

  @Test
  void givenAllFields_thenTheyStandInOrderUnderTheirNames() {
    Node own = Node.map().put("A", 2).put("B", "two").build();
    Node expected =
        Node.map()
            .put("On", true)
            .put("Left", 7)
            .put("Nulled", "x")
            .put("A", 1)
            .put("B", "one")
            .put("Own", own)
            .build();

    assertEquals(expected, Outer.CODEC.encode(FULL));
    assertEquals(FULL, Outer.CODEC.decode(expected));
  }

  record Even(long number) {
    static final MapCodec<Even> CODEC =
        MapCodec.of(f -> new Even(f.get("Number", NodeCodec.LONG, Even::number)));

    Even {
      if (number % 2 != 0) {
        throw new IllegalArgumentException(number + " is odd");
      }
    }
  }

  @Test
  void givenWhatAConstructorRefuses_thenTheNodeIsMalformed() {
    NodeCodec<Integer> small = NodeCodec.LONG.as(Math::toIntExact, Integer::longValue);

    for (ProtocolException e :
        List.of(
            assertThrows(
                ProtocolException.class,
                () -> Even.CODEC.decode(Node.map().put("Number", 3).build())),
            assertThrows(ProtocolException.class, () -> small.decode(Node.of(1L << 40))))) {
      assertEquals(ProtocolException.DECODE_SCHEMA, e.code());
    }
    assertEquals(new Even(4), Even.CODEC.decode(Node.map().put("Number", 4).build()));
  }

  @Test
  void givenNoValue_thenOneIsLeftOutAndTheOtherNull() {
    Node bare = Outer.CODEC.encode(BARE);

    assertEquals(Optional.empty(), bare.find("Left"));
    assertEquals(Optional.of(Node.ofNull()), bare.find("Nulled"));
    assertEquals(BARE, Outer.CODEC.decode(bare));
  }

  @Test
  void givenMissingOrForeignFields_thenTheFirstIsRefusedAndTheOthersIgnored() {
    Node more = Node.map().put("A", 1).put("B", "b").put("C", 3).build();

    assertEquals(new Inner(1, "b"), Inner.CODEC.decode(more));
    ProtocolException missing =
        assertThrows(
            ProtocolException.class, () -> Inner.CODEC.decode(Node.map().put("A", 1).build()));
    assertEquals("DECODE_SCHEMA", missing.code());
    assertThrows(ProtocolException.class, () -> Inner.CODEC.decode(Node.of(1)));
  }

  @Test
  void givenKinds_thenEachIsReadByItsName() {
    Shape row = new Shape.Row(List.of(3L, 4L));

    assertEquals(Node.map().put("Kind", "dot").build(), SHAPES.encode(new Shape.Dot()));
    assertEquals(row, SHAPES.decode(SHAPES.encode(row)));
    assertEquals(row, SHAPES.decode("row", SHAPES.encodeFields(row)));
    assertEquals("row", SHAPES.kind(row));
    assertEquals(
        "DECODE_SCHEMA",
        assertThrows(
                ProtocolException.class, () -> SHAPES.decode(Node.map().put("Kind", "box").build()))
            .code());
    assertThrows(
        IllegalArgumentException.class,
        () -> SHAPES.with("dot", Shape.Dot.class, MapCodec.of(f -> new Shape.Dot())));
  }
}
