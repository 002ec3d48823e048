package io.sluice.cli;

import io.sluice.cli.arguments.Arguments;
import io.sluice.cli.terminal.CommandEnvironment;
import io.sluice.cli.terminal.LogSetup;
import io.sluice.cli.terminal.ProcessExit;
import io.sluice.cli.terminal.ProgressBar;
import io.sluice.node.LocalNodeService;
import io.sluice.node.SluiceNode;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Faults;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.ConfigException;
import io.sluice.node.config.NodeConfig;
import io.sluice.node.home.Home;
import io.sluice.node.home.HomeLock;
import io.sluice.node.http.AdminFile;
import io.sluice.node.http.RemoteNodeService;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What all commands share: the global options, the home, and the service that answers: the running
 * node's if there is one, else the home opened for the time of the command.
 */
abstract class NodeCommand implements Callable<Integer> {
  /** How long a command waits for another one that has the home open. */
  private static final long PATIENCE_MILLIS = 15_000;

  private static final long LOOK_EVERY_MILLIS = 50;

  private @Nullable Sluice sluice;

  /** What the command ends with when it could be done; other than 0 where the answer is a no. */
  int exit;

  /** Says what the command takes on its command line: nothing, if it does not say. */
  void declare(Arguments arguments) {}

  /** The program that this is a command of; said before anything is asked of it. */
  final void of(Sluice program) {
    sluice = program;
  }

  /** Does the command's work and prints what came of it. */
  abstract void run(Output output) throws Exception;

  @Override
  public Integer call() throws Exception {
    setLogLevel();
    run(new Output(sluice()));
    return exit;
  }

  Sluice sluice() {
    return Objects.requireNonNull(sluice, "a command of no program");
  }

  CommandEnvironment surroundings() {
    return sluice().surroundings;
  }

  /** Of something that costs nothing. */
  ProgressBar progressBar() {
    return progressBar(progress -> progress.paid().toString());
  }

  /**
   * @param money how amounts are shown
   */
  ProgressBar progressBar(Function<Reports.ProgressReport, String> money) {
    boolean quiet = sluice().quiet;
    return new ProgressBar(
        surroundings().err(), quiet ? 0 : surroundings().terminal().errColumns(), quiet, money);
  }

  /** What is logged if nobody says; that all went well is said by a command's answer. */
  String usualLog() {
    return "warn";
  }

  private void setLogLevel() throws ServiceException {
    String level = sluice().log;
    if (level == null) {
      level = usualLog();
    }
    if (!List.of("error", "warn", "info", "debug", "trace")
        .contains(level.toLowerCase(Locale.ROOT))) {
      throw new ServiceException(
          ErrorCode.USAGE,
          "'%s' is not a log level; expected error, warn, info or debug".formatted(level));
    }
    LogSetup.show(level);
  }

  Home home() {
    Path given = sluice().home;
    String variable = sluice().environment().get("SLUICE_HOME");
    if (given != null) {
      return new Home(surroundings().folder().resolve(given));
    }
    return new Home(
        variable != null && !variable.isBlank()
            ? surroundings().folder().resolve(NodeConfig.path(variable, sluice().environment()))
            : NodeConfig.userHome(sluice().environment()).resolve(".sluice"));
  }

  NodeConfig config(Map<String, List<String>> flags) throws ServiceException {
    try {
      return NodeConfig.read(home().directory(), sluice().environment(), flags);
    } catch (ConfigException e) {
      throw new ServiceException(ErrorCode.BAD_CONFIG, "" + e.getMessage(), e);
    } catch (IOException e) {
      throw Faults.of(e, "the configuration cannot be read");
    }
  }

  Passphrases passphrases() {
    return new Passphrases(sluice(), home());
  }

  /** The service for this home; to be closed. */
  NodeService service() throws ServiceException {
    Home home = home();
    if (!home.exists()) {
      throw new ServiceException(
          ErrorCode.NO_HOME,
          "%s is not a Sluice home; run 'sluice init' first".formatted(home.directory()));
    }
    NodeConfig config = config(Map.of());
    try {
      // Another command may have the home open for a moment: then there is no node to ask, and
      // waiting is all it takes.
      for (long waited = 0; waited < PATIENCE_MILLIS; waited += LOOK_EVERY_MILLIS) {
        Optional<HomeLock> lock = HomeLock.tryTake(home);
        if (lock.isPresent()) {
          return LocalNodeService.of(
              SluiceNode.open(home, config, passphrases(), lock.get(), Clock.systemUTC()));
        }
        Optional<AdminFile> running = AdminFile.read(home.run());
        if (running.isPresent() && running.get().answers()) {
          ProcessExit.prepare();
          return RemoteNodeService.of(running.get());
        }
        Thread.sleep(LOOK_EVERY_MILLIS);
      }
    } catch (IOException e) {
      throw Faults.of(e, "the home " + home.directory() + " cannot be opened");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(DealCode.INTERRUPTED, "interrupted", e);
    }
    throw new ServiceException(
        ErrorCode.HOME_IN_USE,
        "another process has %s open and does not answer; wait for it or end it"
            .formatted(home.directory()));
  }

  /**
   * The text of a file that an option names, if it was given.
   *
   * @param what it is, for the message
   */
  Optional<String> textOf(@Nullable Path file, String what) throws ServiceException {
    if (file == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(Files.readString(Path.of(absolute(file))));
    } catch (IOException e) {
      throw Faults.of(e, what + " cannot be read");
    }
  }

  /** A path named on the command line; the node may run in another folder. */
  String absolute(Path path) {
    return surroundings().folder().resolve(path).normalize().toString();
  }
}
