package io.sluice.node.sync;

import io.sluice.node.sync.SyncRefusal.RefusalKind;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks somebody outside the node: a command or a URL. Whoever does not answer as he should, in the
 * time that he has, has refused; the peer is told no more than that it may be another time.
 */
public final class AskingHooks implements SyncHooks, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AskingHooks.class);

  /** Questions at once; each may be a process. */
  private static final int AT_ONCE = 16;

  private final HookJudge judge;
  private final Set<HookMoment> about;
  private final Duration patience;
  private final Semaphore room = new Semaphore(AT_ONCE);

  AskingHooks(HookJudge judge, Set<HookMoment> about, Duration patience) {
    this.judge = judge;
    this.about = Set.copyOf(about);
    this.patience = patience;
  }

  /**
   * Whom to ask, when, and how long.
   *
   * @param whom one http or https URL, or a command and its arguments
   */
  public record Asking(List<String> whom, Set<HookMoment> about, Duration patience) {
    /** Copies the collections. */
    public Asking {
      whom = List.copyOf(whom);
      about = Set.copyOf(about);
    }

    /** Whether that is a URL, rather than a command. */
    public static boolean isUrl(String whom) {
      return whom.startsWith("http://") || whom.startsWith("https://");
    }
  }

  /** Asks as configured; to be closed. */
  public static AskingHooks of(Asking asking, Ticker ticker) {
    String first = asking.whom().getFirst();
    HookJudge judge =
        Asking.isUrl(first)
            ? new UrlJudge(URI.create(first))
            : new CommandJudge(asking.whom(), ticker);
    return new AskingHooks(judge, asking.about(), asking.patience());
  }

  private void ask(HookQuestion question) throws SyncRefusal {
    if (!about.contains(question.moment())) {
      return;
    }
    Optional<String> refusal;
    try {
      if (!room.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new IOException("too many questions wait");
      }
      try {
        refusal = judge.refusal(question, patience);
      } finally {
        room.release();
      }
    } catch (IOException e) {
      LOG.warn(
          "{} of {} is refused, since nobody decides: {}",
          question.moment().text(),
          question.caller(),
          e.getMessage());
      throw new SyncRefusal(RefusalKind.RETRY, "it cannot be decided now; try again later");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SyncRefusal(RefusalKind.RETRY, "the node ends");
    }
    if (refusal.isPresent()) {
      String why = Refusal.shown(refusal.get());
      throw SyncRefusal.because(why.isEmpty() ? "it is refused" : why);
    }
  }

  private void ask(HookMoment moment, SyncCaller caller, Info info, Map<String, String> meta)
      throws SyncRefusal {
    ask(HookQuestion.of(moment, caller, info, meta));
  }

  @Override
  public void pushBegins(SyncCaller from, Info info, Map<String, String> meta) throws SyncRefusal {
    ask(HookMoment.PUSH_BEGINS, from, info, meta);
  }

  @Override
  public void pushArrived(SyncCaller from, Info info, Map<String, String> meta) throws SyncRefusal {
    ask(HookMoment.PUSH_ARRIVED, from, info, meta);
  }

  @Override
  public void pushCompleted(SyncCaller from, Info info, Map<String, String> meta)
      throws SyncRefusal {
    ask(HookMoment.PUSH_COMPLETED, from, info, meta);
  }

  @Override
  public void infoAsked(SyncCaller by, Info info, Map<String, String> meta) throws SyncRefusal {
    ask(HookMoment.INFO_ASKED, by, info, meta);
  }

  @Override
  public void blockAsked(SyncCaller by, Cid block) throws SyncRefusal {
    ask(one(HookMoment.BLOCK_ASKED, by, block, Map.of()));
  }

  @Override
  public void blocksAsked(SyncCaller by, Info info, Map<String, String> meta) throws SyncRefusal {
    ask(HookMoment.BLOCKS_ASKED, by, info, meta);
  }

  @Override
  public void removalAsked(SyncCaller by, Cid root, Map<String, String> meta) throws SyncRefusal {
    ask(one(HookMoment.REMOVAL_ASKED, by, root, meta));
  }

  private static HookQuestion one(
      HookMoment moment, SyncCaller by, Cid cid, Map<String, String> meta) {
    return new HookQuestion(moment, by.name(), Optional.of(cid.toString()), 1, meta);
  }

  @Override
  public void close() {
    judge.close();
  }
}
