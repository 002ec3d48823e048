package io.sluice.cli;

import io.sluice.cli.arguments.Arguments;
import io.sluice.cli.terminal.ProgressBar;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.Quantities;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code sluice push}: gives content to a peer that takes it. */
final class PushCommand extends NodeCommand {
  private String target = "";
  private String to = "";
  private @Nullable String voucherType;
  private @Nullable Path voucher;
  private boolean pin;
  private final SharedOptions.BySync bySync = new SharedOptions.BySync();

  @Override
  void declare(Arguments arguments) {
    arguments
        .word("CID[/path]", String.class, value -> target = value)
        .says("What to push; all of it has to be here.")
        .needed("--to=ADDR", String.class, value -> to = value)
        .says(
            "Who is to have it: a multiaddr with a peer id, or the id alone of a known peer; or an"
                + " http or https URL. A peer that takes no data transfers is pushed to by dsync,"
                + " as a URL is.")
        .option("--voucher-type=NAME", String.class, value -> voucherType = value)
        .says("Type of the voucher, for peers that want another one.")
        .option("--voucher=FILE", Path.class, value -> voucher = value)
        .says("That voucher, as dag-json; default null.")
        .flag("--pin", value -> pin = value)
        .says("By dsync: ask to keep what came.");
    bySync.declare(arguments);
  }

  @Override
  void run(Output output) throws Exception {
    boolean url = Requests.SyncRequest.isUrl(to);
    boolean vouched = voucherType != null || voucher != null;
    if (vouched && (url || pin || bySync.isGiven())) {
      throw new ServiceException(
          ErrorCode.USAGE, "vouchers are for data transfers, and not for URLs and dsync");
    }
    if (url || pin || bySync.isGiven()) {
      pushBySync(output);
      return;
    }
    try {
      pushByTransfer(output);
    } catch (ServiceException e) {
      if (e.code() != ErrorCode.DSYNC_ONLY || vouched) {
        throw e;
      }
      pushBySync(output);
    }
  }

  private void pushBySync(Output output) throws Exception {
    Requests.SyncRequest request = bySync.request(this, target, to, pin);
    try (NodeService service = service();
        ProgressBar bar = progressBar()) {
      Reports.SyncReport pushed = service.pushDag(request, bar::show);
      bar.end();
      output.object(pushed, SharedOptions.BySync.lines(pushed));
    }
  }

  private void pushByTransfer(Output output) throws Exception {
    Requests.PushRequest request =
        new Requests.PushRequest(
            target, to, Optional.ofNullable(voucherType), textOf(voucher, "the voucher"));
    try (NodeService service = service();
        ProgressBar bar = progressBar()) {
      Reports.PushReport pushed = service.push(request, bar::show);
      bar.end();
      output.object(
          pushed,
          List.of(
              "%s  %s".formatted(pushed.root(), pushed.peer()),
              "%s in %s, %.1f s by transfer %s"
                  .formatted(
                      Quantities.show(pushed.bytes()),
                      Quantities.count(pushed.blocks(), "block"),
                      pushed.durationMillis() / 1000.0,
                      pushed.id())));
    }
  }
}
