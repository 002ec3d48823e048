package io.sluice.protocol.ipld;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a node was reached from the root of a walk: map keys and list indexes, across blocks.
 * Immutable.
 */
public final class Path {
  /** The path of the root; also of loads that an interpretation makes by itself. */
  public static final Path ROOT = new Path(null, null, 0);

  private final @Nullable Path parent;
  private final @Nullable PathSegment last;
  private final int length;

  private Path(@Nullable Path parent, @Nullable PathSegment last, int length) {
    this.parent = parent;
    this.last = last;
    this.length = length;
  }

  /** Paths share their beginnings, so that a step costs the same at any depth. */
  Path child(PathSegment segment) {
    return new Path(this, segment, length + 1);
  }

  /** The number of steps. */
  public int length() {
    return length;
  }

  /** The steps in order; what is not UTF-8 shows as U+FFFD, list indexes as decimal digits. */
  public List<String> segments() {
    List<String> segments = new ArrayList<>(length);
    for (Path path = this; path != null && path.last != null; path = path.parent) {
      segments.add(path.last.toString());
    }
    Collections.reverse(segments);
    return segments;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Path that
        && length == that.length
        && segments().equals(that.segments());
  }

  @Override
  public int hashCode() {
    return segments().hashCode();
  }

  /** The steps with slashes between them; empty for the root. */
  @Override
  public String toString() {
    return segments().stream().collect(Collectors.joining("/"));
  }
}
