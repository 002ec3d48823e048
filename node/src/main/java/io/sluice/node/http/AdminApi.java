package io.sluice.node.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.ServiceException;
import io.sluice.node.watch.Health;
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
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin API of a running node, on loopback: {@code POST /api/v1/METHOD} for every method of
 * {@link NodeService}, {@code GET /metrics} for Prometheus, {@code GET /health} for whoever sends
 * work to nodes, and {@code GET /alive} for commands that wait. Calls bring the token of {@link
 * AdminFile}; whatever a web page asks for (with an {@code Origin}, or by a host name that is not
 * this machine's) is refused. Each request runs on a virtual thread.
 */
public final class AdminApi implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdminApi.class);
  private static final int MAX_BODY_BYTES = 1 << 20;

  /** Far more than there ever are commands; the next one waits until an idle one makes room. */
  private static final int MAX_CONNECTIONS = 512;

  /** Of these, connections that have made no call yet. */
  static final int MAX_PENDING = 256;

  /** Connections of clients that asked to close them are kept that long, too: the server does. */
  private static final Duration IDLE = Duration.ofSeconds(10);

  private static final int LOOKS_WHILE_IDLE = 10;

  /** Where a node says that it is there, and nothing else. */
  static final String ALIVE = "/alive";

  /**
   * The server has a log of its own, and what matters in it is thrown too; held, or it is
   * forgotten.
   */
  private static final java.util.logging.Logger SERVER_LOG =
      java.util.logging.Logger.getLogger("io.helidon");

  private final NodeService service;
  private final String host;
  private final byte[] token;
  private final WebServer server;
  private final PendingCallers callers = new PendingCallers(MAX_PENDING);

  /** Calls hold the shared half while they run. */
  private final ReadWriteLock calls = new ReentrantReadWriteLock();

  private AdminApi(
      NodeService service,
      String host,
      int port,
      byte[] token,
      Supplier<String> metrics,
      Supplier<Health> health,
      Duration idle) {
    SERVER_LOG.setLevel(java.util.logging.Level.OFF);
    this.service = service;
    this.host = host;
    this.token = token;
    this.server =
        WebServer.builder()
            .address(InetAddress.ofLiteral(host))
            .port(port)
            .shutdownHook(false)
            .maxPayloadSize(MAX_BODY_BYTES)
            .maxTcpConnections(MAX_CONNECTIONS)
            .protocolsDiscoverServices(false) // or what speaks them lets connections in, too
            .addConnectionSelector(callers)
            .idleConnectionTimeout(idle)
            .idleConnectionPeriod(idle.dividedBy(LOOKS_WHILE_IDLE))
            .routing(routing -> routes(routing, metrics, health))
            .build()
            .start();
    if (!server.isRunning()) { // all it does about a port in use is to log it
      throw new UncheckedIOException(
          new BindException("cannot listen on %s:%d".formatted(host, port)));
    }
  }

  /**
   * Starts listening, for what is no node.
   *
   * @param host a loopback address, as a literal
   * @param port 0 for any free one
   * @param metrics gives the text of {@code /metrics}
   * @return the running API
   */
  public static AdminApi start(
      NodeService service, String host, int port, Supplier<String> metrics) {
    return start(service, host, port, metrics, () -> Health.NOT_STARTED);
  }

  /**
   * Starts listening.
   *
   * @param host a loopback address, as a literal
   * @param port 0 for any free one
   * @param metrics gives the text of {@code /metrics}
   * @param health gives what {@code /health} says; may block for a moment
   * @return the running API; {@link #url} and {@link #file} say where it is
   */
  public static AdminApi start(
      NodeService service,
      String host,
      int port,
      Supplier<String> metrics,
      Supplier<Health> health) {
    return start(service, host, port, metrics, health, IDLE);
  }

  static AdminApi start(
      NodeService service,
      String host,
      int port,
      Supplier<String> metrics,
      Supplier<Health> health,
      Duration idle) {
    if (!InetAddress.ofLiteral(host).isLoopbackAddress()) {
      throw new IllegalArgumentException("the admin API listens on loopback only, not on " + host);
    }
    byte[] token = new byte[32];
    new SecureRandom().nextBytes(token);
    return new AdminApi(service, host, port, token, metrics, health, idle);
  }

  /** Where it listens. */
  public String url() {
    return "http://%s:%d".formatted(host.contains(":") ? "[" + host + "]" : host, server.port());
  }

  /**
   * What commands need to find this API.
   *
   * @param node whether a node stays there, rather than a command that will be done
   */
  public AdminFile file(boolean node) {
    return new AdminFile(url(), HexFormat.of().formatHex(token), node);
  }

  /** Waits until no call runs; from then on calls are refused. */
  public void drain() throws InterruptedException {
    if (!calls.writeLock().tryLock()) {
      LOG.warn("this is done; it ends with the command beside it on this home");
      calls.writeLock().lockInterruptibly();
    }
  }

  @Override
  public void close() {
    server.stop();
  }

  private void routes(HttpRules rules, Supplier<String> metrics, Supplier<Health> health) {
    rules.get("/metrics", (request, response) -> showText(request, response, metrics));
    rules.get("/health", (request, response) -> show(request, response, health));
    rules.get(ALIVE, (request, response) -> showText(request, response, () -> "alive\n"));
    for (Method method : AdminMethods.all().values()) {
      String path = AdminMethods.PREFIX + method.getName();
      rules.post(path, (request, response) -> handle(method, request, response));
      rules.any(
          path,
          (request, response) ->
              refuse(
                  response.header(HeaderNames.ALLOW, "POST"),
                  Status.METHOD_NOT_ALLOWED_405,
                  Failure.of(ErrorCode.USAGE, "calls are made by POST")));
    }
  }

  /** What may be read without the token, though by no web page. */
  private static void showText(
      ServerRequest request, ServerResponse response, Supplier<String> text) {
    if (isFromPage(request)) {
      refuseStranger(response);
    } else {
      response.send(text.get());
    }
  }

  /** The status alone tells programs that do not read on. */
  private static void show(
      ServerRequest request, ServerResponse response, Supplier<Health> health) {
    if (isFromPage(request)) {
      refuseStranger(response);
      return;
    }
    Health now = health.get();
    response
        .status(now.ready() ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503)
        .header(HeaderNames.CONTENT_TYPE, "application/json")
        .send(Json.write(now) + "\n");
  }

  /**
   * Browsers name the page that asks, or at least the host that it took us for: any name can be
   * made to lead to this machine.
   */
  private static boolean isFromPage(ServerRequest request) {
    return request.headers().contains(HeaderNames.ORIGIN)
        || !isHere(request.headers().value(HeaderNames.HOST).orElse(""));
  }

  private static boolean isHere(String host) {
    int colon = host.lastIndexOf(':');
    String name = colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    try {
      return name.equals("localhost") || InetAddress.ofLiteral(name).isLoopbackAddress();
    } catch (IllegalArgumentException e) {
      return false; // another name
    }
  }

  private static void refuseStranger(ServerResponse response) {
    refuse(
        response,
        Status.FORBIDDEN_403,
        Failure.of(DealCode.REFUSED, "from a web page, or without the token"));
  }

  private static void refuse(ServerResponse response, Status status, Failure failure) {
    response.status(status).send(Json.write(Map.of("error", failure)) + "\n");
  }

  private void handle(Method method, ServerRequest request, ServerResponse response) {
    if (isFromPage(request) || !authorised(request)) {
      refuseStranger(response);
      return;
    }
    callers.noLongerPending();
    if (!calls.readLock().tryLock()) {
      refuse(
          response,
          Status.SERVICE_UNAVAILABLE_503,
          Failure.of(ErrorCode.NOT_RUNNING, "the command that had the home open is done"));
      return;
    }
    try (AnswerLines answer = new AnswerLines(response)) {
      answer.write(run(method, arguments(method, request, answer)));
    } catch (ServiceException e) {
      refuse(response, Status.BAD_REQUEST_400, Failure.of(e.code(), e.reason()));
    } catch (IOException | UncheckedIOException e) {
      LOG.debug("the caller of {} went away", method.getName(), e);
    } finally {
      calls.readLock().unlock();
    }
  }

  private static Object[] arguments(Method method, ServerRequest request, AnswerLines answer)
      throws ServiceException {
    byte[] body = request.content().hasEntity() ? request.content().as(byte[].class) : new byte[0];
    try {
      return AdminMethods.arguments(
          method, Json.parse(body), (Consumer<?>) answer::progress, answer.content());
    } catch (JsonProcessingException e) { // what the library says of it is for programmers
      throw new ServiceException(ErrorCode.USAGE, "the body is not JSON", e);
    } catch (IOException | ProtocolException e) {
      throw new ServiceException(ErrorCode.USAGE, "unreadable arguments: " + e.getMessage(), e);
    }
  }

  private boolean authorised(ServerRequest request) {
    String header = request.headers().value(HeaderNames.AUTHORIZATION).orElse("");
    byte[] expected =
        ("Bearer " + HexFormat.of().formatHex(token)).getBytes(StandardCharsets.US_ASCII);
    return MessageDigest.isEqual(expected, header.getBytes(StandardCharsets.US_ASCII));
  }

  private Map<String, ?> run(Method method, Object[] arguments) {
    try {
      Object result = method.invoke(service, arguments);
      return Map.of("result", result == null ? Map.of() : result);
    } catch (InvocationTargetException e) {
      return Map.of("error", failure(method, e.getTargetException()));
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

  /**
   * Writes an answer line by line; progress comes from other threads than the result. The first
   * line begins the answer: before it, the call can still be refused.
   */
  private static final class AnswerLines implements AutoCloseable {
    private final ServerResponse response;
    private @Nullable OutputStream out;

    AnswerLines(ServerResponse response) {
      this.response = response;
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
      if (out == null) {
        response.header(HeaderNames.CONTENT_TYPE, "application/x-ndjson");
        out = response.outputStream();
      }
      out.write((Json.write(line) + "\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
    }

    @Override
    public synchronized void close() throws IOException {
      if (out != null) {
        out.close();
      }
    }
  }
}
