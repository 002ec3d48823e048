package io.sluice.protocol.ipld;

import static io.sluice.protocol.ProtocolException.DECODE_BUDGET;
import static io.sluice.protocol.ProtocolException.DECODE_MALFORMED;
import static io.sluice.protocol.ProtocolException.DECODE_TRUNCATED;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.multiformats.Multihash;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Objects of git as it stores them, {@code TYPE SIZE NUL} before the content. A commit links its
 * tree, then its parents; a tree its entries; a tag its object; a blob is bytes, with what stands
 * before them. Links are CIDs of version 1 with SHA-1.
 *
 * <p>Spec: ipld/git-raw; the order of fields, which is that of the walk, as go-ipld-git has it.
 */
final class GitRaw {
  private static final int HASH_BYTES = 20;
  private static final int MAX_HEADER = 32;

  /** More lines or entries than any object of the usual size has. */
  private static final int MAX_ITEMS = 100_000;

  private static final String SIGNATURE_END = "-----END PGP SIGNATURE-----";

  private GitRaw() {}

  /**
   * Reads an object; bytes in the result are views of it.
   *
   * @throws ProtocolException if it is not one, or has more lines or entries than allowed
   */
  static Node decode(ByteBuffer in) {
    ByteBuffer whole = in.duplicate();
    String[] header = header(in).split(" ", -1);
    if (header.length != 2 || !header[1].matches("[0-9]{1,10}")) {
      throw malformed("its header is not 'TYPE SIZE'");
    }
    long size = Long.parseLong(header[1]);
    if (size != in.remaining()) {
      throw new ProtocolException(
          DECODE_TRUNCATED,
          "git: an object of %d bytes, %d are there".formatted(size, in.remaining()));
    }
    return switch (header[0]) {
      case "blob" -> Node.of(whole);
      case "tree" -> tree(in);
      case "commit" -> commit(new Lines(in));
      case "tag" -> tag(new Lines(in));
      default -> throw malformed("its type is none of blob, tree, commit and tag");
    };
  }

  private static String header(ByteBuffer in) {
    StringBuilder header = new StringBuilder();
    while (in.hasRemaining() && header.length() <= MAX_HEADER) {
      byte next = in.get();
      if (next == 0) {
        return header.toString();
      }
      header.append((char) next);
    }
    throw malformed("it has no header");
  }

  private static Node tree(ByteBuffer in) {
    List<Node.Text> names = new ArrayList<>();
    List<Node> entries = new ArrayList<>();
    while (in.hasRemaining()) {
      checkCount(names.size());
      Node.Text mode = until(in, ' ');
      names.add(until(in, 0));
      if (in.remaining() < HASH_BYTES) {
        throw malformed("an entry of a tree ends within its hash");
      }
      byte[] hash = new byte[HASH_BYTES];
      in.get(hash);
      entries.add(Node.map().put("mode", mode).put("hash", link(hash)).build());
    }
    return Node.Map.of(names, entries);
  }

  private static Node commit(Lines lines) {
    @Nullable Node tree = null;
    List<Node> parents = new ArrayList<>();
    List<Node> mergeTags = new ArrayList<>();
    List<Node> other = new ArrayList<>();
    @Nullable Node author = null;
    @Nullable Node committer = null;
    @Nullable Node encoding = null;
    @Nullable Node signature = null;
    for (Line line = lines.next(); line != null; line = lines.next()) {
      checkCount(parents.size() + mergeTags.size() + other.size());
      switch (line.word()) {
        case "tree" -> tree = Node.of(link(line.rest()));
        case "parent" -> parents.add(Node.of(link(line.rest())));
        case "author" -> author = person(line.rest());
        case "committer" -> committer = person(line.rest());
        case "encoding" -> encoding = line.rest();
        case "gpgsig" -> signature = signature(lines);
        case "mergetag" -> mergeTags.add(mergeTag(line, lines));
        default -> other.add(line.whole());
      }
    }
    if (tree == null) {
      throw malformed("a commit without a tree");
    }
    Node.MapBuilder commit = Node.map().put("tree", tree).put("parents", Node.list(parents));
    commit.put("message", lines.remaining());
    put(commit, "author", author);
    put(commit, "committer", committer);
    put(commit, "encoding", encoding);
    put(commit, "signature", signature);
    return commit.put("mergetag", Node.list(mergeTags)).put("other", Node.list(other)).build();
  }

  private static void put(Node.MapBuilder map, String name, @Nullable Node value) {
    if (value != null) {
      map.put(name, value);
    }
  }

  private static Node tag(Lines lines) {
    TagFields fields = new TagFields();
    for (Line line = lines.next(); line != null; line = lines.next()) {
      fields.take(line);
    }
    return fields.tag(lines.remaining());
  }

  /** A tag within a commit: its lines stand one step further in. */
  private static Node mergeTag(Line first, Lines lines) {
    TagFields fields = new TagFields();
    fields.take(Line.of(first.rest()));
    @Nullable StringBuilder message = null;
    for (Line line = lines.nextWithin(); line != null; line = lines.nextWithin()) {
      if (message != null) {
        message.append(' ').append(line.whole().string()).append('\n');
      } else if (line.whole().raw().length == 0) {
        message = new StringBuilder();
      } else {
        fields.take(line);
      }
    }
    return fields.tag(Node.Text.of(message == null ? "" : message.toString()));
  }

