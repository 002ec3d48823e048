package io.sluice.fsm.transfer;

import static io.sluice.protocol.ipld.NodeCodec.BOOL;
import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.ipld.NodeCodec.TEXT;

import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.ipld.KindCodec;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.NodeCodec;
import java.util.Optional;
import java.util.stream.Stream;

/** What an event of a transfer channel brings along. */
public sealed interface TransferInput {
  /** How inputs are stored. */
  NodeCodec<TransferInput> CODEC =
      new KindCodec<TransferInput>("kind")
          .with("none", NoInput.class, MapCodec.of(f -> new NoInput()))
          .with("error", ErrorText.class, ErrorText.CODEC)
          .with("totals", Totals.class, Totals.CODEC)
          .with("voucher", TransferVoucher.class, TransferVoucher.CODEC)
          .with("limit", DataLimit.class, DataLimit.CODEC)
          .with("finalization", RequiresFinalization.class, RequiresFinalization.CODEC);

  /** Nothing: the event says it all. */
  record NoInput() implements TransferInput {}

  /**
   * Why something went wrong.
   *
   * @param text for people; cut to 1,024 characters, since peers write such texts
   */
  record ErrorText(String text) implements TransferInput {
    private static final int MAX_LENGTH = 1024;
    private static final MapCodec<ErrorText> CODEC =
        MapCodec.of(f -> new ErrorText(f.get("text", TEXT, ErrorText::text)));

    /** Cuts the text. */
    public ErrorText {
      text = text.substring(0, Math.min(text.length(), MAX_LENGTH));
    }
  }

  /**
   * How far the data are at one point of the way, in totals since the channel was opened.
   *
   * @param bytes on the wire, 0 or more
   * @param blocks walked, counting local and repeated ones, 0 or more
   * @param leftOut visits from the beginning of the walk that never counted, since the recipient
   *     had their blocks before the first byte came; empty if none has been asked for yet
   */
  record Totals(long bytes, long blocks, Optional<Long> leftOut) implements TransferInput {
    static final Totals NONE = new Totals(0, 0);
    static final MapCodec<Totals> CODEC =
        MapCodec.of(
            f ->
                new Totals(
                    f.get("bytes", LONG, Totals::bytes),
                    f.get("blocks", LONG, Totals::blocks),
                    f.find("leftOut", LONG, Totals::leftOut)));

    /** Checks the ranges. */
    public Totals {
      if (bytes < 0 || blocks < 0 || leftOut.orElse(0L) < 0) {
        throw new IllegalArgumentException("totals of " + bytes + " bytes, " + blocks + " blocks");
      }
    }

    /** Those of which nobody needs to know where they began to count. */
    public Totals(long bytes, long blocks) {
      this(bytes, blocks, Optional.empty());
    }

    /**
     * The further of the two, in each figure: reports may overtake each other. Less was left out
     * when a recipient lost what it had.
     */
    Totals upTo(Totals reported) {
      Optional<Long> least =
          Stream.of(leftOut, reported.leftOut).flatMap(Optional::stream).min(Long::compare);
      return new Totals(Math.max(bytes, reported.bytes), Math.max(blocks, reported.blocks), least);
    }
  }

  /** A voucher, or the result of one. */
  record TransferVoucher(TypedVoucher voucher) implements TransferInput {
    private static final MapCodec<TransferVoucher> CODEC =
        MapCodec.of(
            f ->
                new TransferVoucher(
                    f.get("voucher", TransferChannel.VOUCHER, TransferVoucher::voucher)));
  }

  /**
   * How much may flow before the responder pauses.
   *
   * @param bytes 0 for no limit
   */
  record DataLimit(long bytes) implements TransferInput {
    private static final MapCodec<DataLimit> CODEC =
        MapCodec.of(f -> new DataLimit(f.get("bytes", LONG, DataLimit::bytes)));
  }

  /** Whether the responder wants a last voucher before it completes. */
  record RequiresFinalization(boolean required) implements TransferInput {
    private static final MapCodec<RequiresFinalization> CODEC =
        MapCodec.of(
            f -> new RequiresFinalization(f.get("required", BOOL, RequiresFinalization::required)));
  }

  /** Nothing. */
  static NoInput none() {
    return new NoInput();
  }
}
