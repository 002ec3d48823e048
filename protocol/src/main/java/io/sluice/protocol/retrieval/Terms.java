package io.sluice.protocol.retrieval;

import static io.sluice.protocol.retrieval.FieldCodecs.AMOUNT;
import static io.sluice.protocol.retrieval.FieldCodecs.COUNT;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.MapCodec;
import java.math.BigInteger;

/**
 * What a deal costs and how far data may run ahead of payment.
 *
 * <p>Every sum is taken on the cumulative bytes with one rounding, never interval by interval, so
 * any sequence of payments adds up to the same total. Intervals grow: I, I+J, I+2J, … up to {@code
 * intervalMax}; the gate lets through what is paid plus the interval that the paid position lies
 * in.
 *
 * @param pricePerMiB price of 2^20 bytes; zero means that bytes are free
 * @param fee due once, before the first byte
 * @param interval first interval in bytes, at least 1
 * @param intervalIncrease by how many bytes each interval is longer than the one before
 * @param intervalMax longest interval in bytes, at least {@code interval}
 * @param validSeconds how long the terms are honoured after they went out of force
 */
public record Terms(
    TokenAmount pricePerMiB,
    TokenAmount fee,
    long interval,
    long intervalIncrease,
    long intervalMax,
    long validSeconds) {

  /** The wire form; unknown keys are ignored when reading. */
  public static final MapCodec<Terms> CODEC =
      MapCodec.of(
          f ->
              new Terms(
                  f.get("PricePerMiB", AMOUNT, Terms::pricePerMiB),
                  f.get("Fee", AMOUNT, Terms::fee),
                  f.get("Interval", COUNT, Terms::interval),
                  f.get("IntervalIncrease", COUNT, Terms::intervalIncrease),
                  f.get("IntervalMax", COUNT, Terms::intervalMax),
                  f.get("ValidSeconds", COUNT, Terms::validSeconds)));

  /** Bytes in the unit that the price is for. */
  public static final long MIB = 1L << 20;

  /** Default first interval and increase. */
  public static final long DEFAULT_INTERVAL = MIB;

  /** Default longest interval. */
  public static final long DEFAULT_INTERVAL_MAX = 64 * MIB;

  /** Default time that superseded terms stay good for. */
  public static final long DEFAULT_VALID_SECONDS = 600;

  /** The block that a gate lets through last, which may be as large as a message. */
  public static final long LAST_BLOCK = 4 * MIB;

  /** The limit of a deal that owes nothing further. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** What nothing is paid by. */
  public static final Terms FREE = atPrice(TokenAmount.ZERO);

  private static final BigInteger UNIT = BigInteger.valueOf(MIB);

  /** Throws {@link ProtocolException} {@code INTERVAL_OUT_OF_RANGE} or {@code BAD_TERMS}. */
  public Terms {
    if (interval < 1 || intervalIncrease < 0 || intervalMax < interval) {
      throw new ProtocolException(
          "INTERVAL_OUT_OF_RANGE",
          "interval %d, increase %d, max %d".formatted(interval, intervalIncrease, intervalMax));
    }
    if (validSeconds < 0) {
      throw new ProtocolException("BAD_TERMS", "valid for " + validSeconds + " seconds");
    }
  }

  /** Terms at that price with the default intervals and no fee. */
  public static Terms atPrice(TokenAmount pricePerMiB) {
    return new Terms(
        pricePerMiB,
        TokenAmount.ZERO,
        DEFAULT_INTERVAL,
        DEFAULT_INTERVAL,
        DEFAULT_INTERVAL_MAX,
        DEFAULT_VALID_SECONDS);
  }

  /** Whether nothing is ever owed. */
  public boolean isFree() {
    return pricePerMiB.isZero() && fee.isZero();
  }

  /** What {@code bytes} charged bytes cost in all: fee + ⌈bytes × price / 2^20⌉. */
  public TokenAmount due(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("negative byte count: " + bytes);
    }
    BigInteger scaled = pricePerMiB.value().multiply(BigInteger.valueOf(bytes));
    BigInteger[] parts = scaled.divideAndRemainder(UNIT);
    BigInteger rounded = parts[1].signum() == 0 ? parts[0] : parts[0].add(BigInteger.ONE);
    return new TokenAmount(fee.value().add(rounded));
  }

  /**
   * How many bytes {@code credit} pays for, rounded down; zero while the fee is not covered, {@link
   * #UNLIMITED} at price zero once it is.
   */
  public long paidBytes(TokenAmount credit) {
    if (fee.exceeds(credit)) {
      return 0;
    }
    if (pricePerMiB.isZero()) {
      return UNLIMITED;
    }
    BigInteger bytes = credit.minus(fee).value().multiply(UNIT).divide(pricePerMiB.value());
    return bytes.bitLength() > 62 ? UNLIMITED : bytes.longValue();
  }

  /** The size in bytes of the interval that position {@code x} lies in. */
  public long window(long x) {
    return window(x, intervalMax);
  }

  /**
   * Like {@link #window(long)} with another longest interval: a node at its cap of unpaid bytes
   * shrinks windows without changing what anything costs.
   */
  public long window(long x, long longest) {
    long cap = Math.max(interval, Math.min(intervalMax, longest));
    if (intervalIncrease == 0) {
      return interval;
    }
    // Interval k starts at k·I + J·k(k−1)/2; past the first interval of full length all are equal.
    long fullFrom = (cap - interval + intervalIncrease - 1) / intervalIncrease;
    if (boundary(fullFrom).compareTo(BigInteger.valueOf(x)) <= 0) {
      return cap;
    }
    long low = 0;
    long high = fullFrom;
    while (high - low > 1) {
      long middle = (low + high) >>> 1;
      if (boundary(middle).compareTo(BigInteger.valueOf(x)) <= 0) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return interval + low * intervalIncrease;
  }

  /**
   * Most bytes that a gate lets out beyond {@code paid} ones: a window, and one block at its end.
   */
  public long mostUnpaid(long paid) {
    return window(paid) + LAST_BLOCK;
  }

  /** The charged bytes up to which an honest provider can have sent when so many are paid for. */
  public long mostSent(long paidFor) {
    long payable = paidBytes(due(paidFor)); // what paid for these, rounded up, may reach further
    long unpaid = mostUnpaid(payable);
    return payable >= UNLIMITED - unpaid ? UNLIMITED : payable + unpaid;
  }

  private BigInteger boundary(long k) {
    BigInteger count = BigInteger.valueOf(k);
    return count
        .multiply(BigInteger.valueOf(interval))
        .add(
            count
                .multiply(BigInteger.valueOf(k - 1))
                .shiftRight(1)
                .multiply(BigInteger.valueOf(intervalIncrease)));
  }

  /**
   * How many charged bytes may be queued when {@code credit} has been paid: nothing before the fee,
   * everything at price zero, else the paid bytes and one window. The gate lets a block start while
   * the queued bytes are below this, so exposure is at most one window and one block.
   */
  public long limit(TokenAmount credit) {
    return limit(credit, intervalMax);
  }

  /** Like {@link #limit(TokenAmount)} with windows of at most {@code longest} bytes. */
  public long limit(TokenAmount credit, long longest) {
    if (fee.exceeds(credit)) {
      return 0;
    }
    long paid = paidBytes(credit);
    if (paid == UNLIMITED) {
      return UNLIMITED;
    }
    long limit = paid + window(paid, longest);
    return limit < 0 ? UNLIMITED : limit;
  }

  /**
   * The price per byte that a Filecoin-shaped proposal states: rounded up, so that it never
   * promises less than these terms ask.
   */
  public TokenAmount pricePerByteRoundedUp() {
    return new TokenAmount(pricePerMiB.value().add(UNIT.subtract(BigInteger.ONE)).divide(UNIT));
  }
}
