package io.sluice.node.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.PropertyName;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.BeanPropertyWriter;
import com.fasterxml.jackson.databind.ser.BeanSerializerModifier;
import io.sluice.node.api.Reports;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes, beside each amount of a report, what it is in its token: {@code paid} has {@code
 * paidText}. Only where tokens are given to the writer: between processes amounts travel alone.
 */
final class AmountTexts extends BeanSerializerModifier {
  private static final long serialVersionUID = 1L;

  /** The attribute of a writer that says which tokens are known. */
  static final Object TOKENS = Tokens.class;

  static Module module() {
    return new SimpleModule("amount-texts").setSerializerModifier(new AmountTexts());
  }

  @Override
  public List<BeanPropertyWriter> changeProperties(
      SerializationConfig config, BeanDescription description, List<BeanPropertyWriter> members) {
    List<BeanPropertyWriter> all = new ArrayList<>();
    for (BeanPropertyWriter member : members) {
      all.add(member);
      if (isAmount(member.getType())) {
        all.add(new TextWriter(member));
      }
    }
    return all;
  }

  private static boolean isAmount(JavaType type) {
    return type.hasRawClass(TokenAmount.class)
        || (type.hasRawClass(Optional.class)
            && type.containedTypeOrUnknown(0).hasRawClass(TokenAmount.class));
  }

  private static final class TextWriter extends BeanPropertyWriter {
    private static final long serialVersionUID = 1L;

    TextWriter(BeanPropertyWriter amount) {
      super(amount, PropertyName.construct(amount.getName() + "Text"));
    }

    @Override
    public void serializeAsField(Object bean, JsonGenerator out, SerializerProvider provider)
        throws Exception { // as the library has it
      if (!(provider.getAttribute(TOKENS) instanceof Tokens tokens)) {
        return;
      }
      Object value = get(bean) instanceof Optional<?> some ? some.orElse(null) : get(bean);
      if (value instanceof TokenAmount amount) {
        out.writeStringField(getName(), tokens.show(amount, token(out.getOutputContext(), tokens)));
      }
    }

    /** That of the report which the amount is in, or of one around it; else the coin. */
    private static EvmAddress token(JsonStreamContext inside, Tokens tokens) {
      for (JsonStreamContext at = inside; at != null; at = at.getParent()) {
        if (at.getCurrentValue() instanceof Reports.OfToken report) {
          return report.paidIn().map(EvmAddress::parse).orElse(tokens.paidIn());
        }
      }
      return tokens.paidIn();
    }
  }
}
