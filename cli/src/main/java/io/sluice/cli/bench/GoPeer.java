package io.sluice.cli.bench;

import io.sluice.cli.stage.Stage;
import io.sluice.node.http.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The Go program of the interop tests: go-data-transfer over go-graphsync, for nothing, from a CAR
 * and into one. Its provider ends a transfer with one message: that it waits for nothing more and
 * that it is done go on streams of their own otherwise, and go-data-transfer never ends a transfer
 * to which they came the other way round.
 */
record GoPeer(Stage stage, Path program) {
  /** What {@code gopeer fetch} prints. */
  record Fetched(long blocks, long millis, long firstByteMillis) {}

  /** Starts a provider of a CAR. */
  Stage.Node provide(Path car) throws Exception {
    return stage
        .start(
            new Stage.Command(
                stage.file("gopeer.log"),
                List.of(
                    program.toString(), "provide", "--finalize=false", "--car", car.toString())))
        .ready();
  }

  /** Fetches with so many processes at once. */
  Figures fetch(String cid, long bytes, Peer provider, int clients) throws Exception {
    List<Stage.Command> commands = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      commands.add(
          new Stage.Command(
              stage.file("gopeer-%d.log".formatted(i)),
              List.of(
                  program.toString(),
                  "fetch",
                  "--provider",
                  provider.address(),
                  "--cid",
                  cid,
                  "--out",
                  stage.file("gopeer-%d.car".formatted(i)).toString())));
    }
    return TimedCommands.run(stage, commands, List.of(), provider)
        .figures(bytes * clients, GoPeer::arrival);
  }

  private static Arrival arrival(String printed) throws IOException {
    Fetched fetched = Json.read(printed, Fetched.class);
    return new Arrival(fetched.blocks(), fetched.firstByteMillis(), fetched.millis(), 0);
  }
}
