package io.sluice.node.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.FailureCode;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.BindException;
import java.net.InetAddress;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin API of a running node, on loopback: {@code POST /api/v1/METHOD} for every method of
 * {@link NodeService}, and {@code GET /metrics} for Prometheus. Requests bring the token of {@link
 * AdminFile}; requests made by a web page (with an {@code Origin}) are refused. Each request runs
 * on a virtual thread.
 */
public final class AdminApi implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdminApi.class);
  private static final int MAX_BODY_BYTES = 1 << 20;

  /**
   * The server has a log of its own, and what matters in it is thrown too; held, or it is
   * forgotten.
   */
  private static final java.util.logging.Logger SERVER_LOG =
      java.util.logging.Logger.getLogger("io.helidon");

  private final NodeService service;
  private final byte[] token;
  private final WebServer server;

  private AdminApi(
      NodeService service, String host, int port, byte[] token, Supplier<String> metrics) {
    SERVER_LOG.setLevel(java.util.logging.Level.OFF);
    this.service = service;
    this.token = token;
    this.server =
        WebServer.builder()
            .address(InetAddress.ofLiteral(host))
            .port(port)
            .shutdownHook(false)
            .maxPayloadSize(MAX_BODY_BYTES)
            .routing(routing -> routes(routing, metrics))
            .build()
            .start();
    if (!server.isRunning()) { // all it does about a port in use is to log it
      throw new UncheckedIOException(
          new BindException("cannot listen on %s:%d".formatted(host, port)));
    }
  }

  /**
   * Starts listening.
   *
   * @param host a loopback address, as a literal
   * @param port 0 for any free one
   * @param metrics gives the text of {@code /metrics}
   * @return the running API; {@link #file} says where it is
   */
  public static AdminApi start(
      NodeService service, String host, int port, Supplier<String> metrics) {
    if (!InetAddress.ofLiteral(host).isLoopbackAddress()) {
      throw new IllegalArgumentException("the admin API listens on loopback only, not on " + host);
    }
    byte[] token = new byte[32];
    new SecureRandom().nextBytes(token);
    return new AdminApi(service, host, port, token, metrics);
  }

  /** What commands need to find this API. */
  public AdminFile file() {
    return new AdminFile("http://127.0.0.1:" + server.port(), HexFormat.of().formatHex(token));
  }

  @Override
  public void close() {
    server.stop();
  }

  private void routes(HttpRules rules, Supplier<String> metrics) {
    rules.get("/metrics", (request, response) -> response.send(metrics.get()));
    for (Method method : AdminMethods.all().values()) {
      rules.post(
          AdminMethods.PREFIX + method.getName(),
          (request, response) -> handle(method, request, response));
    }
  }

  private void handle(Method method, ServerRequest request, ServerResponse response) {
    if (request.headers().contains(HeaderNames.ORIGIN) || !authorised(request)) {
      response.status(Status.FORBIDDEN_403).send("{\"error\":{\"code\":\"REFUSED\"}}\n");
      return;
    }
    byte[] body = request.content().as(byte[].class);
    response.header(HeaderNames.CONTENT_TYPE, "application/x-ndjson");
    try (OutputStream out = response.outputStream()) {
      AnswerLines answer = new AnswerLines(out);
      answer.write(run(method, body, answer));
    } catch (IOException | UncheckedIOException e) {
      LOG.debug("the caller of {} went away", method.getName(), e);
    }
  }

  private boolean authorised(ServerRequest request) {
    String header = request.headers().value(HeaderNames.AUTHORIZATION).orElse("");
    byte[] expected =
        ("Bearer " + HexFormat.of().formatHex(token)).getBytes(StandardCharsets.US_ASCII);
    return MessageDigest.isEqual(expected, header.getBytes(StandardCharsets.US_ASCII));
  }

  private Map<String, ?> run(Method method, byte[] body, AnswerLines answer) {
    try {
      JsonNode array = Json.parse(body.length == 0 ? new byte[] {'[', ']'} : body);
      Object result =
          method.invoke(
              service,
              AdminMethods.arguments(
                  method, array, (Consumer<?>) answer::progress, answer.content()));
      return Map.of("result", result == null ? Map.of() : result);
    } catch (InvocationTargetException e) {
      return Map.of("error", failure(method, e.getTargetException()));
    } catch (IOException | ProtocolException e) {
      return Map.of(
          "error", Failure.of(ErrorCode.USAGE, "unreadable arguments: " + e.getMessage()));
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("the interface is public", e);
    }
  }

  private static Failure failure(Method method, Throwable cause) {
    if (cause instanceof ServiceException known) {
      return Failure.of(known.code(), known.reason());
    }
    LOG.error("{} failed", method.getName(), cause);
    return Failure.of(
        DealCode.INTERNAL, method.getName() + " failed; the node's log has the cause");
  }

  /** The error object of the contract. */
  private record Failure(String code, String message, int exit) {
    static Failure of(FailureCode code, String message) {
      return new Failure(code.name(), message, code.exit());
    }
  }

  /** Writes an answer line by line; progress comes from other threads than the result. */
  private static final class AnswerLines {
    private final OutputStream out;

    AnswerLines(OutputStream out) {
      this.out = out;
    }

    void progress(Object progress) {
      try {
        write(Map.of("progress", progress));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Content travels in lines too, a piece in each. */
    WritableByteChannel content() {
      return Channels.newChannel(
          new OutputStream() {
            @Override
            public void write(int one) throws IOException {
              write(new byte[] {(byte) one}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
              AnswerLines.this.write(
                  Map.of("content", Arrays.copyOfRange(bytes, from, from + length)));
            }
          });
    }

    synchronized void write(Object line) throws IOException {
      out.write((Json.write(line) + "\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
    }
  }
}
