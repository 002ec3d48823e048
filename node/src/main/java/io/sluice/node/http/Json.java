package io.sluice.node.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.lang.reflect.Type;

/**
 * The JSON that commands print and the admin API speaks: amounts and 64-bit numbers as strings,
 * since many readers keep numbers as doubles; absent members left out; {@code isDefault} written as
 * {@code default}.
 */
public final class Json {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addModule(amounts())
          .addModule(AmountTexts.module())
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_ABSENT, JsonInclude.Include.NON_ABSENT))
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          // Members that may be absent are Optional or numbers; nothing else is ever null.
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .defaultSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL))
          .build();

  private Json() {}

  private static SimpleModule amounts() {
    SimpleModule module = new SimpleModule("amounts");
    module.addSerializer(Long.class, ToStringSerializer.instance);
    module.addSerializer(Long.TYPE, ToStringSerializer.instance);
    module.addSerializer(TokenAmount.class, new AmountWriter());
    module.addDeserializer(TokenAmount.class, new AmountReader());
    return module;
  }

  /** One line of JSON. */
  public static String write(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot be written as JSON: " + value.getClass(), e);
    }
  }

  /**
   * One line of JSON for people and programs: beside each amount stands, under its name and {@code
   * Text}, what it is with its token's symbol.
   */
  public static String write(Object value, Tokens tokens) {
    try {
      return MAPPER.writer().withAttribute(AmountTexts.TOKENS, tokens).writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot be written as JSON: " + value.getClass(), e);
    }
  }

  /** The tree of a value. */
  static JsonNode tree(Object value) {
    return MAPPER.valueToTree(value);
  }

  /** Reads a tree; throws {@link IOException} when it is not JSON. */
  static JsonNode parse(byte[] text) throws IOException {
    return MAPPER.readTree(text);
  }

  /** Reads a value; throws {@link IOException} when that is not what the text says. */
  public static <T> T read(String text, Class<T> type) throws IOException {
    return MAPPER.readValue(text, type);
  }

  /** Reads a value of that type out of a tree. */
  static Object read(JsonNode tree, Type type) throws IOException {
    JavaType java = MAPPER.getTypeFactory().constructType(type);
    return MAPPER.readValue(MAPPER.treeAsTokens(tree), java);
  }

  private static final class AmountWriter extends StdSerializer<TokenAmount> {
    private static final long serialVersionUID = 1L;

    AmountWriter() {
      super(TokenAmount.class);
    }

    @Override
    public void serialize(TokenAmount amount, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(amount.toString());
    }
  }

  private static final class AmountReader extends StdDeserializer<TokenAmount> {
    private static final long serialVersionUID = 1L;

    AmountReader() {
      super(TokenAmount.class);
    }

    @Override
    public TokenAmount deserialize(JsonParser in, DeserializationContext context)
        throws IOException {
      return TokenAmount.parse(in.getText());
    }
  }
}
