package io.sluice.protocol.graphsync.responder;

/** Leaves a response's walk from within, since somebody has ended the response. */
final class ResponseEnded extends RuntimeException {
  ResponseEnded() {
    super("the response was ended", null, false, false);
  }
}
