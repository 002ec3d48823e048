package io.sluice.cli;

import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.NodeConfig;
import io.sluice.node.config.Quantities;
import io.sluice.node.home.Home;
import io.sluice.node.home.HomeLock;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The home, and the node that may run on it. */
final class HomeCommands {
  private HomeCommands() {}

  /** {@code sluice init}: sets a home up. */
  static final class Init extends NodeCommand {
    @Override
    void run(Output output) throws Exception {
      Home home = home();
      Optional<String> passphrase = passphrases().given();
      NodeConfig config = config(Map.of());
      home.init(
          passphrase,
          config.scryptN(),
          config.remoteKeys().isPresent() ? Home.Accounts.ELSEWHERE : Home.Accounts.HERE);
      try (NodeService service = service()) {
        Reports.IdentityReport identity = service.id();
        List<String> lines = new ArrayList<>(Id.lines(identity));
        if (passphrase.isEmpty()) {
          lines.add(
              "The keys are locked with a passphrase made for you, in %s."
                  .formatted(home.passphraseFile()));
          lines.add(
              "Whoever can read that file can spend what the keys own: keep a copy, and keep it"
                  + " safe.");
        }
        output.object(identity, lines);
      }
    }
  }

  /** {@code sluice id}: who am I. */
  static final class Id extends ServiceCommand {
    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.IdentityReport identity = service.id();
      output.object(identity, lines(identity));
    }

    static List<String> lines(Reports.IdentityReport identity) {
      List<String> lines = new ArrayList<>();
      lines.add("home     " + identity.home());
      lines.add("peer     " + identity.peerId());
      lines.add("account  " + identity.paymentAddress());
      identity.addresses().forEach(address -> lines.add("address  " + address));
      return lines;
    }
  }

  /** {@code sluice status}: what the node is doing. */
  static final class Status extends ServiceCommand {
    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.StatusReport status = service.status();
      output.object(
          status,
          List.of(
              status.running()
                  ? "running for %d s".formatted(status.uptimeSeconds())
                  : "not running",
              "peer         " + status.peerId(),
              "connections  " + status.connections(),
              "deals        %d under way".formatted(status.deals()),
              "served       " + Quantities.show(status.bytesServed()),
              "earned       " + sums(status, Reports.SumsReport::earned, output.tokens()),
              "spent        " + sums(status, Reports.SumsReport::spent, output.tokens())));
    }

    private static String sums(
        Reports.StatusReport status, Function<Reports.SumsReport, TokenAmount> sum, Tokens tokens) {
      return status.sums().stream()
          .map(each -> tokens.show(sum.apply(each), EvmAddress.parse(each.token())))
          .collect(Collectors.joining(", "));
    }
  }

  /** {@code sluice stop}: ends the running node and waits until it is gone. */
  static final class Stop extends NodeCommand {
    private static final long LOOK_EVERY_MILLIS = 50;

    @Override
    void run(Output output) throws Exception {
      try (NodeService service = service()) {
        service.stop();
      }
      long patience = config(Map.of()).drain().toMillis() + 15_000;
      for (long waited = 0; waited < patience; waited += LOOK_EVERY_MILLIS) {
        Optional<HomeLock> lock = HomeLock.tryTake(home());
        if (lock.isPresent()) {
          lock.get().close();
          output.object(Map.of("stopped", true), List.of("stopped"));
          return;
        }
        Thread.sleep(LOOK_EVERY_MILLIS);
      }
      throw new ServiceException(DealCode.TIMEOUT, "the node was told to stop and still runs");
    }
  }
}
