package io.sluice.cli.arguments;

import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.ServiceException;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.EvmAddress;
import java.util.List;

/** The tokens that a node knows; what reads and shows amounts is what acts on them. */
public final class KnownTokens {
  private KnownTokens() {}

  /** Those of the node that answers. */
  public static Tokens of(NodeService service) throws ServiceException {
    Reports.TokensReport tokens = service.tokens();
    List<Token> all = tokens.known().stream().map(KnownTokens::token).toList();
    return new Tokens(
        all.getFirst(),
        all.subList(1, all.size()),
        tokens.accepted().stream().map(EvmAddress::parse).toList());
  }

  private static Token token(Reports.TokenReport report) {
    return new Token(report.symbol(), EvmAddress.parse(report.address()), report.decimals());
  }
}