  /** What stands between the first and the last line of a signature, as it stands. */
  private static Node signature(Lines lines) {
    StringBuilder signature = new StringBuilder();
    for (Line line = lines.nextWithin(); line != null; line = lines.nextWithin()) {
      if (!line.whole().string().equals(SIGNATURE_END)) {
        signature.append(' ').append(line.whole().string()).append('\n');
      }
    }
    return Node.Text.of(signature.toString());
  }

  private static final class TagFields {
    private @Nullable Node object;
    private Node type = Node.Text.of("");
    private Node name = Node.Text.of("");
    private Node tagger = person("", "", "", "");

    void take(Line line) {
      switch (line.word()) {
        case "object" -> object = Node.of(link(line.rest()));
        case "type" -> type = line.rest();
        case "tag" -> name = line.rest();
        case "tagger" -> tagger = person(line.rest());
        default -> {} // nothing that the data model has a place for
      }
    }

    Node tag(Node message) {
      if (object == null) {
        throw malformed("a tag without an object");
      }
      return Node.map()
          .put("object", object)
          .put("type", type)
          .put("tag", name)
          .put("tagger", tagger)
          .put("message", message)
          .build();
    }
  }

  /** {@code NAME <EMAIL> SECONDS ZONE}, the last two perhaps absent. */
  private static Node person(Node.Text text) {
    String line = text.string();
    int from = line.indexOf('<');
    int to = line.indexOf('>', Math.max(from, 0));
    if (from < 0 || to < 0) {
      throw malformed("a person without an address");
    }
    String[] time = line.substring(to + 1).strip().split(" ", -1);
    return person(
        line.substring(0, from).strip(),
        line.substring(from + 1, to),
        time[0],
        time.length > 1 ? time[1] : "");
  }

  private static Node person(String name, String email, String date, String zone) {
    return Node.map()
        .put("date", date)
        .put("timezone", zone)
        .put("email", email)
        .put("name", name)
        .build();
  }

  private static Cid link(Node.Text hex) {
    try {
      return link(HexFormat.of().parseHex(hex.string()));
    } catch (IllegalArgumentException e) {
      throw malformed("a hash that is not hexadecimal");
    }
  }

  private static Cid link(byte[] hash) {
    if (hash.length != HASH_BYTES) {
      throw malformed("a hash of %d bytes".formatted(hash.length));
    }
    return Cid.v1(Codec.GIT_RAW, Multihash.of(Multihash.SHA1, hash));
  }

  private static Node.Text until(ByteBuffer in, int end) {
    int start = in.position();
    while (in.hasRemaining()) {
      if (in.get() == end) {
        return text(in, start, in.position() - 1);
      }
    }
    throw malformed("an entry of a tree ends within its name");
  }

  private static Node.Text text(ByteBuffer in, int from, int to) {
    byte[] bytes = new byte[to - from];
    in.get(from, bytes);
    return Node.Text.owned(bytes);
  }

  private static void checkCount(int items) {
    if (items >= MAX_ITEMS) {
      throw new ProtocolException(DECODE_BUDGET, "git: more than %d items".formatted(MAX_ITEMS));
    }
  }

  private static ProtocolException malformed(String what) {
    return new ProtocolException(DECODE_MALFORMED, "not a git object: " + what);
  }

  /** A line by its first word. */
  private record Line(Node.Text whole, String word, Node.Text rest) {
    static Line of(Node.Text whole) {
      byte[] raw = whole.raw();
      int space = 0;
      while (space < raw.length && raw[space] != ' ') {
        space++;
      }
      String word = new String(raw, 0, space, StandardCharsets.UTF_8);
      int at = space + 1;
      return new Line(
          whole,
          word,
          Node.Text.ofBytes(Arrays.copyOfRange(raw, Math.min(at, raw.length), raw.length)));
    }
  }

  /** The lines before the first empty one; what follows that is the message. */
  private static final class Lines {
    private final ByteBuffer in;

    Lines(ByteBuffer in) {
      this.in = in;
    }

    /** Null at the empty line, which is passed, or the end. */
    @Nullable Line next() {
      if (!in.hasRemaining()) {
        return null;
      }
      Node.Text line = read();
      return line.raw().length == 0 ? null : Line.of(line);
    }

    /** The next line that begins with a space, without it; null where there is none. */
    @Nullable Line nextWithin() {
      if (!in.hasRemaining() || in.get(in.position()) != ' ') {
        return null;
      }
      in.get();
      return Line.of(read());
    }

    Node.Text remaining() {
      Node.Text rest = text(in, in.position(), in.limit());
      in.position(in.limit());
      return rest;
    }

    private Node.Text read() {
      int start = in.position();
      int end = in.limit();
      while (in.hasRemaining()) {
        if (in.get() == '\n') {
          end = in.position() - 1;
          break;
        }
      }
      return text(in, start, end);
    }
  }
}
