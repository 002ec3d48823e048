package io.sluice.protocol.retrieval;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;

/** The kinds of fields that messages and records about money are made of. */
public final class FieldCodecs {
  /** An amount in base units: big-endian, unsigned, minimal bytes. */
  public static final NodeCodec<TokenAmount> AMOUNT =
      NodeCodec.bytes(TokenAmount::bytes, TokenAmount::ofBytes);

  /** An amount as Filecoin writes it, with a sign byte. */
  public static final NodeCodec<TokenAmount> FILECOIN_AMOUNT =
      NodeCodec.bytes(TokenAmount::signedBytes, TokenAmount::ofSignedBytes);

  /** An account or contract. */
  public static final NodeCodec<EvmAddress> ADDRESS =
      NodeCodec.bytes(EvmAddress::bytes, EvmAddress::of);

  /** A hash, or an id of 32 bytes. */
  public static final NodeCodec<Bytes32> HASH = NodeCodec.bytes(Bytes32::bytes, Bytes32::of);

  /** A signature of 65 bytes. */
  public static final NodeCodec<Signature> SIGNATURE =
      NodeCodec.bytes(Signature::bytes, Signature::of);

  /** A whole number from 0 to 2^63 - 1; {@code BAD_COUNT} if it is negative. */
  public static final NodeCodec<Long> COUNT = NodeCodec.of(Node::of, FieldCodecs::count);

  /** A text that a person may see: cut at 1 KiB and without control characters when read. */
  public static final NodeCodec<String> TEXT_FOR_PEOPLE =
      NodeCodec.of(Node::of, FieldCodecs::textForPeople);

  private static final int MAX_TEXT_LENGTH = 1024;

  private FieldCodecs() {}

  private static long count(Node node) {
    long value = node.asLong();
    if (value < 0) {
      throw new ProtocolException("BAD_COUNT", "negative count " + value);
    }
    return value;
  }

  private static String textForPeople(Node node) {
    String text = node.asText();
    String cut = text.length() > MAX_TEXT_LENGTH ? text.substring(0, MAX_TEXT_LENGTH) : text;
    return cut.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]", "?");
  }
}
