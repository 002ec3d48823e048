package io.sluice.cli.chain;

import java.io.IOException;
import java.util.OptionalInt;

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

  /** Waits for its end: with its exit code if it ended by itself. */
  OptionalInt await() throws InterruptedException {
    int exit = process.waitFor();
    return ending ? OptionalInt.empty() : OptionalInt.of(exit);
  }

  private void endWithUs() {
    ending = true;
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() {
    endWithUs();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // the JVM is on its way out, and that hook has run
    }
  }
}
