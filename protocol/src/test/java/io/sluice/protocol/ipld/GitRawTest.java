package io.sluice.protocol.ipld;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.multiformats.Multihash;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hashes of known objects are those that git itself gives them. */
class GitRawTest {
  private static final String PERSON = "Ada Lovelace <ada@example.org> 1503667703 +0200";

  private final MemoryBlockStore store = new MemoryBlockStore();

  private static byte[] object(String type, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes((type + " " + content.length + "\0").getBytes(StandardCharsets.UTF_8));
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] object(String type, String content) {
    return object(type, content.getBytes(StandardCharsets.UTF_8));
  }

  private Cid put(byte[] object) {
    ByteBuffer data = ByteBuffer.wrap(object);
    Block block =
        Block.verified(
            Cid.v1(Codec.GIT_RAW, Multihash.hash(Multihash.SHA1, data)), ByteBuffer.wrap(object));
    store.put(block);
    return block.cid();
  }

  private static String hex(Cid cid) {
    return HexFormat.of().formatHex(cid.hash().digest());
  }

  private static byte[] tree(Object... entries) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < entries.length; i += 2) {
      out.writeBytes((entries[i] + "\0").getBytes(StandardCharsets.UTF_8));
      out.writeBytes(((Cid) entries[i + 1]).hash().digest());
    }
    return object("tree", out.toByteArray());
  }

  private List<Cid> walked(Cid root, Selector selector) throws Exception {
    List<Cid> visits = new ArrayList<>();
    Walk.run(
        root,
        selector,
        visit -> {
          visits.add(visit.cid());
          return LinkLoader.of(store).load(visit);
        },
        WalkBudget.DEFAULT);
    return visits;
  }

  @Test
  void objectsHaveTheNamesThatGitGivesThem() {
    assertEquals("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", hex(put(object("blob", ""))));
    assertEquals("4b825dc642cb6eb9a060e54bf8d69288fbee4904", hex(put(tree())));
    assertEquals("ce013625030ba8dba906f756967f9e9ca394464a", hex(put(object("blob", "hello\n"))));
  }

  /** Tree before parents, the tree's entries in their order, each the moment it is reached. */
  @Test
  void walksGoThroughTagsCommitsAndTrees() throws Exception {
    Cid hello = put(object("blob", "hello\n"));
    Cid empty = put(object("blob", ""));
    Cid inner = put(tree("100755 run", empty));
    Cid outer = put(tree("100644 z", hello, "40000 a", inner));
    String head = "author " + PERSON + "\ncommitter " + PERSON + "\n";
    Cid first = put(object("commit", "tree " + hex(inner) + "\n" + head + "\nbegin\n"));
    Cid merged = put(object("commit", "tree " + hex(inner) + "\n" + head + "\nother\n"));
    Cid second =
        put(
            object(
                "commit",
                "tree "
                    + hex(outer)
                    + "\nparent "
                    + hex(first)
                    + "\n"
                    + head
                    + "encoding UTF-8\nmergetag object "
                    + hex(merged)
                    + "\n type commit\n tag v0\n tagger "
                    + PERSON
                    + "\n"
                    + " \n"
                    + " said\n"
                    + "gpgsig -----BEGIN PGP SIGNATURE-----\n"
                    + " \n"
                    + " abc\n"
                    + " -----END PGP SIGNATURE-----\n"
                    + "extra field\n\n"
                    + "message\n\n"
                    + "of two parts"));
    Cid tag =
        put(
            object(
                "tag",
                "object "
                    + hex(second)
                    + "\ntype commit\ntag v1\ntagger "
                    + PERSON
                    + "\n\nnamed\n"));

    assertEquals(
        List.of(tag, second, outer, hello, inner, empty, first, inner, empty, merged, inner, empty),
        walked(tag, Selectors.exploreAll()));
    assertEquals(
        List.of(tag, second, outer, hello),
        walked(
            tag,
            Selectors.unixfsPath(List.of("object", "tree", "z", "hash"), Selectors.Scope.BLOCK)));
    Node commit = Codecs.decode(Codec.GIT_RAW, store.get(second).orElseThrow().data());
    assertEquals(
        "{\"author\":{\"date\":\"1503667703\",\"email\":\"ada@example.org\",\"name\":\"Ada"
            + " Lovelace\",\"timezone\":\"+0200\"}",
        text(Node.map().put("author", commit.asMap().get("author")).build()));
    assertEquals(Node.of("UTF-8").asText(), commit.asMap().get("encoding").asText());
    assertEquals("message\n\nof two parts", commit.asMap().get("message").asText());
    assertEquals(" \n abc\n", commit.asMap().get("signature").asText());
    assertEquals("extra field", commit.asMap().get("other").asList().getFirst().asText());
    assertEquals(
        " said\n",
        commit.asMap().get("mergetag").asList().getFirst().asMap().get("message").asText());
    assertEquals(List.of(outer, first, merged), Links.of(store.get(second).orElseThrow()));
  }

  private static String text(Node node) {
    String text = new String(DagJson.encode(node), StandardCharsets.UTF_8);
    return text.substring(0, text.length() - 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "blob",
        "blob 1",
        "blob x\0",
        "blob 2\0x",
        "blob 0\0x",
        "thing 0\0",
        "blob -1\0",
        "blob 99999999999999999999\0",
        "tree 5\0100 a",
        "tree 6\0100 a\0",
        "commit 0\0",
        "commit 6\0tree x",
        "commit 5\0tree ",
        "tag 4\0tag ",
        "tag 8\0object a"
      })
  void whatIsNoObjectIsRefused(String text) {
    ByteBuffer in = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));

    ProtocolException refused =
        assertThrows(ProtocolException.class, () -> Codecs.decode(Codec.GIT_RAW, in));

    assertEquals("DECODE_", refused.code().substring(0, 7));
  }

  /** A few bytes each, and each would be an object of ours. */
  @Test
  void linesWithoutNumberAreRefused() {
    byte[] many = object("commit", "tree " + "0".repeat(40) + "\n" + "a\n".repeat(200_000));

    ProtocolException refused =
        assertThrows(
            ProtocolException.class, () -> Codecs.decode(Codec.GIT_RAW, ByteBuffer.wrap(many)));

    assertEquals(ProtocolException.DECODE_BUDGET, refused.code());
  }

  /** Two contents of one SHA-1 can be bought; git alone has no better name for its objects. */
  @Test
  void otherCodecsHaveBetterHashes() {
    byte[] data = object("blob", "");
    for (long codec : new long[] {Codec.RAW, Codec.DAG_PB, Codec.DAG_CBOR, Codec.DAG_JOSE}) {
      Cid cid = Cid.v1(codec, Multihash.hash(Multihash.SHA1, ByteBuffer.wrap(data)));
      byte[] prefix = new byte[] {1, (byte) codec, 0x11, 20};

      ProtocolException refused =
          assertThrows(ProtocolException.class, () -> Block.verified(cid, ByteBuffer.wrap(data)));

      assertEquals(ProtocolException.HASH_NOT_ALLOWED, refused.code());
      if (codec < 0x80) {
        refused =
            assertThrows(
                ProtocolException.class,
                () -> Cid.fromPrefix(ByteBuffer.wrap(prefix), ByteBuffer.wrap(data)));
        assertEquals(ProtocolException.HASH_NOT_ALLOWED, refused.code());
      }
    }
  }

  /** What is in it is for those who have the keys. */
  @Test
  void joseIsBytesWithoutLinks() throws Exception {
    Cid hidden = put(object("blob", ""));
    byte[] signed = DagCbor.encode(Node.map().put("payload", hidden.bytes()).build());
    Block jose = Block.of(Codec.DAG_JOSE, ByteBuffer.wrap(signed));
    store.put(jose);
    Block root =
        Block.of(
            Codec.DAG_JSON,
            ByteBuffer.wrap(
                DagJson.encode(Node.map().put("a", jose.cid()).put("b", hidden).build())));
    store.put(root);

    assertEquals(
        List.of(root.cid(), jose.cid(), hidden), walked(root.cid(), Selectors.exploreAll()));
    assertEquals(List.of(), Links.of(jose));
    assertEquals(Node.of(signed), Codecs.decode(Codec.DAG_JOSE, jose.data()));
  }
}
