package io.sluice.cli;

import static io.sluice.cli.CommandTree.command;
import static io.sluice.cli.CommandTree.group;

import io.sluice.cli.arguments.ArgumentTypes.Time;
import io.sluice.cli.arguments.Arguments;
import io.sluice.cli.chain.LocalChain;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

/** {@code sluice chain}: a chain of one's own. */
final class ChainCommand {
  static final CommandTree TREE =
      group(
          "chain",
          "A chain of one's own.",
          command(
              "dev",
              "Start a throw-away chain with the payment channel contract, and show what is on it.",
              Dev::new));

  private ChainCommand() {}

  /**
   * What is on the chain.
   *
   * @param key the account's secret, which everybody knows
   */
  record DevChain(String url, long chainId, String contract, String account, String key) {
    List<String> lines() {
      return List.of(
          "url       " + url,
          "chain     " + chainId,
          "contract  " + contract,
          "account   " + account,
          "key       " + key,
          "ready");
    }
  }

  /** {@code sluice chain dev}. */
  static final class Dev extends NodeCommand {
    /** One of the numbers that local networks of Filecoin have. */
    private static final long LOCAL_CHAIN = 31415926;

    private static final int USUAL_PORT = 8545;
    private static final int HIGHEST_PORT = 65535;
    private static final Duration LONGEST = Duration.ofHours(1);

    private int port = USUAL_PORT;
    private long chainId = LOCAL_CHAIN;
    private Duration blockTime = Duration.ofSeconds(1);

    @Override
    void declare(Arguments arguments) {
      arguments
          .option("--port=N", Integer.class, value -> port = value)
          .says("Where it listens on loopback; default 8545, 0 for any that is free.")
          .option("--chain-id=N", Long.class, value -> chainId = value)
          .says("The chain's number; default 31415926.")
          .option("--block-time=DURATION", Time.class, value -> blockTime = value.length())
          .says("How often there is a block; default 1s, 0s for one with each transaction.");
    }

    @Override
    void run(Output output) throws Exception {
      require(port >= 0 && port <= HIGHEST_PORT, "--port is a number from 0 to 65535");
      require(chainId > 0, "--chain-id is a number above 0");
      require(
          blockTime.toNanosPart() == 0 && blockTime.compareTo(LONGEST) <= 0,
          "--block-time is a number of whole seconds, at most an hour");
      LocalChain.Settings settings = new LocalChain.Settings(port, chainId, blockTime);
      try (LocalChain chain =
          LocalChain.start(settings, sluice().environment(), text -> output.aside(List.of(text)))) {
        DevChain report =
            new DevChain(
                chain.url().toString(),
                chain.domain().chainId(),
                chain.domain().contract().toString(),
                chain.account().address().toString(),
                "0x" + HexFormat.of().formatHex(chain.account().secret()));
        output.object(report, report.lines());
        int code = chain.awaitEnd();
        throw new ServiceException(ErrorCode.IO, "the local chain ended by itself: exit " + code);
      }
    }

    private static void require(boolean holds, String message) throws ServiceException {
      if (!holds) {
        throw new ServiceException(ErrorCode.USAGE, message);
      }
    }
  }
}
