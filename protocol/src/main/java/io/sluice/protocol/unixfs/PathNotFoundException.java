package io.sluice.protocol.unixfs;

import java.io.IOException;

/** A path leads nowhere: a directory has no such entry, or what stands there is not a directory. */
public final class PathNotFoundException extends IOException {
  PathNotFoundException(String message) {
    super(message);
  }
}
