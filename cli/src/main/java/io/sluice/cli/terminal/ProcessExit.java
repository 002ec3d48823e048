package io.sluice.cli.terminal;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * How this process ends: at once, whatever threads are left. The JVM's own ways out give threads
 * inside native calls 300 ms to come out of them, and the one that waits for the sockets of virtual
 * threads never does. By then all is written that has to be: a process may be killed at any time.
 */
public final class ProcessExit {
  private static volatile @Nullable FutureTask<MethodHandle> atOnce;
  private static volatile boolean slowly;

  private ProcessExit() {}

  /** For commands that ask a running node. On a thread of its own, since it takes some 20 ms. */
  public static void prepare() {
    FutureTask<MethodHandle> linking = new FutureTask<>(ProcessExit::link);
    Thread.ofPlatform().name("exit").daemon().start(linking);
    atOnce = linking;
  }

  @SuppressWarnings("restricted") // the launcher allows it
  private static MethodHandle link() {
    Linker system = Linker.nativeLinker();
    return system.downcallHandle(
        system.defaultLookup().find("_exit").orElseThrow(),
        FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
  }

  /** From now on the JVM gets its time: it writes down what it learnt in a rehearsal. */
  public static void takeTime() {
    slowly = true;
  }

  /** Ends this process; what standard output and error hold back is flushed before. */
  public static void with(int status) {
    System.out.flush();
    System.err.flush();
    FutureTask<MethodHandle> way = atOnce;
    if (way != null && !slowly) {
      try {
        way.get().invokeExact(status);
      } catch (Throwable e) {
        // A system without it: then it takes longer.
      }
    }
    // Not System.exit: libraries leave threads, and what had to be closed is closed.
    Runtime.getRuntime().halt(status);
  }
}
