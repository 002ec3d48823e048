package io.sluice.protocol.ipld;

import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.ipld.NodeCodec.TEXT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.ProtocolException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StrictMapCodecTest {
  record Person(String name, Optional<Long> age, String street) {
    static final MapCodec<Person> NESTED =
        MapCodec.of(
            f -> {
              String name = f.get("Name", TEXT, Person::name);
              f.put("Version", person -> Node.of(2));
              return f.within(
                  "More",
                  more ->
                      new Person(
                          name,
                          more.findOrNull("Age", LONG, Person::age),
                          more.get("Street", TEXT, Person::street)));
            });
    static final MapCodec<Person> STRICT =
        MapCodec.<Person>of(
                f ->
                    new Person(
                        f.get("Name", TEXT, Person::name),
                        f.findOrNull("Age", LONG, Person::age),
                        f.get("Street", TEXT, Person::street)))
            .strict();
  }

  private static final Person ANNA = new Person("Anna", Optional.of(30L), "Main");
  private static final Person BERT = new Person("Bert", Optional.empty(), "Side");

  private static void assertSchemaError(Node node) {
    assertEquals(
        "DECODE_SCHEMA",
        assertThrows(ProtocolException.class, () -> Person.STRICT.decode(node)).code());
  }

  @Test
  void givenFieldsInAMapOfTheirOwn_thenTheyStandThere() {
    Node expected =
        Node.map()
            .put("Name", "Anna")
            .put("Version", 2)
            .put("More", Node.map().put("Age", 30).put("Street", "Main").build())
            .build();

    assertEquals(expected, Person.NESTED.encode(ANNA));
    assertEquals(ANNA, Person.NESTED.decode(expected));
    assertEquals(BERT, Person.NESTED.decode(Person.NESTED.encode(BERT)));
  }

  @Test
  void givenFieldForOthers_thenItIsNotLookedAt() {
    Node more = Node.map().put("Street", "Main").put("Age", 30).build();

    assertEquals(
        ANNA, Person.NESTED.decode(Node.map().put("More", more).put("Name", "Anna").build()));
    assertEquals(
        ANNA,
        Person.NESTED.decode(
            Node.map().put("Version", "?").put("More", more).put("Name", "Anna").build()));
  }

  @Test
  void givenInnerMapMissingOrNoMap_thenSchemaError() {
    for (Node more : new Node[] {Node.ofNull(), Node.of(1), Node.list()}) {
      Node node = Node.map().put("Name", "Anna").put("More", more).build();
      assertThrows(ProtocolException.class, () -> Person.NESTED.decode(node));
    }
    Node without = Node.map().put("Name", "Anna").build();
    assertThrows(ProtocolException.class, () -> Person.NESTED.decode(without));
  }

  @Test
  void givenStrict_thenExactlyTheFieldsAreRead_inAnyOrder() {
    Node node = Node.map().put("Street", "Main").put("Age", 30).put("Name", "Anna").build();

    assertEquals(ANNA, Person.STRICT.decode(node));
    assertEquals(BERT, Person.STRICT.decode(Person.STRICT.encode(BERT)));
  }

  @Test
  void givenStrict_whenAFieldIsMissing_thenRefused_alsoOneThatMayBeNull() {
    assertSchemaError(Node.map().put("Street", "Main").put("Age", 30).build());
    assertSchemaError(Node.map().put("Street", "Main").put("Name", "Anna").build());
  }

  @Test
  void givenStrict_whenThereIsAnother_thenRefused() {
    assertSchemaError(
        Node.map()
            .put("Street", "Main")
            .put("Age", 30)
            .put("Name", "Anna")
            .put("Name2", Node.ofNull())
            .build());
  }
}
