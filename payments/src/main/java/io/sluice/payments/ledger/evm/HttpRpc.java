package io.sluice.payments.ledger.evm;

import io.sluice.protocol.Ticker;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.web3j.protocol.Service;
import org.web3j.protocol.core.Request;
import org.web3j.protocol.core.Response;

/**
 * JSON-RPC over HTTP to one endpoint, which is not believed: an answer has a largest size and a
 * last moment, goes with the question of its id, and is not looked for elsewhere.
 */
final class HttpRpc extends Service {
  private static final int OK = 200;

  private final HttpClient client;
  private final URI uri;
  private final Duration timeout;
  private final long maxBytes;
  private final RpcTally tally;

  /** One that nobody counts the requests of. */
  HttpRpc(HttpClient client, URI uri, Duration timeout, long maxBytes) {
    this(client, uri, timeout, maxBytes, new RpcTally(Ticker.SYSTEM));
  }

  HttpRpc(HttpClient client, URI uri, Duration timeout, long maxBytes, RpcTally tally) {
    super(false);
    this.client = client;
    this.uri = uri;
    this.timeout = timeout;
    this.maxBytes = maxBytes;
    this.tally = tally;
  }

  /** A client as it is needed here: redirects are not followed, they may lead anywhere. */
  static HttpClient client(Duration timeout) {
    return HttpClient.newBuilder()
        .followRedirects(HttpClient.Redirect.NEVER)
        .connectTimeout(timeout)
        .build();
  }

  @Override
  @SuppressWarnings("rawtypes") // as the class above has it
  public <T extends Response> T send(Request request, Class<T> type) throws IOException {
    T answer;
    long begun = tally.begun();
    try {
      answer = super.send(request, type);
    } catch (EndpointException | InterruptedIOException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw EndpointException.bad("answer that cannot be read: " + brief(e), e);
    } finally {
      tally.ended(begun);
    }
    if (answer == null || answer.getId() != request.getId()) {
      throw EndpointException.wrong("answer to another question");
    }
    return answer;
  }

  /** Parsers quote what they stumbled over, and a URL may hold a secret: only the kind is told. */
  private static String brief(Exception e) {
    return e.getClass().getSimpleName();
  }

  @Override
  protected InputStream performIO(String payload) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(timeout)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(payload, StandardCharsets.UTF_8))
            .build();
    CompletableFuture<HttpResponse<byte[]>> running =
        client.sendAsync(
            request,
            HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), maxBytes));
    HttpResponse<byte[]> response;
    try {
      // The request's own time-out ends with the head of the answer; this one with its last byte.
      response = running.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      running.cancel(true);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (TimeoutException e) {
      running.cancel(true);
      throw EndpointException.failed("no answer within " + timeout.toMillis() + " ms", e);
    } catch (ExecutionException e) {
      throw EndpointException.failed("not reached: " + e.getCause(), e);
    }
    // Errors come with other codes, too; what is not JSON then is found out by the parser.
    if (response.statusCode() != OK && response.body().length == 0) {
      throw EndpointException.failed("HTTP status " + response.statusCode(), null);
    }
    return new ByteArrayInputStream(response.body());
  }

  @Override
  public void close() {}
}
