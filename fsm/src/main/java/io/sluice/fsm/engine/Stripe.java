package io.sluice.fsm.engine;

import io.sluice.fsm.MachinesStopped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One thread and its mailbox. Tasks run one after the other, in the order in which they came.
 *
 * <p>The mailbox is bounded for everybody but the stripes themselves: a sender from elsewhere waits
 * for room, so pressure reaches the stream it reads from. A stripe that had to wait for another
 * stripe's room could wait for ever, so those go in at once; they are as many as the tasks that
 * cause them.
 */
final class Stripe {
  /** Work for a stripe. */
  interface StripeTask {
    void run() throws Exception;

    /** Is told instead of running that the stripe has stopped. */
    void abandon(MachinesStopped why);
  }

  /** What went in without taking room gives none back. */
  private record QueuedTask(StripeTask task, boolean tookRoom) {}

  private final BlockingQueue<QueuedTask> mailbox = new LinkedBlockingQueue<>();
  private final Semaphore room;
  private final Consumer<Throwable> onFailure;
  private final StripeThread thread;

  /** Guards {@link #stopped} and what goes in: nothing may be added behind the last task. */
  private final Object gate = new Object();

  private @Nullable MachinesStopped stopped;

  Stripe(int number, int capacity, Consumer<Throwable> onFailure) {
    this.room = new Semaphore(capacity, true);
    this.onFailure = onFailure;
    this.thread = new StripeThread(this::loop, "stripe-" + number);
  }

  void start() {
    thread.start();
  }

  /** Whether the caller is a stripe, of whichever engine. */
  static boolean isCurrentThread() {
    return Thread.currentThread() instanceof StripeThread;
  }

  /** Adds a task; waits for room unless called by a stripe. */
  void put(StripeTask task) {
    boolean wait = !isCurrentThread();
    if (wait) {
      room.acquireUninterruptibly();
    }
    add(new QueuedTask(task, wait));
  }

  /** Adds a task without waiting for room: for what must not be kept waiting and is bounded. */
  void putAtOnce(StripeTask task) {
    add(new QueuedTask(task, false));
  }

  private void add(QueuedTask next) {
    MachinesStopped why;
    synchronized (gate) {
      why = stopped;
      if (why == null) {
        mailbox.add(next);
      }
    }
    if (why != null) { // told outside of the lock: it may send to another stripe
      release(next);
      next.task().abandon(why);
    }
  }

  /** Takes no more tasks. What is in the mailbox still runs, unless the reason is a failure. */
  void stop(MachinesStopped why) {
    List<QueuedTask> left = new ArrayList<>();
    synchronized (gate) {
      if (stopped == null || stopped.getCause() == null) {
        stopped = why;
      }
      if (why.getCause() != null) {
        mailbox.drainTo(left);
      }
      mailbox.add(new QueuedTask(END, false));
    }
    for (QueuedTask next : left) {
      release(next);
      next.task().abandon(why);
    }
  }

  /** Waits for the thread to end; says whether it did. */
  boolean join(Duration patience) throws InterruptedException {
    return thread == Thread.currentThread() || thread.join(patience);
  }

  private void loop() {
    while (true) {
      QueuedTask next;
      try {
        next = mailbox.take();
      } catch (InterruptedException e) {
        continue; // only stop() ends a stripe
      }
      release(next);
      if (next.task() == END) {
        return;
      }
      try {
        next.task().run();
      } catch (Throwable failure) {
        // Whatever it is, what this task left behind is unknown: nothing may be built on it.
        onFailure.accept(failure);
        next.task().abandon(new MachinesStopped("the engine failed: " + failure, failure));
      }
    }
  }

  /** As soon as it is taken: one more may come while it runs. */
  private void release(QueuedTask next) {
    if (next.tookRoom()) {
      room.release();
    }
  }

  /** The last task of a mailbox. */
  private static final StripeTask END =
      new StripeTask() {
        @Override
        public void run() {}

        @Override
        public void abandon(MachinesStopped why) {}
      };

  /** Tells stripes from everybody else. */
  private static final class StripeThread extends Thread {
    StripeThread(Runnable body, String name) {
      super(body, name);
      setDaemon(true);
    }
  }
}
