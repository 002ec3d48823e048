package io.sluice.cli.terminal;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Sets up the log, unless the operator gave a file that does ({@code -Dlogback.configurationFile}):
 * answers go to standard output, the log to the other. In code, since a command that logs nothing
 * would wait longer for a file to be read than for anything else.
 */
public final class LogSetup extends ContextAwareBase implements Configurator {
  private static final String OURS = "io.sluice";

  private static Level level = Level.INFO;
  private static @Nullable Logger ours;

  /** How much of this program's own log is shown; the log itself is set up with its first line. */
  public static synchronized void show(String name) {
    level = Level.toLevel(name);
    if (ours == null && isLeftToOperator()) {
      ours = (Logger) LoggerFactory.getLogger(OURS);
    }
    if (ours != null) {
      ours.setLevel(level);
    }
  }

  private static boolean isLeftToOperator() {
    return System.getProperty("logback.configurationFile") != null;
  }

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    if (isLeftToOperator()) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %logger{20} %msg%n");
    encoder.start();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setName("stderr");
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    root.addAppender(appender);
    synchronized (LogSetup.class) {
      ours = context.getLogger(OURS);
      ours.setLevel(level);
    }
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
