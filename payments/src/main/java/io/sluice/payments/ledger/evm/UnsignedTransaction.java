package io.sluice.payments.ledger.evm;

import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.web3j.rlp.RlpDecoder;
import org.web3j.rlp.RlpList;
import org.web3j.rlp.RlpString;

/**
 * A transaction of the second type (EIP-1559) as it is hashed: what a signer elsewhere is asked to
 * sign, and what its answer is held against.
 */
final class UnsignedTransaction {
  private static final byte TYPE = 2;
  private static final int SHORT_LIST = 0xc0;
  private static final int LONG_LIST = 0xf7;
  private static final int SHORT_STRING = 0x80;
  private static final int WORD = 32;
  private static final int V_BASE = 27;

  /** As the type orders them; the access list comes last and is empty. */
  private static final List<String> FIELDS =
      List.of(
          "chainId", "nonce", "maxPriorityFeePerGas", "maxFeePerGas", "gas", "to", "value", "data");

  private final byte[] bytes;

  /** What stands in the list, without its head. */
  private final byte[] content;

  /**
   * One of ours.
   *
   * @throws IllegalArgumentException if it is no transaction of the second type
   */
  UnsignedTransaction(byte[] bytes) {
    if (bytes.length < 2 || bytes[0] != TYPE || (bytes[1] & 0xff) < SHORT_LIST) {
      throw new IllegalArgumentException("no transaction of the second type");
    }
    this.bytes = bytes.clone();
    this.content = Arrays.copyOfRange(bytes, 2 + lengthBytes(bytes[1]), bytes.length);
  }

  /** What {@code eth_signTransaction} takes. */
  Map<String, String> asked(EvmAddress from) {
    List<?> values =
        ((RlpList) RlpDecoder.decode(Arrays.copyOfRange(bytes, 1, bytes.length)).getValues().get(0))
            .getValues();
    Map<String, String> asked = new LinkedHashMap<>();
    asked.put("from", from.toString());
    for (int i = 0; i < FIELDS.size(); i++) {
      byte[] value = ((RlpString) values.get(i)).getBytes();
      boolean isTo = FIELDS.get(i).equals("to");
      if (!isTo || value.length > 0) { // what creates a contract goes to nobody
        boolean text = isTo || FIELDS.get(i).equals("data");
        asked.put(FIELDS.get(i), text ? Hex.of(value) : Hex.of(new BigInteger(1, value)));
      }
    }
    return asked;
  }

  /**
   * The signature in a signed transaction.
   *
   * @throws IllegalArgumentException unless that is this transaction and a signature, to the byte
   */
  Signature signatureIn(byte[] signed) {
    // Only its tail is read: all of it is compared with what it then has to be.
    byte[] signature;
    try {
      ByteBuffer tail = ByteBuffer.wrap(signed);
      tail.position(2 + lengthBytes(signed[1]) + content.length);
      int parity = number(tail)[WORD - 1];
      signature =
          ByteBuffer.allocate(Signature.LENGTH)
              .put(number(tail))
              .put(number(tail))
              .put((byte) (V_BASE + parity))
              .array();
    } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw another();
    }
    if (!Arrays.equals(signed, with(signature))) {
      throw another();
    }
    return Signature.of(signature);
  }

  /** How many bytes behind the first say how long a list is. */
  private static int lengthBytes(byte first) {
    return Math.max(0, (first & 0xff) - LONG_LIST);
  }

  /** The next number of at most 32 bytes, as so many. */
  private static byte[] number(ByteBuffer from) {
    int first = from.get() & 0xff;
    byte[] word = new byte[WORD];
    if (first < SHORT_STRING) {
      word[WORD - 1] = (byte) first;
    } else {
      int length = first - SHORT_STRING;
      from.get(word, WORD - length, length);
    }
    return word;
  }

  private static IllegalArgumentException another() {
    return new IllegalArgumentException("another transaction than the one that was to be signed");
  }

  /** This transaction with that signature, as there is one way to write it. */
  private byte[] with(byte[] signature) {
    ByteArrayOutputStream list = new ByteArrayOutputStream();
    list.writeBytes(content);
    number(list, new byte[] {(byte) (signature[2 * WORD] - V_BASE)});
    number(list, Arrays.copyOf(signature, WORD));
    number(list, Arrays.copyOfRange(signature, WORD, 2 * WORD));
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.write(TYPE);
    int length = list.size();
    if (length <= LONG_LIST - SHORT_LIST) {
      whole.write(SHORT_LIST + length);
    } else {
      byte[] size = stripped(BigInteger.valueOf(length).toByteArray());
      whole.write(LONG_LIST + size.length);
      whole.writeBytes(size);
    }
    whole.writeBytes(list.toByteArray());
    return whole.toByteArray();
  }

  private static void number(ByteArrayOutputStream list, byte[] value) {
    byte[] digits = stripped(value);
    if (digits.length != 1 || (digits[0] & 0xff) >= SHORT_STRING) {
      list.write(SHORT_STRING + digits.length);
    }
    list.writeBytes(digits);
  }

  private static byte[] stripped(byte[] value) {
    int from = 0;
    while (from < value.length && value[from] == 0) {
      from++;
    }
    return Arrays.copyOfRange(value, from, value.length);
  }
}
