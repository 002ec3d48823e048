package io.sluice.node.sync;

import io.sluice.protocol.Ticker;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A command that is run for each question: it reads the question from its standard input, and says
 * yes by ending with 0, no with 1 and its reason on standard output. Whatever else it does is a
 * failure, and it does not outlive its time.
 *
 * @param command its words; the first is looked for as the system does
 */
record CommandJudge(List<String> command, Ticker ticker) implements HookJudge {
  private static final int YES = 0;
  private static final int NO = 1;

  @Override
  public Optional<String> refusal(HookQuestion question, Duration patience)
      throws IOException, InterruptedException {
    long end = ticker.nanos() + patience.toNanos();
    Process process = new ProcessBuilder(command).redirectError(Redirect.DISCARD).start();
    FutureTask<byte[]> talk = new FutureTask<>(() -> talk(process, question));
    Thread.ofVirtual().name("hook").start(talk);
    try {
      byte[] said = talk.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      if (said.length > MOST_SAID) {
        throw new IOException("it says more than %d bytes".formatted(MOST_SAID));
      }
      if (!process.waitFor(end - ticker.nanos(), TimeUnit.NANOSECONDS)) {
        throw late(patience);
      }
      return switch (process.exitValue()) {
        case YES -> Optional.empty();
        case NO -> Optional.of(new String(said, StandardCharsets.UTF_8));
        default -> throw new IOException("it ended with " + process.exitValue());
      };
    } catch (TimeoutException e) {
      throw late(patience);
    } catch (ExecutionException e) {
      throw new IOException("it cannot be talked to", e.getCause());
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static byte[] talk(Process process, HookQuestion question) throws IOException {
    try (OutputStream in = process.getOutputStream()) {
      in.write(question.json());
    } catch (IOException e) {
      // It need not read what it is asked.
    }
    return process.getInputStream().readNBytes(MOST_SAID + 1);
  }

  private static IOException late(Duration patience) {
    return new IOException("it has said nothing for %d ms".formatted(patience.toMillis()));
  }

  @Override
  public void close() {}
}
