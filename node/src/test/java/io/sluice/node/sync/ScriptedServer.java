package io.sluice.node.sync;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.sluice.protocol.dsync.DsyncNames;
import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.dsync.InfoJson;
import io.sluice.protocol.dsync.Manifest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server of dsync whose every answer a test decides; it keeps what it was asked. */
public final class ScriptedServer implements AutoCloseable {
  /** Of a request what dsync looks at. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Request(
      String method, SortedMap<String, String> query, Map<String, String> headers, byte[] body) {
    public String parameter(String name) {
      return query.getOrDefault(name, "");
    }
  }

  /**
   * An answer.
   *
   * @param missing bytes by which the body ends too early, with the connection
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Answer(int status, Map<String, String> headers, byte[] body, int missing) {
    public static Answer no(int status, String text) {
      return new Answer(status, VERSION, text.getBytes(StandardCharsets.UTF_8), 0);
    }

    public static Answer bytes(String type, byte[] body) {
      return new Answer(
          200,
          Map.of("Content-Type", type, DsyncNames.VERSION_HEADER, DsyncNames.PROTOCOL),
          body,
          0);
    }

    public static Answer ok() {
      return no(200, "");
    }

    public static Answer info(Info info) {
      return bytes(DsyncNames.JSON, InfoJson.encode(info));
    }

    public static Answer session(String sid, Manifest missing) {
      return new Answer(
          200,
          Map.of(DsyncNames.SID, sid, DsyncNames.VERSION_HEADER, DsyncNames.PROTOCOL),
          InfoJson.encode(missing),
          0);
    }

    /** As a server says it that knows no archives. */
    public Answer old() {
      Map<String, String> fewer = new TreeMap<>(headers);
      fewer.remove(DsyncNames.VERSION_HEADER);
      return new Answer(status, fewer, body, missing);
    }

    /** The same, cut in its midst. */
    public Answer cutAfter(int length) {
      return new Answer(status, headers, Arrays.copyOf(body, length), body.length - length);
    }
  }

  public interface Script {
    Answer answer(Request request) throws Exception;
  }

  private static final Map<String, String> VERSION =
      Map.of(DsyncNames.VERSION_HEADER, DsyncNames.PROTOCOL);

  public final List<Request> requests = new CopyOnWriteArrayList<>();
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Script script;

  public ScriptedServer(Script script) throws IOException {
    this.script = script;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  public List<Request> requests(String method) {
    return requests.stream().filter(request -> request.method().equals(method)).toList();
  }

  private void handle(HttpExchange exchange) throws IOException {
    Answer answer;
    try (exchange) {
      Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.getFirst()));
      Request request =
          new Request(
              exchange.getRequestMethod(),
              query(exchange.getRequestURI().getRawQuery()),
              headers,
              exchange.getRequestBody().readAllBytes());
      requests.add(request);
      answer = script.answer(request);
      answer.headers().forEach(exchange.getResponseHeaders()::set);
      long length = (long) answer.body().length + answer.missing();
      exchange.sendResponseHeaders(answer.status(), length == 0 ? -1 : length);
      if (length > 0) {
        OutputStream out = exchange.getResponseBody();
        out.write(answer.body());
        out.flush();
      }
    } catch (IOException e) {
      throw e;
    } catch (Exception e) { // the client sees a connection that ends
      throw new IOException(e);
    }
  }

  static SortedMap<String, String> query(String raw) {
    SortedMap<String, String> query = new TreeMap<>();
    if (raw != null && !raw.isEmpty()) {
      for (String pair : raw.split("&", -1)) {
        String[] parts = pair.split("=", 2);
        query.putIfAbsent(decoded(parts[0]), parts.length < 2 ? "" : decoded(parts[1]));
      }
    }
    return query;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
