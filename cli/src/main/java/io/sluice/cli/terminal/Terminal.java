package io.sluice.cli.terminal;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether a person looks at what a process prints, and how wide their window is. */
public interface Terminal {
  /** A process that nobody looks at. */
  Terminal NONE =
      new Terminal() {
        @Override
        public int outColumns() {
          return 0;
        }

        @Override
        public int errColumns() {
          return 0;
        }
      };

  /** Columns of the window that standard output goes to; 0 if it goes elsewhere. */
  int outColumns();

  /** Columns of the window that standard error goes to; 0 if it goes elsewhere. */
  int errColumns();

  /**
   * That of this process. Java tells of standard input and output together only, so a shell that
   * inherits the one in question is asked, when somebody wants to know.
   */
  static Terminal ofProcess(Map<String, String> environment) {
    return new Terminal() {
      @Override
      public int outColumns() {
        return width(
            "[ -t 1 ] && { stty size <&1 >&2 || echo ? >&2; }", Redirect.INHERIT, Redirect.PIPE);
      }

      @Override
      public int errColumns() {
        return width(
            "[ -t 2 ] && { stty size <&2 2>&1 || echo ?; }", Redirect.PIPE, Redirect.INHERIT);
      }

      private int width(String question, Redirect out, Redirect err) {
        if (isElsewhere(out.equals(Redirect.INHERIT) ? 1 : 2)) {
          return 0;
        }
        try {
          Process shell =
              new ProcessBuilder("sh", "-c", question)
                  .redirectOutput(out)
                  .redirectError(err)
                  .start();
          shell.getOutputStream().close();
          byte[] answer =
              (out.equals(Redirect.PIPE) ? shell.getInputStream() : shell.getErrorStream())
                  .readAllBytes();
          return shell.waitFor() == 0
              ? columns(environment, new String(answer, StandardCharsets.UTF_8))
              : 0;
        } catch (IOException e) {
          return 0; // no shell here
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return 0;
        }
      }
    };
  }

  /** Where Linux says that a stream is no terminal, no shell has to be started to ask. */
  private static boolean isElsewhere(int stream) {
    try {
      return !Files.readSymbolicLink(Path.of("/proc/self/fd/" + stream)).startsWith("/dev");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** The width that the user says, else what {@code stty} does, else what is usual. */
  static int columns(Map<String, String> environment, String size) {
    Matcher said =
        Pattern.compile("([1-9][0-9]{1,3})").matcher(environment.getOrDefault("COLUMNS", ""));
    Matcher measured = Pattern.compile("[0-9]+ ([1-9][0-9]{0,3})\\s*").matcher(size);
    if (said.matches()) {
      return Integer.parseInt(said.group(1));
    }
    return measured.matches() ? Integer.parseInt(measured.group(1)) : 80;
  }
}
