package io.sluice.cli;

import static io.sluice.cli.CommandTree.command;
import static io.sluice.cli.CommandTree.commandWith;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.ServiceException;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.EvmAddress;
import java.util.ArrayList;
import java.util.List;

/** {@code sluice books}: money, by channel. */
final class BooksCommand extends ServiceCommand {
  static final CommandTree TREE =
      commandWith(
          "books",
          "Earned, spent, owed and redeemed, by channel.",
          BooksCommand::new,
          command(
              "export",
              "The books deal by deal, as a table or for a program for sheets.",
              BooksExportCommand::new));

  @Override
  void run(NodeService service, Output output) throws Exception {
    Reports.BooksReport books = service.books();
    output.object(books, lines(books, output.tokens()));
    if (!books.sound()) {
      throw new ServiceException(
          ErrorCode.STORE_CORRUPT,
          "the sums of this home do not agree; 'sluice channels show' has them");
    }
  }

  static List<Object> lines(Reports.BooksReport books, Tokens tokens) {
    List<Object> lines = new ArrayList<>();
    for (Reports.SumsReport sums : books.sums()) {
      EvmAddress token = EvmAddress.parse(sums.token());
      lines.add("earned       " + tokens.show(sums.earned(), token));
      lines.add("spent        " + tokens.show(sums.spent(), token));
      lines.add("owed to us   " + tokens.show(sums.owed(), token));
      lines.add("redeemed     " + tokens.show(sums.redeemed(), token));
      lines.add("outstanding  " + tokens.show(sums.outstanding(), token));
    }
    if (!books.channels().isEmpty()) {
      lines.add(ChannelsCommand.table(books.channels(), tokens));
    }
    return lines;
  }
}
