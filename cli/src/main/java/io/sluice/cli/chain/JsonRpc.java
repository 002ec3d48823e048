package io.sluice.cli.chain;

import io.sluice.node.http.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Calls of a chain that this program has started itself, and trusts. */
final class JsonRpc implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final URI url;

  JsonRpc(URI url) {
    this.url = url;
  }

  /** An answer: a text or an error. */
  record Text(Optional<String> result, Optional<Fault> error) {}

  /** Why a call failed. */
  record Fault(String message) {}

  /** An answer: what became of a transaction, if that is known. */
  record Included(Optional<Receipt> result) {}

  /** What became of a transaction. */
  record Receipt(String contractAddress, String status) {}

  /** The result of a call that answers with a text. */
  String text(String method, Object... parameters) throws IOException, InterruptedException {
    Text answer = Json.read(post(method, parameters), Text.class);
    return answer
        .result()
        .orElseThrow(
            () ->
                new IOException(
                    "%s: %s"
                        .formatted(
                            method, answer.error().map(Fault::message).orElse("no result"))));
  }

  /** A transaction's receipt, once it is in a block. */
  Optional<Receipt> receipt(String transaction) throws IOException, InterruptedException {
    return Json.read(post("eth_getTransactionReceipt", transaction), Included.class).result();
  }

  String post(String method, Object... parameters) throws IOException, InterruptedException {
    String body =
        Json.write(
            Map.of("jsonrpc", "2.0", "id", 1, "method", method, "params", List.of(parameters)));
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  @Override
  public void close() {
    client.close();
  }
}
