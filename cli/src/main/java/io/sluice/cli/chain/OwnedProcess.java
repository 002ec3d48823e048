package io.sluice.cli.chain;

import java.io.IOException;

/**
 * A process that ends when it is closed, and when this process is told to end. Only a kill that
 * this process does not see leaves it behind.
 */
final class OwnedProcess implements AutoCloseable {
  private final Process process;
  private final Thread atExit = new Thread(this::endWithUs, "ending the chain");
  private volatile boolean ending;

  private OwnedProcess(Process process) {
    this.process = process;
  }

  /** Starts it, with nothing to read. */
  static OwnedProcess start(ProcessBuilder builder) throws IOException {
    OwnedProcess owned = new OwnedProcess(builder.start());
    Runtime.getRuntime().addShutdownHook(owned.atExit);
    owned.process.getOutputStream().close();
    return owned;
  }

  Process process() {
    return process;
  }

  /**
   * Waits until it ends by itself, and returns its exit code. Where this process is told to end,
   * that has an exit code of its own, and this does not return.
   */
  int await() throws InterruptedException {
    int exit = process.waitFor();
    if (ending) {
      Thread.currentThread().join();
    }
    return exit;
  }

  private void endWithUs() {
    ending = true;
    end();
  }

  private void end() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() {
    end();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // the JVM is on its way out, and that hook has run
    }
  }
}
