package io.sluice.node.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.sluice.node.api.NodeService;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The admin API is {@link NodeService} itself: {@code POST /api/v1/METHOD} with the arguments as a
 * JSON array. This is the table from path to method, which both ends share.
 */
final class AdminMethods {
  static final String PREFIX = "/api/v1/";

  private static final Map<String, Method> TABLE = table();

  private AdminMethods() {}

  private static Map<String, Method> table() {
    Map<String, Method> methods = new TreeMap<>();
    for (Method method : NodeService.class.getDeclaredMethods()) {
      if (!method.getName().equals("close") && !method.isSynthetic()) {
        methods.put(method.getName(), method);
      }
    }
    return Map.copyOf(methods);
  }

  static Map<String, Method> all() {
    return TABLE;
  }

  /**
   * Reads the arguments of a call; {@code progress} stands in where the method takes a listener.
   */
  static Object[] arguments(Method method, JsonNode array, Consumer<?> progress)
      throws IOException {
    Type[] types = method.getGenericParameterTypes();
    Object[] arguments = new Object[types.length];
    int next = 0;
    for (int i = 0; i < types.length; i++) {
      if (method.getParameterTypes()[i] == Consumer.class) {
        arguments[i] = progress;
      } else {
        arguments[i] = Json.read(array.path(next++), types[i]);
      }
    }
    return arguments;
  }

  /** The array that a call's arguments travel as. */
  static ArrayNode write(Method method, Object[] arguments) {
    ArrayNode array = (ArrayNode) Json.tree(new Object[0]);
    for (int i = 0; i < arguments.length; i++) {
      if (method.getParameterTypes()[i] != Consumer.class) {
        array.add(Json.tree(arguments[i]));
      }
    }
    return array;
  }
}
