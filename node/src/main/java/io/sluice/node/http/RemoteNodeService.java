package io.sluice.node.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.retrieval.DealCode;
import java.io.BufferedReader;
import java.io.IOException;
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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A {@link NodeService} that asks the node running on the home, over its admin API. An answer is
 * one JSON line: {@code {"result": …}} or {@code {"error": …}}, and before it any number of {@code
 * {"progress": …}}.
 */
public final class RemoteNodeService implements InvocationHandler {
  private final AdminFile node;
  private final HttpClient http = HttpClient.newHttpClient();

  private RemoteNodeService(AdminFile node) {
    this.node = node;
  }

  /** The service of the node that wrote this file. */
  public static NodeService of(AdminFile node) {
    return (NodeService)
        Proxy.newProxyInstance(
            NodeService.class.getClassLoader(),
            new Class<?>[] {NodeService.class},
            new RemoteNodeService(node));
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
      throws Throwable {
    if (method.getDeclaringClass() == Object.class) {
      return method.invoke(this, arguments);
    }
    if (method.getName().equals("close")) {
      http.close();
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
    try {
      HttpResponse<java.io.InputStream> response =
          http.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
        return answer(method, arguments, lines);
      }
    } catch (IOException e) {
      throw new ServiceException(
          ErrorCode.NOT_RUNNING, "the node on this home does not answer: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(DealCode.INTERRUPTED, "interrupted", e);
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
