package io.sluice.node.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.sluice.node.api.NodeService;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.channels.WritableByteChannel;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
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
              ? read(array.path(next), ++next, method.getGenericParameterTypes()[i])
              : of(types[i], local);
    }
    if (array.size() > next) {
      throw new IOException("%d arguments, where %d are taken".formatted(array.size(), next));
    }
    return arguments;
  }

  /** An argument that is absent travels as null, or is left out at the end. */
  private static Object read(JsonNode argument, int number, Type type) throws IOException {
    Type needed = type instanceof ParameterizedType some ? some.getActualTypeArguments()[0] : type;
    if (!argument.isMissingNode() && !argument.isNull()) {
      try {
        return Json.read(argument, type);
      } catch (JsonProcessingException e) {
        throw new IOException(
            "argument %d has to be %s%s".formatted(number, form(needed), member(e)), e);
      }
    }
    if (needed.equals(type)) {
      throw new IOException("argument %d is missing: %s".formatted(number, form(needed)));
    }
    return Optional.empty();
  }

  /** Which part of an object is not right. */
  private static String member(JsonProcessingException cause) {
    return cause instanceof JsonMappingException bad
            && !bad.getPath().isEmpty()
            && bad.getPath().getFirst().getFieldName() != null
        ? "; look at " + bad.getPath().getFirst().getFieldName()
        : "";
  }

  /** What an argument has to look like. */
  private static String form(Type type) {
    if (type instanceof Class<?> some && some.isRecord() && some != TokenAmount.class) {
      return Stream.of(some.getRecordComponents())
          .map(RecordComponent::getName)
          .collect(Collectors.joining(", ", "an object with ", ""));
    }
    return type == String.class ? "a text" : "a number, or a text with one";
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
