package io.sluice.node;

import io.sluice.node.api.Reports;
import io.sluice.node.api.ServiceException;
import io.sluice.node.client.QuotedPrice;
import io.sluice.node.client.Retrieval;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** One retrieval under way: what to tell its user, and how to interrupt it. */
final class RetrievalRun {
  private static final long REPORT_NANOS = 200_000_000;

  private final Cid root;
  private final Consumer<Reports.ProgressReport> progress;
  private final Tokens tokens;
  private final Ticker ticker;
  private final long started;
  private final AtomicLong firstByte = new AtomicLong();
  private final AtomicLong reported;
  private volatile Optional<QuotedPrice> quote = Optional.empty();
  private Optional<Retrieval> retrieval = Optional.empty();
  private boolean interrupted;

  RetrievalRun(Cid root, Consumer<Reports.ProgressReport> progress, Tokens tokens, Ticker ticker) {
    this.tokens = tokens;
    this.root = root;
    this.progress = progress;
    this.ticker = ticker;
    this.started = ticker.nanos();
    this.reported = new AtomicLong(started - REPORT_NANOS);
  }

  Cid root() {
    return root;
  }

  synchronized void began(Retrieval begun) throws ServiceException {
    retrieval = Optional.of(begun);
    if (interrupted) {
      throw new ServiceException(DealCode.INTERRUPTED, "interrupted before anybody was asked");
    }
  }

  void quoted(QuotedPrice asked) {
    quote = Optional.of(asked);
    String note =
        asked.isFree()
            ? "free"
            : asked
                .total()
                .map(total -> tokens.show(total, token(asked)) + " for all of it")
                .orElseGet(
                    () ->
                        "%s per MiB, of unknown size"
                            .formatted(
                                tokens.show(
                                    asked.offers().getFirst().terms().pricePerMiB(),
                                    token(asked))));
    progress.accept(new Reports.ProgressReport("buying", 0, asked.size(), note));
  }

  private static EvmAddress token(QuotedPrice asked) {
    return asked.offers().getFirst().payee().token();
  }

  /** Called for every block: cheap unless it is time to say something. */
  void moved(long charged, long received) {
    long now = ticker.nanos();
    firstByte.compareAndSet(0, now);
    long before = reported.get();
    if (now - before >= REPORT_NANOS && reported.compareAndSet(before, now)) {
      Optional<QuotedPrice> asked = quote.filter(one -> !one.isFree());
      progress.accept(
          new Reports.ProgressReport(
              "receiving",
              received,
              quote.flatMap(QuotedPrice::size),
              asked
                  .map(one -> one.offers().getFirst().terms().due(charged))
                  .orElse(TokenAmount.ZERO),
              asked.map(one -> token(one).toString()),
              ""));
    }
  }

  long millis() {
    return (ticker.nanos() - started) / 1_000_000;
  }

  Optional<Long> firstByteMillis() {
    long at = firstByte.get();
    return at == 0 ? Optional.empty() : Optional.of((at - started) / 1_000_000);
  }

  void interrupt() throws IOException, InterruptedException {
    Optional<Retrieval> begun;
    synchronized (this) {
      begun = retrieval;
      interrupted = true;
    }
    if (begun.isPresent()) {
      begun.get().interrupt();
    }
  }
}
