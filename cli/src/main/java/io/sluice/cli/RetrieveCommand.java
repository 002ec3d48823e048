package io.sluice.cli;

import io.sluice.cli.arguments.ArgumentTypes.Amount;
import io.sluice.cli.arguments.Arguments;
import io.sluice.cli.arguments.KnownTokens;
import io.sluice.cli.arguments.PaymentLimits;
import io.sluice.cli.arguments.PriceOptions;
import io.sluice.cli.arguments.TokenOption;
import io.sluice.cli.terminal.ProcessExit;
import io.sluice.cli.terminal.ProgressBar;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.Quantities;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** {@code sluice retrieve}: buys content and writes it out. */
final class RetrieveCommand extends NodeCommand {
  private static final long PARKING_SECONDS = 20;

  private String target = "";
  private List<String> providers = List.of();
  private SharedOptions.ContentOut to = new SharedOptions.ContentOut();
  private final PriceOptions maxPrice = new PriceOptions();
  private @Nullable Amount maxTotal;
  private final TokenOption token = new TokenOption();
  private final SharedOptions.ContentPart part = new SharedOptions.ContentPart();

  @Override
  void declare(Arguments arguments) {
    arguments
        .word("CID[/path]", String.class, value -> target = value)
        .says("What to buy.")
        .repeated(true, "--provider=ADDR", value -> providers = value)
        .says(
            "Multiaddr with a provider's peer id, or the id alone of a known peer; several: the"
                + " cheapest first.");
    to.declare(arguments);
    maxPrice.declare(
        arguments,
        "max-price",
        "Dearest price to pay for each MiB: base units, or such as 0.00001FIL.");
    arguments
        .option("--max-total=N", Amount.class, value -> maxTotal = value)
        .says("Most to pay in all, such as 0.5FIL; default what is asked and a tenth.");
    token.declare(
        arguments,
        "Pay in this token only: a symbol, an address or native; default that of the limits, or"
            + " without limits any of ledger.token.");
    part.declare(arguments);
  }

  @Override
  void run(Output output) throws Exception {
    boolean asCar = to.car || part.selector != null;
    OutFile file = OutFile.of(this, to, target, asCar);
    String run = UUID.randomUUID().toString();
    try (NodeService service = service()) {
      Tokens tokens = output.with(KnownTokens.of(service)).tokens();
      PaymentLimits limits = PaymentLimits.of(maxPrice, maxTotal, token, tokens);
      Requests.RetrieveRequest request =
          new Requests.RetrieveRequest(
              target,
              providers,
              Optional.of(file.written()),
              asCar,
              to.force,
              limits.maxPricePerMiB(),
              limits.maxTotal(),
              limits.token().map(EvmAddress::toString),
              textOf(part.selector, "the selector"),
              part.scope(),
              part.bytes(),
              run);
      Thread hook = new Thread(() -> park(service, run), "parking");
      Runtime.getRuntime().addShutdownHook(hook);
      try (ProgressBar bar = progressBar(progress -> paid(progress, tokens))) {
        Reports.RetrievalReport retrieved =
            file.isStream()
                ? service.retrieveStream(request, bar::show, file.stream())
                : service.retrieve(request, bar::show);
        bar.end();
        file.report(output, retrieved, lines(retrieved, tokens), retrieved.leftOut());
      } finally {
        removeHook(hook);
      }
    }
  }

  /**
   * Runs in the JVM's shutdown after Ctrl-C: pays for what is here and puts the deal aside. The
   * command then ends as it always does, which ends the process; here is only waited for that.
   */
  private static void park(NodeService service, String token) {
    try {
      service.interrupt(token);
      TimeUnit.SECONDS.sleep(PARKING_SECONDS);
    } catch (ServiceException e) {
      // The deal is in the journal as it stands; the same command goes on from there.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    ProcessExit.with(DealCode.INTERRUPTED.exit());
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the JVM is on its way out, by way of that hook
    }
  }

  private static String paid(Reports.ProgressReport progress, Tokens tokens) {
    return tokens.show(
        progress.paid(), progress.token().map(EvmAddress::parse).orElseGet(tokens::paidIn));
  }

  private static List<String> lines(Reports.RetrievalReport retrieved, Tokens tokens) {
    List<String> lines = new ArrayList<>();
    retrieved.out().ifPresent(out -> lines.add("%s  %s".formatted(retrieved.cid(), out)));
    if (retrieved.dealId().isEmpty()) {
      lines.add(
          "%s, all of it here already: nothing to pay"
              .formatted(Quantities.show(retrieved.bytes())));
      return lines;
    }
    lines.add(
        "%s in %.1f s%s, paid %s in %s"
            .formatted(
                Quantities.show(retrieved.bytes()),
                retrieved.durationMillis() / 1000.0,
                by(retrieved.deals().stream().map(Reports.DealCostReport::dealId).toList()),
                tokens.show(
                    retrieved.totalPaid(),
                    retrieved.token().map(EvmAddress::parse).orElseGet(tokens::paidIn)),
                Quantities.count(retrieved.vouchers(), "voucher")));
    return lines;
  }

  private static String by(List<String> deals) {
    return (deals.size() == 1 ? " by deal " : " by deals ") + String.join(", ", deals);
  }
}
