package io.sluice.node.sync;

import io.sluice.protocol.dsync.DsyncNames;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** dsync over HTTP on a home in memory. */
final class SyncServer implements AutoCloseable {
  static final SyncLimits LIMITS = SyncLimits.DEFAULT;

  final AtomicInteger expired = new AtomicInteger();
  private final SyncMetrics metrics =
      new SyncMetrics() {
        @Override
        public void ended(String how) {
          if (how.equals(EXPIRED)) {
            expired.incrementAndGet();
          }
        }
      };
  final MemorySyncHome home = new MemorySyncHome();
  final SyncService service;
  volatile Instant now = Instant.EPOCH;
  private final ExecutorService hashing = Executors.newFixedThreadPool(2);
  private final ContentListener listener;
  private final HttpClient client = HttpClient.newHttpClient();

  SyncServer(SyncHooks hooks) {
    this(hooks, LIMITS);
  }

  SyncServer(SyncHooks hooks, SyncLimits limits) {
    Clock clock =
        new Clock() {
          @Override
          public ZoneOffset getZone() {
            return ZoneOffset.UTC;
          }

          @Override
          public Clock withZone(java.time.ZoneId zone) {
            return this;
          }

          @Override
          public Instant instant() {
            return now;
          }
        };
    service = new SyncService(home, hooks, limits, hashing, clock, new SecureRandom(), metrics);
    listener = ContentListener.start("127.0.0.1", 0, service);
  }

  HttpResponse<byte[]> send(String method, String query, String contentType, byte[] body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(listener.url() + (query.isEmpty() ? "" : "?" + query)))
            .method(
                method,
                body.length == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body));
    if (!contentType.isEmpty()) {
      request.header("Content-Type", contentType);
    }
    HttpResponse<byte[]> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    if (!response
        .headers()
        .firstValue(DsyncNames.VERSION_HEADER)
        .orElse("")
        .equals(DsyncNames.PROTOCOL)) {
      throw new AssertionError("no version in the answer to " + method + " " + query);
    }
    return response;
  }

  @Override
  public void close() {
    client.close();
    listener.close();
    hashing.shutdownNow();
  }
}
