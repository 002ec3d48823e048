package io.sluice.node.sync;

import io.sluice.node.api.ServiceException;
import io.sluice.protocol.DoublingPause;
import io.sluice.protocol.libp2p.ConnectionRefusedException;
import io.sluice.protocol.libp2p.TimedOutException;
import io.sluice.protocol.libp2p.UnreachableException;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.time.Duration;

/**
 * How often what failed on its way is tried again, and after which pause.
 *
 * @param attempts in a row that move nothing; then it is given up
 * @param sleeper waits
 */
record Retries(DoublingPause pause, int attempts, Sleeper sleeper) {
  /** Patient for a few seconds, in which a server comes back or a connection is made anew. */
  static final Retries STANDARD =
      new Retries(
          new DoublingPause(Duration.ofMillis(250), Duration.ofSeconds(8)), 5, Thread::sleep);

  /** Waits for a time. */
  interface Sleeper {
    void sleep(Duration time) throws InterruptedException;
  }

  /** Something over the network that may be done twice. */
  interface Attempt<T> {
    T run() throws IOException, ServiceException, InterruptedException;
  }

  /** Failures in a row of one thing. */
  final class Row {
    private int failures;

    /** The last attempt moved something: failures count from the beginning again. */
    void moved() {
      failures = 0;
    }

    /**
     * Waits until it may be tried again.
     *
     * @throws ServiceException if it was tried often enough
     */
    void failed(IOException cause) throws ServiceException, InterruptedException {
      if (Thread.interrupted()) { // which may be what the failure came from
        throw new InterruptedException("interrupted: " + cause.getMessage());
      }
      failures++;
      if (failures >= attempts) {
        throw givenUp(cause);
      }
      sleeper.sleep(pause.after(failures));
    }
  }

  Row row() {
    return new Row();
  }

  /** Does something, as often as it takes and may be tried. */
  <T> T until(Attempt<T> attempt) throws ServiceException, InterruptedException {
    Row row = row();
    while (true) {
      try {
        return attempt.run();
      } catch (IOException e) {
        row.failed(e);
      }
    }
  }

  private static ServiceException givenUp(IOException cause) {
    DealCode code =
        switch (cause) {
          case Refusal.TryLaterException e -> DealCode.BUSY;
          case ConnectException e -> DealCode.UNREACHABLE;
          case UnknownHostException e -> DealCode.UNREACHABLE;
          case HttpConnectTimeoutException e -> DealCode.UNREACHABLE;
          case ConnectionRefusedException e -> DealCode.UNREACHABLE;
          case UnreachableException e -> DealCode.UNREACHABLE;
          case TimedOutException e -> DealCode.TIMEOUT;
          default -> DealCode.CONNECTION_LOST;
        };
    String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    return new ServiceException(
        code, why + "; the same command goes on with what is missing", cause);
  }
}
