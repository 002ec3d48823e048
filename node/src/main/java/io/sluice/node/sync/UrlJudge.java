package io.sluice.node.sync;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A server that gets each question as the body of a POST: it says yes with 200 or 204, no with 403
 * and its reason as the body. Whatever else it does is a failure. A redirection is not followed.
 */
final class UrlJudge implements HookJudge {
  private static final int OK = 200;
  private static final int NO_CONTENT = 204;
  private static final int FORBIDDEN = 403;

  private final URI url;
  private final HttpClient http =
      HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();

  UrlJudge(URI url) {
    this.url = url;
  }

  @Override
  public Optional<String> refusal(HookQuestion question, Duration patience)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(question.json()))
            .build();
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_SAID));
    try {
      HttpResponse<byte[]> said = answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      return switch (said.statusCode()) {
        case OK, NO_CONTENT -> Optional.empty();
        case FORBIDDEN -> Optional.of(new String(said.body(), StandardCharsets.UTF_8));
        default -> throw new IOException("it answered " + said.statusCode());
      };
    } catch (TimeoutException e) {
      throw new IOException("it has not answered for %d ms".formatted(patience.toMillis()), e);
    } catch (ExecutionException e) {
      throw new IOException("it cannot be asked: " + e.getCause(), e);
    } finally {
      answer.cancel(true);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
