package io.sluice.payments.ledger.evm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A node of a chain that answers what a test wants, one question at a time or in general. */
final class FaultyRpc implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();

  /** How a question is answered. */
  interface Answerer {
    Reply reply(String method, JsonNode request) throws Exception;
  }

  /** What goes over the wire; {@code said} is more than there is where an answer breaks off. */
  record Reply(int status, String body, long said) {
    static Reply of(String body) {
      return new Reply(200, body, 0);
    }

    /** The result of the question of that id. */
    static Reply result(JsonNode request, String json) {
      return of("{\"jsonrpc\":\"2.0\",\"id\":" + request.get("id") + ",\"result\":" + json + "}");
    }

    static Reply error(JsonNode request, int code, String message) {
      return of(
          "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":%d,\"message\":\"%s\"}}"
              .formatted(request.get("id"), code, message));
    }

    /** The same, but the connection ends before all of it came. */
    Reply cut() {
      return new Reply(status, body, body.length() + 100L);
    }
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient upstream = HttpClient.newHttpClient();
  final List<String> asked = new CopyOnWriteArrayList<>();
  volatile Answerer answerer;

  FaultyRpc(Answerer answerer) throws IOException {
    this.answerer = answerer;
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  /** In front of another: what it answers is its answer, where the test says nothing else. */
  static FaultyRpc before(URI other) throws IOException {
    FaultyRpc rpc = new FaultyRpc((method, request) -> Reply.of("{}"));
    rpc.answerer = (method, request) -> rpc.forward(other, request);
    return rpc;
  }

  Reply forward(URI other, JsonNode request) throws IOException, InterruptedException {
    HttpResponse<String> response =
        upstream.send(
            HttpRequest.newBuilder(other)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(request.toString()))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    return new Reply(response.statusCode(), response.body(), 0);
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/secret-key");
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode request = JSON.readTree(exchange.getRequestBody().readAllBytes());
      String method = request.get("method").asText();
      asked.add(method);
      Reply reply = answerer.reply(method, request);
      byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
      if (reply.status() / 100 == 3) {
        exchange.getResponseHeaders().set("Location", reply.body());
      }
      exchange.sendResponseHeaders(reply.status(), Math.max(body.length, reply.said()));
      exchange.getResponseBody().write(body);
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    upstream.shutdownNow();
  }
}
