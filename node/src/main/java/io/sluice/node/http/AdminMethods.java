package io.sluice.node.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.sluice.node.api.NodeService;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.nio.channels.WritableByteChannel;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

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

  /** Listeners and streams stay where they are; the other end puts its own in their place. */
  static boolean travels(Class<?> type) {
    return type != Consumer.class && type != WritableByteChannel.class;
  }

  /** Reads the arguments of a call; what does not travel is taken from {@code local}, by type. */
  static Object[] arguments(Method method, JsonNode array, Object... local) throws IOException {
    if (!array.isArray()) {
      throw new IOException("the body has to be the array of arguments");
    }
    Class<?>[] types = method.getParameterTypes();
    Object[] arguments = new Object[types.length];
    int next = 0;
    for (int i = 0; i < types.length; i++) {
      arguments[i] =
          travels(types[i])
              ? read(array.path(next++), types[i], method.getGenericParameterTypes()[i])
              : of(types[i], local);
    }
    return arguments;
  }

  /** An argument that is absent travels as null, or is left out at the end. */
  private static Object read(JsonNode argument, Class<?> type, Type whole) throws IOException {
    if (!argument.isMissingNode() && !argument.isNull()) {
      return Json.read(argument, whole);
    }
    if (type != Optional.class) {
      throw new IOException("an argument is missing: " + type.getSimpleName());
    }
    return Optional.empty();
  }

  static Object of(Class<?> type, Object... candidates) {
    return Stream.of(candidates)
        .filter(type::isInstance)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no " + type + " was given"));
  }

  /** The array that a call's arguments travel as. */
  static ArrayNode write(Method method, Object[] arguments) {
    ArrayNode array = (ArrayNode) Json.tree(new Object[0]);
    for (int i = 0; i < arguments.length; i++) {
      if (travels(method.getParameterTypes()[i])) {
        array.add(Json.tree(arguments[i]));
      }
    }
    return array;
  }
}
