package io.sluice.protocol.unixfs;

import java.util.Arrays;
import java.util.List;

/** Names and targets from DAGs that may touch a disk. */
final class SafeName {
  private static final int MOST_BYTES = 255;

  private SafeName() {}

  /**
   * A name that is one entry of its directory and nothing else.
   *
   * @param separator what stands between names where it is to be written, beside the slash
   */
  static String check(String name, String separator) {
    boolean plain =
        !name.isEmpty()
            && !name.equals(".")
            && !name.equals("..")
            && name.length() <= MOST_BYTES
            && !name.contains(separator)
            && name.chars().noneMatch(c -> c == '/' || c == 0);
    if (!plain) {
      throw BadUnixFs.because(
          "an entry has the name \"" + escaped(name) + "\", which no file can have");
    }
    return name;
  }

  /**
   * Whether a symbolic link stays in its tree, whatever other links stand in it: it may only go up
   * at its beginning, where every step is a real directory, and no higher than the tree's root.
   *
   * @param depth how many directories the link lies beneath the root
   * @param separator as for names
   */
  static boolean staysInside(String target, int depth, String separator) {
    if (target.isEmpty()
        || target.startsWith("/")
        || (!separator.equals("/") && target.contains(separator))
        || target.indexOf(0) >= 0) {
      return false;
    }
    List<String> steps =
        Arrays.stream(target.split("/")).filter(s -> !s.isEmpty() && !s.equals(".")).toList();
    int up = 0;
    while (up < steps.size() && steps.get(up).equals("..")) {
      up++;
    }
    return up <= depth && !steps.subList(up, steps.size()).contains("..");
  }

  private static String escaped(String name) {
    StringBuilder out = new StringBuilder();
    name.chars()
        .limit(MOST_BYTES)
        .forEach(
            c -> {
              if (c >= ' ' && c < 0x7f) {
                out.append((char) c);
              } else {
                out.append(String.format("\\u%04x", c));
              }
            });
    return out.toString();
  }
}
