package io.sluice.node.pullsync.bee;

import io.sluice.node.pullsync.bee.Delays.Pending;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Pages that neighbours wait for. Equal requests wait for one page, which is looked at when a chunk
 * came into its bin, and when nothing came for so long that it is sent as it is. For the first
 * chunk a page waits as long as somebody waits for it.
 *
 * <p>Safe for any number of threads; nothing here blocks.
 */
final class SharedPages {
  private final Function<PageRequest, PageView> reserve;
  private final Delays delays;
  private final Map<PageRequest, Waiting> waiting = new HashMap<>();
  private boolean closed;

  /** A page that is not complete. */
  private static final class Waiting {
    final PageRequest request;
    final CompletableFuture<PageView> page = new CompletableFuture<>();
    int waiters;
    int chunks;
    @Nullable Pending idle;

    Waiting(PageRequest request) {
      this.request = request;
    }
  }

  /**
   * One neighbour's wait for a page.
   *
   * @param page completes when the page is; cancelled when nobody waits any more
   * @param end of the wait, whatever came of it; to be run once
   */
  record PageTicket(CompletableFuture<PageView> page, Runnable end) implements AutoCloseable {
    @Override
    public void close() {
      end.run();
    }
  }

  SharedPages(Function<PageRequest, PageView> reserve, Delays delays) {
    this.reserve = reserve;
    this.delays = delays;
  }

  /** Begins to wait for a page. */
  synchronized PageTicket join(PageRequest request) {
    Waiting page = waiting.get(request);
    if (page == null) {
      page = new Waiting(request);
      waiting.put(request, page);
      look(page);
    }
    page.waiters++;
    Waiting joined = page;
    return new PageTicket(joined.page.copy(), () -> leave(joined));
  }

  /** Chunks came into a bin. */
  synchronized void stored(int bin) {
    List.copyOf(waiting.values()).stream()
        .filter(page -> page.request.bin() == bin)
        .forEach(this::look);
  }

  /** What waits gets what there is. */
  synchronized void close() {
    closed = true;
    List.copyOf(waiting.values()).forEach(this::send);
  }

  private void look(Waiting page) {
    PageView view = reserve.apply(page.request);
    if (view.isFinal() || closed) {
      complete(page, view);
    } else if (view.chunks().size() > page.chunks) {
      page.chunks = view.chunks().size();
      if (page.idle != null) {
        page.idle.cancel();
      }
      page.idle = delays.after(page.request.version().idle(), () -> sendIdle(page));
    }
  }

  private synchronized void sendIdle(Waiting page) {
    send(page);
  }

  private void send(Waiting page) {
    complete(page, reserve.apply(page.request));
  }

  private void complete(Waiting page, PageView view) {
    forget(page);
    page.page.complete(view);
  }

  private synchronized void leave(Waiting page) {
    page.waiters--;
    if (page.waiters == 0 && !page.page.isDone()) {
      forget(page);
      page.page.completeExceptionally(new CancellationException("nobody waits for the page"));
    }
  }

  private void forget(Waiting page) {
    waiting.remove(page.request, page);
    if (page.idle != null) {
      page.idle.cancel();
    }
  }

  /** How many different pages are waited for. */
  synchronized int count() {
    return waiting.size();
  }
}
