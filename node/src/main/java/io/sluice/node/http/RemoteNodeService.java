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
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
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
  private static final int OK = 200;

  private final AdminFile node;
  private final Duration quiet;
  private final Duration patience;
  private final HttpClient http = HttpClient.newHttpClient();

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
        Proxy.newProxyInstance(
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
      http.shutdownNow(); // not close(): that would wait for what was given up
      return null;
    }
    return call(method, arguments == null ? new Object[0] : arguments);
  }

  private @Nullable Object call(Method method, Object[] arguments) throws ServiceException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(node.url() + AdminMethods.PREFIX + method.getName()))
            .header("Authorization", "Bearer " + node.token())
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    AdminMethods.write(method, arguments).toString()))
            .build();
    FutureTask<@Nullable Object> asking = new FutureTask<>(() -> ask(request, method, arguments));
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

  private @Nullable Object ask(HttpRequest request, Method method, Object[] arguments)
      throws IOException, InterruptedException, ServiceException {
    HttpResponse<InputStream> response =
        http.send(request, HttpResponse.BodyHandlers.ofInputStream());
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      return answer(method, arguments, lines);
    }
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

  private boolean isAlive() throws InterruptedException {
    HttpRequest question =
        HttpRequest.newBuilder(URI.create(node.url() + AdminApi.ALIVE)).timeout(patience).build();
    try {
      return http.send(question, HttpResponse.BodyHandlers.discarding()).statusCode() == OK;
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
