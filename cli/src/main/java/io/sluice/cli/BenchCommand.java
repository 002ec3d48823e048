package io.sluice.cli;

import static io.sluice.cli.CommandTree.command;
import static io.sluice.cli.CommandTree.group;

import io.sluice.cli.arguments.ArgumentTypes.Amount;
import io.sluice.cli.arguments.ArgumentTypes.Size;
import io.sluice.cli.arguments.Arguments;
import io.sluice.cli.bench.BenchOutcome;
import io.sluice.cli.bench.Benchmarks;
import io.sluice.cli.bench.DealsPlan;
import io.sluice.cli.bench.RetrievePlan;
import io.sluice.cli.stage.Self;
import io.sluice.cli.stage.Stage;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.payments.ledger.embedded.EmbeddedLedger;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.Tokens;
import io.sluice.payments.token.WrittenAmount;
import io.sluice.protocol.retrieval.DealCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** {@code sluice bench}: how fast this is here, and what bounds it. */
final class BenchCommand {
  static final CommandTree TREE =
      group(
          "bench",
          "Measure this program on this machine.",
          command(
              "retrieve",
              "Time whole retrievals between processes, and what they are measured against.",
              BenchRetrieve::new),
          command(
              "deals",
              "Time small deals between two running nodes, and see what they hold on to.",
              BenchDeals::new),
          command(
              "vouchers",
              "Time vouchers of many clients until they are durable at a provider.",
              BenchVouchers::new),
          command(
              "import",
              "Time the import of a file and its verification, against hashing and the disk.",
              BenchImport::new),
          command(
              "store",
              "Time what is decided and kept of deals, against the disk, and how a full store"
                  + " opens.",
              BenchStore::new));

  /** What the ledgers have that are made for a measurement. */
  private static final Tokens PLAY = new Tokens(Token.coinOf(EmbeddedLedger.FACTS), List.of());

  private BenchCommand() {}

  /** What they share: other processes of this program, in a folder that goes away. */
  private abstract static class Bench extends NodeCommand {
    /** Variables that go along to the processes: how the JVM runs, and what is not measured. */
    private static final List<String> HANDED_DOWN =
        List.of("SLUICE_JAVA_OPTS", "SLUICE_KEYSTORE_SCRYPT_N", "SLUICE_STORAGE_FREE");

    /** Set by the launcher to itself: clients start as a user starts them. */
    private static final String LAUNCHER = "SLUICE_LAUNCHER";

    @Override
    void run(Output output) throws Exception {
      try (Stage stage = Stage.set("sluice-bench", program(), handedDown(), this::say)) {
        BenchOutcome outcome = run(stage);
        output.object(outcome.object(), outcome.lines());
        if (outcome.failure().isPresent()) {
          throw new ServiceException(DealCode.INTERNAL, outcome.failure().get());
        }
      }
    }

    abstract BenchOutcome run(Stage stage) throws Exception;

    static void check(String option, int value, int least) throws ServiceException {
      if (value < least) {
        throw new ServiceException(
            ErrorCode.USAGE, "%s is %d; expected %d or more".formatted(option, value, least));
      }
    }

    Optional<Path> launcher() {
      return Optional.ofNullable(surroundings().environment().get(LAUNCHER)).map(Path::of);
    }

    private List<String> program() {
      return launcher()
          .map(launcher -> List.of(launcher.toString()))
          .orElseGet(() -> Self.command(Sluice.class));
    }

    private Map<String, String> handedDown() {
      Map<String, String> variables = new HashMap<>(surroundings().environment());
      variables.keySet().retainAll(HANDED_DOWN);
      return variables;
    }

    void say(String text) {
      if (!sluice().quiet) {
        surroundings().err().println("bench: " + text);
        surroundings().err().flush();
      }
    }
  }

  /** {@code sluice bench retrieve}. */
  static final class BenchRetrieve extends Bench {
    private static final String GOPEER = "cli/target/peers/gopeer"; // where .ci/interop builds it

    private Size size = new Size(512 << 20);
    private int clients = 1;
    private Amount price = Amount.ZERO;
    private @Nullable Size interval;
    private @Nullable Size chunk;
    private int rtt;
    private int smallFiles;
    private boolean cold;
    private boolean warm;
    private int runs = 3;
    private @Nullable Path go;

    @Override
    void declare(Arguments arguments) {
      arguments
          .option("--size=SIZE", Size.class, value -> size = value)
          .says("Content, for each client; default 512MiB.")
          .option("--small-files=N", Integer.class, value -> smallFiles = value)
          .says("A folder with so many files of 1 to 4 KiB, in place of one of that size.")
          .option("--chunk=SIZE", Size.class, value -> chunk = value)
          .says("Size of the blocks; default as import has it.")
          .option("--clients=N", Integer.class, value -> clients = value)
          .says("How many fetch at once; default 1.")
          .option("--price=N", Amount.class, value -> price = value)
          .says("Price for a MiB, in base units or PLAY; default 0.")
          .option("--interval=SIZE", Size.class, value -> interval = value)
          .says("A payment interval that stays; default as ask set has it, growing.")
          .option("--rtt=MILLIS", Integer.class, value -> rtt = value)
          .says("How much longer a round trip takes: content goes through a delaying relay.")
          .flag("--cold", value -> cold = value)
          .says("Time commands that do all by themselves; the default.")
          .flag("--warm", value -> warm = value)
          .says("Time commands beside a running node that has fetched other content before.")
          .option("--runs=N", Integer.class, value -> runs = value)
          .says("How often; default 3.")
          .option("--go=PATH", Path.class, value -> go = value)
          .says("The Go program to compare with; default where the checkout's .ci/interop has it.");
    }

