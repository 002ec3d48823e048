package io.sluice.node.transfer;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is said with a push between Sluices: how much it is, so that who has no room can refuse at
 * once; and why it is refused. Others may push with whatever voucher they like. Spec: wire
 * additions.
 */
public final class PushVouchers {
  /** Type of the voucher. */
  public static final String PUSH = "SluicePush/1";

  /** Type of its result. */
  public static final String RESULT = "SluicePushResult/1";

  private static final MapCodec<Long> SIZE =
      MapCodec.of(f -> f.get("Size", NodeCodec.LONG, size -> size));
  private static final MapCodec<String> REASON =
      MapCodec.of(f -> f.get("Reason", NodeCodec.TEXT, reason -> reason));

  private PushVouchers() {}

  /** Offers so many bytes of distinct blocks. */
  public static TypedVoucher push(long size) {
    return new TypedVoucher(PUSH, SIZE.encode(size));
  }

  static TypedVoucher refusal(String reason) {
    return new TypedVoucher(RESULT, REASON.encode(reason));
  }

  /** What a peer claims that it will be; it may be more or less. */
  static OptionalLong claimed(TypedVoucher voucher) {
    return voucher.type().equals(PUSH)
        ? decoded(SIZE, voucher.value()).map(OptionalLong::of).orElse(OptionalLong.empty())
        : OptionalLong.empty();
  }

  /** Why a peer refuses, in its words. */
  static String reason(Optional<TypedVoucher> result) {
    return result
        .filter(given -> given.type().equals(RESULT))
        .flatMap(given -> decoded(REASON, given.value()))
        .map(text -> ": " + text)
        .orElse("");
  }

  private static <T> Optional<T> decoded(MapCodec<T> codec, Node value) {
    try {
      return Optional.of(codec.decode(value));
    } catch (ProtocolException e) {
      return Optional.empty(); // what peers write there is theirs
    }
  }
}
