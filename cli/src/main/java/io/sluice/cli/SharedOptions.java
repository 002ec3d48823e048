package io.sluice.cli;

import io.sluice.cli.arguments.Arguments;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.Quantities;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Options that several commands have, each group in one place. */
final class SharedOptions {
  private SharedOptions() {}

  /** Where content goes that a command writes, and in which form. */
  static final class ContentOut {
    @Nullable Path out;

    boolean car;

    boolean force;

    void declare(Arguments arguments) {
      arguments
          .option("-o,--out=OUT", Path.class, value -> out = value)
          .says("Where to; - is standard output. Default: a file named after the content.")
          .flag("--car", value -> car = value)
          .says("Write a CAR.")
          .flag("--force", value -> force = value)
          .says("Replace the file if it is there.");
    }
  }

  /** Which part of the content is meant. */
  static final class ContentPart {
    @Nullable Path selector;
    private @Nullable String scope;
    private @Nullable String bytes;

    void declare(Arguments arguments) {
      arguments
          .option("--dag-scope=PART", String.class, value -> scope = value)
          .says(
              "How much of it: all (default); entity, a file or the list of a folder; block, the"
                  + " one block.")
          .option("--bytes=FROM:TO", String.class, value -> bytes = value)
          .says(
              "Only these bytes of a file, both included; negative from the end; TO may be *, the"
                  + " end.")
          .option("--selector=FILE", Path.class, value -> selector = value)
          .says("What this selector (dag-json) finds; retrieved as a CAR.");
    }

    Optional<String> scope() {
      return Optional.ofNullable(scope);
    }

    Optional<String> bytes() {
      return Optional.ofNullable(bytes);
    }
  }

  /** The file of a command that writes one and has to be told which. */
  static final class NewFile {
    Path out = Path.of("");

    void declare(Arguments arguments) {
      arguments.needed("-o,--out=FILE", Path.class, value -> out = value).says("The file to make.");
    }
  }

  /** What a node is told by dsync beside what it is asked. */
  static final class BySync {
    private List<String> meta = List.of();
    private @Nullable Path token;

    void declare(Arguments arguments) {
      arguments
          .repeated(false, "--meta=K=V", value -> meta = value)
          .says("By dsync: something for the other end's checks to look at; may be repeated.")
          .option("--token=FILE", Path.class, value -> token = value)
          .says("At a URL: file with the token that it gave out.");
    }

    boolean isGiven() {
      return !meta.isEmpty() || token != null;
    }

    Requests.SyncRequest request(NodeCommand command, String target, String place, boolean pin)
        throws ServiceException {
      Map<String, String> pairs = new LinkedHashMap<>();
      for (String each : meta) {
        int equals = each.indexOf('=');
        if (equals < 1
            || pairs.put(each.substring(0, equals), each.substring(equals + 1)) != null) {
          throw new ServiceException(
              ErrorCode.USAGE, "--meta takes K=V, each K once, and not '%s'".formatted(each));
        }
      }
      return new Requests.SyncRequest(
          target, place, pin, pairs, command.textOf(token, "the token").map(String::strip));
    }

    static List<String> lines(Reports.SyncReport done) {
      return List.of(
          "%s  %s".formatted(done.root(), done.peer()),
          "%s of %s, %s in %.1f s%s"
              .formatted(
                  done.sent(),
                  Quantities.count(done.nodes(), "block"),
                  Quantities.show(done.bytes()),
                  done.durationMillis() / 1000.0,
                  done.reason().map(why -> ": " + why).orElse("")));
    }
  }

  /** The provider of a command that asks one. */
  static final class OneProvider {
    String address = "";

    void declare(Arguments arguments) {
      arguments
          .needed("--provider=ADDR", String.class, value -> address = value)
          .says("Multiaddr with the provider's peer id, or the id alone of a known peer.");
    }
  }
}
