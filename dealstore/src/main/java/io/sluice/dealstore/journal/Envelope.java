package io.sluice.dealstore.journal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A CBOR array of the record's kind and its value, whose bytes are kept as they were hashed. */
final class Envelope {
  private static final CBORFactory CBOR = new CBORFactory();

  private final String kind;
  private final byte[] value;

  private Envelope(String kind, byte[] value) {
    this.kind = kind;
    this.value = value;
  }

  static byte[] write(String kind, byte[] value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(value.length + 64);
    try (CBORGenerator out = CBOR.createGenerator(bytes)) {
      out.writeStartArray(null, 2);
      out.writeString(kind);
      out.writeBinary(value);
      out.writeEndArray();
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  static Envelope read(byte[] payload) throws JournalDamaged {
    try (JsonParser in = CBOR.createParser(payload)) {
      expect(in, JsonToken.START_ARRAY);
      expect(in, JsonToken.VALUE_STRING);
      String kind = in.getText();
      expect(in, JsonToken.VALUE_EMBEDDED_OBJECT);
      byte[] value = in.getBinaryValue();
      expect(in, JsonToken.END_ARRAY);
      return new Envelope(kind, value);
    } catch (IOException e) {
      throw new JournalDamaged("a record's envelope cannot be read: " + e.getMessage(), e);
    }
  }

  private static void expect(JsonParser in, JsonToken token) throws IOException {
    JsonToken found = in.nextToken();
    if (found != token) {
      throw new IOException("found " + found + " in place of " + token);
    }
  }

  String kind() {
    return kind;
  }

  byte[] value() {
    return value;
  }
}