    @Override
    BenchOutcome run(Stage stage) throws Exception {
      return Benchmarks.retrieve(plan(), stage, this::say);
    }

    private RetrievePlan plan() throws ServiceException {
      if (cold && warm) {
        throw new ServiceException(ErrorCode.USAGE, "--cold or --warm, not both");
      }
      check("--clients", clients, 1);
      check("--runs", runs, 1);
      check("--rtt", rtt, 0);
      check("--small-files", smallFiles, 0);
      if (size.bytes() < 1) {
        throw new ServiceException(ErrorCode.BAD_SIZE, "--size has to be 1 or more");
      }
      return new RetrievePlan(
          size.bytes(),
          smallFiles,
          Optional.ofNullable(chunk).map(Size::bytes),
          clients,
          price.units(PLAY, PLAY.paidIn()),
          Optional.ofNullable(interval).map(Size::bytes),
          rtt,
          warm,
          runs,
          gopeer());
    }

    private Optional<Path> gopeer() throws ServiceException {
      if (go == null) {
        return launcher()
            .map(launcher -> launcher.resolveSibling(GOPEER))
            .filter(Files::isExecutable);
      }
      Path given = Path.of(absolute(go));
      if (!Files.isExecutable(given)) {
        throw new ServiceException(ErrorCode.NO_SUCH_FILE, given + ": no such program");
      }
      return Optional.of(given);
    }
  }

  /** {@code sluice bench deals}. */
  static final class BenchDeals extends Bench {
    private int deals = 1000;
    private Size size = new Size(4 << 10);
    private int atOnce = 8;
    private Amount price = new Amount(WrittenAmount.parse("1000"));

    @Override
    void declare(Arguments arguments) {
      arguments
          .option("--deals=N", Integer.class, value -> deals = value)
          .says("How many at full load; half as many follow at half of that; default 1000.")
          .option("--size=SIZE", Size.class, value -> size = value)
          .says("What each buys; default 4KiB.")
          .option("--at-once=N", Integer.class, value -> atOnce = value)
          .says("How many are under way at full load; default 8.")
          .option("--price=N", Amount.class, value -> price = value)
          .says("Price for a MiB, in base units or PLAY; default 1000.");
    }

    @Override
    BenchOutcome run(Stage stage) throws Exception {
      check("--deals", deals, 1);
      check("--at-once", atOnce, 1);
      if (size.bytes() < 1) {
        throw new ServiceException(ErrorCode.BAD_SIZE, "--size has to be 1 or more");
      }
      return Benchmarks.deals(
          new DealsPlan(deals, size.bytes(), atOnce, price.units(PLAY, PLAY.paidIn())),
          stage,
          this::say);
    }
  }

  /** {@code sluice bench vouchers}. */
  static final class BenchVouchers extends Bench {
    private int clients = 32;
    private int seconds = 20;
    private OptionalInt rate = OptionalInt.empty();

    @Override
    void declare(Arguments arguments) {
      arguments
          .option("--clients=N", Integer.class, value -> clients = value)
          .says("How many pay at once, each on a channel of its own; default 32.")
          .option("--seconds=N", Integer.class, value -> seconds = value)
          .says("For how long as fast as they can, and as long again at a pace; default 20.")
          .option("--rate=N", Integer.class, value -> rate = OptionalInt.of(value))
          .says("That pace, vouchers of all of them in a second; default half of what they could.");
    }

    @Override
    BenchOutcome run(Stage stage) throws Exception {
      check("--clients", clients, 1);
      check("--seconds", seconds, 1);
      if (rate.isPresent()) {
        check("--rate", rate.getAsInt(), 1);
      }
      return Benchmarks.vouchers(clients, seconds, rate, stage, this::say);
    }
  }

  /** {@code sluice bench import}. */
  static final class BenchImport extends Bench {
    private Size size = new Size(512 << 20);
    private int runs = 3;

    @Override
    void declare(Arguments arguments) {
      arguments
          .option("--size=SIZE", Size.class, value -> size = value)
          .says("The file; default 512MiB.")
          .option("--runs=N", Integer.class, value -> runs = value)
          .says("How often, after one that does not count; default 3.");
    }

    @Override
    BenchOutcome run(Stage stage) throws Exception {
      check("--runs", runs, 1);
      if (size.bytes() < 1) {
        throw new ServiceException(ErrorCode.BAD_SIZE, "--size has to be 1 or more");
      }
      return Benchmarks.importing(size.bytes(), runs, stage, this::say);
    }
  }

  /** {@code sluice bench store}. */
  static final class BenchStore extends Bench {
    private int deals = 10_000;
    private int atOnce = 64;

    @Override
    void declare(Arguments arguments) {
      arguments
          .option("--deals=N", Integer.class, value -> deals = value)
          .says("How many are begun and ended; default 10000.")
          .option("--at-once=N", Integer.class, value -> atOnce = value)
          .says("How many are under way; default 64.");
    }

    @Override
    BenchOutcome run(Stage stage) throws Exception {
      check("--deals", deals, 1);
      check("--at-once", atOnce, 1);
      return Benchmarks.store(deals, atOnce, stage, this::say);
    }
  }
}
