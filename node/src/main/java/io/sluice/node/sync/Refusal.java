package io.sluice.node.sync;

import io.sluice.node.api.ServiceException;
import io.sluice.protocol.FailureCode;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * An answer of another node that is not what was asked for.
 *
 * @param status of HTTP, anything but 200
 * @param text why, in the words of that node, as far as they can be shown
 */
record Refusal(int status, String text) {
  private static final int SHOWN_BYTES = 1000;
  private static final int NOT_FOUND = 404;
  private static final int SERVER_ERROR = 500;

  /** It may well be taken a little later: timed out, too early, too many, bad gateway and so on. */
  private static final Set<Integer> LATER = Set.of(408, 425, 429, 502, 503, 504);

  /** How the original ends what it says of a block that it does not have. */
  private static final String LACKING = "not found";

  /** The same may be asked again. */
  static final class TryLaterException extends IOException {
    private static final long serialVersionUID = 1L;

    TryLaterException(String message) {
      super(message);
    }
  }

  /** Reads the beginning of the body; the rest and what a terminal must not see is left out. */
  static Refusal of(int status, InputStream body) throws IOException {
    return new Refusal(
        status, shown(new String(body.readNBytes(SHOWN_BYTES), StandardCharsets.UTF_8)));
  }

  /** The words of another node as people may see them on a terminal. */
  static String shown(String said) {
    String some = said.substring(0, Math.min(SHOWN_BYTES, said.length()));
    return some.replaceAll("\\p{Cntrl}+", " ").strip();
  }

  /** Whether the words of another node are that it does not have a block. */
  static boolean saysLacking(String text) {
    return text.endsWith(LACKING);
  }

  boolean isOfTheMoment() {
    return LATER.contains(status);
  }

  /** As an error: of those of the moment one that is tried again, else one for people. */
  ServiceException error(DsyncUrl url, boolean reading) throws TryLaterException {
    String message = "%s answered %d: %s".formatted(url, status, text.isEmpty() ? "-" : text);
    if (isOfTheMoment()) {
      throw new TryLaterException(message);
    }
    return new ServiceException(code(reading), message);
  }

  private FailureCode code(boolean reading) {
    boolean lacks = status == SERVER_ERROR && saysLacking(text);
    if (status == NOT_FOUND || (reading && lacks)) {
      return DealCode.NOT_FOUND;
    }
    return DealCode.REFUSED;
  }
}
