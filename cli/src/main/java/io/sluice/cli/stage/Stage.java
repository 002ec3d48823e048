package io.sluice.cli.stage;

import io.sluice.node.LocalNodeService;
import io.sluice.node.SluiceNode;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.NodeConfig;
import io.sluice.node.home.Home;
import io.sluice.node.home.HomeLock;
import io.sluice.node.http.AdminFile;
import io.sluice.node.http.RemoteNodeService;
import io.sluice.protocol.retrieval.DealCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A folder with homes in it, over a ledger of their own, and the processes that run there. All of
 * it goes away when the stage is closed, and when this process is ended before that.
 */
public final class Stage implements AutoCloseable {
  private final Path folder;
  private final List<String> program;
  private final Map<String, String> environment;
  private final Consumer<String> say;
  private final List<Process> processes = new ArrayList<>();
  private final Thread cleaner = new Thread(this::clear, "cleaning");
  private boolean cleared;

  private Stage(
      Path folder, List<String> program, Map<String, String> environment, Consumer<String> say) {
    this.folder = folder;
    this.program = program;
    this.environment = new HashMap<>(environment);
    this.environment.put("SLUICE_LEDGER", file("ledger").toString());
    this.say = say;
  }

  /**
   * Makes one.
   *
   * @param name what the folder's name begins with
   * @param program the words that start the program, before those of a command
   * @param environment variables for the program; no others of its own are handed down
   * @param say takes what somebody should know
   */
  public static Stage set(
      String name, List<String> program, Map<String, String> environment, Consumer<String> say)
      throws IOException {
    Stage stage = new Stage(Files.createTempDirectory(name), program, environment, say);
    Runtime.getRuntime().addShutdownHook(stage.cleaner);
    return stage;
  }

  /** What to start; what it complains of goes to the log. */
  public record Command(Path log, List<String> words) {}

  /** A process under way. */
  public record Started(Process process, Path log) {
    /** Waits for the end, which has to be a good one, and returns what was printed. */
    public String finish() throws Exception {
      String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw failed(log, printed);
      }
      return printed;
    }

    /** Waits for a peer to say where it listens, and then that it is ready. */
    public Node ready() throws Exception {
      String address = "";
      BufferedReader lines = process.inputReader();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("listening ") && address.isEmpty()) {
          address = line.substring("listening ".length());
        }
        if (line.equals("ready")) {
          Thread.ofVirtual().start(() -> drain(lines));
          return new Node(process, address);
        }
      }
      throw failed(log, "");
    }

    /** Reads on to the end: a peer that has more to say would die of a closed pipe. */
    private static void drain(BufferedReader lines) {
      try (lines) {
        lines.transferTo(Writer.nullWriter());
      } catch (IOException e) {
        // it was ended
      }
    }
  }

  /** A node in a process of its own, that peers reach at an address. */
  public record Node(Process process, String address) {
    /** Has it finish what it does and end. */
    public void stop() {
      process.destroy();
      process.onExit().join();
    }
  }

  /** A file or folder in here. */
  public Path file(String name) {
    return folder.resolve(name);
  }

  /** Sets up a home in here. */
  public Home init(String name) throws Exception {
    Home home = new Home(file(name));
    home.init(Optional.empty(), NodeConfig.read(home.directory(), environment, Map.of()).scryptN());
    return home;
  }

  /** Opens a home in this process; to be closed before another one wants it. */
  public NodeService open(Home home) throws Exception {
    HomeLock lock =
        HomeLock.tryTake(home)
            .orElseThrow(
                () -> new ServiceException(ErrorCode.HOME_IN_USE, home + " is still open"));
    return LocalNodeService.of(
        SluiceNode.open(
            home,
            NodeConfig.read(home.directory(), environment, Map.of()),
            () -> readPassphrase(home),
            lock,
            Clock.systemUTC()));
  }

  private static String readPassphrase(Home home) throws ServiceException {
    try {
      return Files.readString(home.passphraseFile()).strip();
    } catch (IOException e) {
      throw new ServiceException(ErrorCode.NO_PASSPHRASE, "the passphrase is gone", e);
    }
  }

  /** The node that runs in a home. */
  public static NodeService remote(Home home) throws ServiceException {
    return RemoteNodeService.of(
        AdminFile.read(home.run())
            .orElseThrow(
                () -> new ServiceException(ErrorCode.NOT_RUNNING, home + " has no node any more")));
  }

  /** Starts a node in a home and waits until it is ready. */
  public Node run(Home home) throws Exception {
    return start(command(home, "run", "--listen", "/ip4/127.0.0.1/tcp/0", "--http", "127.0.0.1:0"))
        .ready();
  }

  /** A command of this program in a home. */
  public Command command(Home home, String... arguments) {
    List<String> words = new ArrayList<>(program);
    words.addAll(List.of("--home", home.directory().toString()));
    words.addAll(List.of(arguments));
    return new Command(file(home.directory().getFileName() + ".log"), words);
  }

  /** Starts a program in a process of its own. */
  public synchronized Started start(Command command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command.words())
            .redirectError(ProcessBuilder.Redirect.appendTo(command.log().toFile()));
    builder.environment().keySet().removeIf(key -> key.startsWith("SLUICE_"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    processes.add(process);
    process.getOutputStream().close();
    return new Started(process, command.log());
  }

  /** Some say why on standard error, some in what they print. */
  private static ServiceException failed(Path log, String printed) throws IOException {
    Stream<String> lines = Stream.concat(printed.lines(), Files.readAllLines(log).stream());
    return new ServiceException(
        DealCode.INTERNAL,
        "%s: %s".formatted(log.getFileName(), lines.reduce((one, next) -> next).orElse("no word")));
  }

  @Override
  public void close() {
    clear();
    try {
      Runtime.getRuntime().removeShutdownHook(cleaner);
    } catch (IllegalStateException e) {
      // the JVM is on its way out and cleans up by that hook
    }
  }

  private synchronized void clear() {
    if (cleared) {
      return;
    }
    cleared = true;
    for (Process process : processes) {
      process.destroyForcibly().onExit().join();
    }
    try {
      Digests.deleteTree(folder);
    } catch (IOException e) {
      say.accept("%s stays behind: %s".formatted(folder, e));
    }
  }
}
