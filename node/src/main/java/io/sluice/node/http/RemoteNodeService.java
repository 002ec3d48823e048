package io.sluice.node.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.retrieval.DealCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A {@link NodeService} that asks whoever has the home open, over its admin API. An answer is one
 * JSON line: {@code {"result": …}} or {@code {"error": …}}, and before it any number of {@code
 * {"progress": …}}. A call may take as long as it takes, but only while the process there is found
 * alive: one that was stopped still takes connections, and never answers.
 */
public final class RemoteNodeService implements InvocationHandler {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final AdminFile node;
  private final Duration quiet;
  private final Duration patience;

  private RemoteNodeService(AdminFile node, Duration quiet, Duration patience) {
    this.node = node;
    this.quiet = quiet;
    this.patience = patience;
  }

  /** The service of the node that wrote this file. */
  public static NodeService of(AdminFile node) {
    return of(node, PATIENCE, PATIENCE);
  }

  /**
   * @param quiet how long a call is waited for before the process is asked whether it is alive
   * @param patience how long that answer may take
   */
  static NodeService of(AdminFile node, Duration quiet, Duration patience) {
    return (NodeService)
        java.lang.reflect.Proxy.newProxyInstance(
            NodeService.class.getClassLoader(),
            new Class<?>[] {NodeService.class},
            new RemoteNodeService(node, quiet, patience));
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
      throws Throwable {
    if (method.getDeclaringClass() == Object.class) {
      return method.invoke(this, arguments);
    }
    if (method.getName().equals("close")) {
      return null; // each call has a connection of its own, which goes with it
    }
    return call(method, arguments == null ? new Object[0] : arguments);
  }

  private @Nullable Object call(Method method, Object[] arguments) throws ServiceException {
    FutureTask<@Nullable Object> asking = new FutureTask<>(() -> ask(method, arguments));
    Thread.ofVirtual().start(asking);
    try {
      return whileAlive(asking);
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(DealCode.INTERRUPTED, "interrupted", e);
    } finally {
      asking.cancel(true);
    }
  }

  private static ServiceException failure(@Nullable Throwable cause) {
    return switch (cause) {
      case ServiceException known -> known;
      case IOException e ->
          new ServiceException(
              ErrorCode.NOT_RUNNING, "the node on this home does not answer: " + e.getMessage(), e);
      case null, default -> throw new IllegalStateException("not an answer", cause);
    };
  }

  /** On a virtual thread: interrupted, it closes the connection, and the node then gives up. */
  private @Nullable Object ask(Method method, Object[] arguments)
      throws IOException, ServiceException {
    byte[] body = AdminMethods.write(method, arguments).toString().getBytes(StandardCharsets.UTF_8);
    HttpURLConnection http = connection(AdminMethods.PREFIX + method.getName());
    try {
      http.setRequestProperty("Authorization", "Bearer " + node.token());
      http.setRequestProperty("Content-Type", "application/json");
      http.setDoOutput(true);
      http.setFixedLengthStreamingMode(body.length); // what is streamed is never sent twice
      try (OutputStream out = http.getOutputStream()) {
        out.write(body);
      }
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(body(http), StandardCharsets.UTF_8))) {
        return answer(method, arguments, lines);
      }
    } finally {
      http.disconnect();
    }
  }

  /**
   * This client, since it needs no TLS: the newer one sets it up before the first plain request.
   */
  private HttpURLConnection connection(String path) throws IOException {
    HttpURLConnection http =
        (HttpURLConnection) URI.create(node.url() + path).toURL().openConnection(Proxy.NO_PROXY);
    http.setRequestProperty("Connection", "close"); // one kept open may be over by its next call
    http.setInstanceFollowRedirects(false);
    return http;
  }

  /** The answer's body, whatever its status. */
  private static InputStream body(HttpURLConnection http) throws IOException {
    InputStream body =
        http.getResponseCode() >= HttpURLConnection.HTTP_BAD_REQUEST
            ? http.getErrorStream()
            : http.getInputStream();
    return body == null ? InputStream.nullInputStream() : body;
  }

  private @Nullable Object whileAlive(FutureTask<@Nullable Object> asking)
      throws ExecutionException, InterruptedException, ServiceException {
    while (true) {
      try {
        return asking.get(quiet.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (!isAlive() && !asking.isDone()) {
          throw new ServiceException(
              DealCode.TIMEOUT,
              "the process that has this home open says nothing; if it was stopped, continue or end"
                  + " it",
              e);
        }
      }
    }
  }

  private boolean isAlive() {
    int millis = Math.toIntExact(patience.toMillis());
    try {
      HttpURLConnection http = connection(AdminApi.ALIVE);
      http.setConnectTimeout(millis);
      http.setReadTimeout(millis);
      try {
        return http.getResponseCode() == HttpURLConnection.HTTP_OK;
      } finally {
        http.disconnect();
      }
    } catch (IOException e) {
      return false;
    }
  }

  private static @Nullable Object answer(Method method, Object[] arguments, BufferedReader lines)
      throws IOException, ServiceException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonNode answer = Json.parse(line.getBytes(StandardCharsets.UTF_8));
      if (answer.has("progress")) {
        listener(arguments)
            .accept(
                (Reports.ProgressReport)
                    Json.read(answer.get("progress"), Reports.ProgressReport.class));
      } else if (answer.has("content")) {
        WritableByteChannel out =
            (WritableByteChannel) AdminMethods.of(WritableByteChannel.class, arguments);
        ByteBuffer content = ByteBuffer.wrap(answer.get("content").binaryValue());
        while (content.hasRemaining()) {
          out.write(content);
        }
      } else if (answer.has("error")) {
        JsonNode error = answer.get("error");
        throw new ServiceException(
            ErrorCode.named(error.path("code").asText()), error.path("message").asText());
      } else if (method.getReturnType() == void.class) {
        return null;
      } else {
        return Json.read(answer.path("result"), method.getGenericReturnType());
      }
    }
    throw new IOException("the answer was cut off");
  }

  @SuppressWarnings("unchecked") // the only listener that the interface knows
  private static Consumer<Reports.ProgressReport> listener(Object[] arguments) {
    return (Consumer<Reports.ProgressReport>) AdminMethods.of(Consumer.class, arguments);
  }
}
