package io.sluice.payments.ledger.evm;

import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.evm.Agreement.Agreed;
import io.sluice.payments.ledger.evm.Agreement.Disputed;
import io.sluice.payments.ledger.evm.Agreement.Testimony;
import io.sluice.payments.ledger.evm.contract.ContractViews;
import io.sluice.payments.ledger.evm.contract.ContractViews.View;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the contract and tokens say. One endpoint's word is enough for little, and for what costs us
 * at most trouble, such as that a payer takes its deposit back; for a deposit above a bound, and
 * for much that is said to be redeemed, two have to say the same of the same block. Safe for many
 * threads. Spec: PAYMENT CHANNELS, 8.6.
 */
final class ChainViews {
  private static final Logger LOG = LoggerFactory.getLogger(ChainViews.class);
  private static final long MAX_EMPTY_EPOCHS = 20;

  private final Endpoints endpoints;
  private final EvmAddress contract;
  private final EvmSettings settings;

  ChainViews(Endpoints endpoints, EvmSettings settings) {
    this.endpoints = endpoints;
    this.contract = settings.domain().contract();
    this.settings = settings;
  }

  /** What two endpoints are compared by: an answer, and the block that it is of. */
  private record Facts<T>(long block, Bytes32 hash, T answer) {}

  /** The channel at the head. */
  Optional<Channel> channel(Bytes32 id) throws IOException {
    View<Optional<Channel>> view = ContractViews.channel(id);
    Optional<Channel> said = latest(contract, view);
    if (!isMuch(said)) {
      return said;
    }
    Agreement<Facts<Optional<Channel>>> agreement = agreement(view, OptionalLong.empty());
    Optional<Optional<Channel>> ending =
        agreement instanceof Disputed<Facts<Optional<Channel>>> disputed
            ? disputed.said().stream()
                .map(testimony -> testimony.facts().answer())
                .filter(ChainViews::isEnding)
                .findFirst()
            : Optional.empty();
    return ending.isPresent() ? ending.get() : believed(agreement, "channel " + id);
  }

  /** The channel at the end of an earlier block. */
  Optional<Channel> channel(Bytes32 id, long height) throws IOException {
    View<Optional<Channel>> view = ContractViews.channel(id);
    Optional<Channel> said = at(view, height);
    if (!isMuch(said)) {
      return said;
    }
    Agreement<Facts<Optional<Channel>>> agreement = agreement(view, OptionalLong.of(height));
    // Where the payer takes its deposit back, nothing of it counts, but that has to be heard.
    return !(agreement instanceof Agreed) && isEnding(latest(contract, view))
        ? Optional.empty()
        : believed(agreement, "channel " + id);
  }

  /** What a lane was paid; as long as endpoints contradict each other, the least of it. */
  TokenAmount redeemed(Bytes32 channel, long lane) throws IOException {
    View<TokenAmount> view = ContractViews.lane(channel, lane);
    TokenAmount said = latest(contract, view);
    if (!settings.needsTwo(said)) {
      return said;
    }
    return switch (agreement(view, OptionalLong.empty())) {
      case Agreed<Facts<TokenAmount>> agreed -> agreed.facts().answer();
      case Disputed<Facts<TokenAmount>> disputed -> least(disputed.said());
      case Agreement.TooFew<Facts<TokenAmount>> tooFew -> {
        LOG.debug("one endpoint alone says what lane {} of {} was paid", lane, channel);
        yield said;
      }
    };
  }

  private static TokenAmount least(List<Testimony<Facts<TokenAmount>>> said) {
    return said.stream()
        .map(testimony -> testimony.facts().answer())
        .reduce(TokenAmount::min)
        .orElseThrow();
  }

  TokenAmount credit(EvmAddress token, EvmAddress account) throws IOException {
    return latest(contract, ContractViews.credit(token, account));
  }

  TokenAmount balance(EvmAddress token, EvmAddress account) throws IOException {
    return token.isZero()
        ? endpoints.ask(node -> node.balance(account))
        : latest(token, ContractViews.balanceOf(account));
  }

  TokenFacts token(EvmAddress token) throws IOException {
    String symbol = latest(token, ContractViews.symbol());
    return TokenFacts.of(token, symbol, latest(token, ContractViews.decimals()));
  }

  /**
   * The tokens that are known, held against what they say of themselves, and those that are paid in
   * with them even if nobody named them. Those that cannot be asked now are as they were.
   *
   * @throws IllegalArgumentException if one has other decimals than it was said to have
   */
  Tokens checked(Tokens known) {
    for (Token token : known.others()) {
      said(token.address())
          .filter(facts -> facts.decimals() != token.decimals())
          .ifPresent(
              facts -> {
                throw new IllegalArgumentException(
                    "%s has %d decimals by its contract %s, and not %d"
                        .formatted(
                            token.symbol(), facts.decimals(), token.address(), token.decimals()));
              });
    }
    Tokens all = known;
    for (EvmAddress token : known.accepted()) {
      Optional<TokenFacts> unnamed = all.at(token).isPresent() ? Optional.empty() : said(token);
      if (unnamed.isPresent()) {
        all = with(all, token, unnamed.get());
      }
    }
    return all;
  }

  private static Tokens with(Tokens known, EvmAddress token, TokenFacts facts) {
    List<Token> others = new ArrayList<>(known.others());
    try {
      others.add(new Token(facts.symbol(), token, facts.decimals()));
      return new Tokens(known.coin(), others, known.accepted());
    } catch (IllegalArgumentException e) { // a symbol that is another's, or cannot be written
      LOG.warn("token {} is shown in base units: {}", token, e.getMessage());
      return known;
    }
  }

  private Optional<TokenFacts> said(EvmAddress token) {
    try {
      return Optional.of(token(token));
    } catch (IOException e) {
      LOG.warn("token {} cannot be asked: {}", token, e.toString());
      return Optional.empty();
    }
  }

  private <T> T latest(EvmAddress to, View<T> view) throws IOException {
    return endpoints.ask(node -> node.view(to, view, ChainNode.LATEST));
  }

  private <T> T at(View<T> view, long height) throws IOException {
    long at = height;
    while (true) {
      String block = Hex.of(at);
      try {
        return endpoints.ask(node -> node.view(contract, view, block));
      } catch (RpcErrorException e) {
        // Where there is no block, it is as it was at the one before.
        if (!e.isEmptyEpoch() || at == 0 || height - at >= MAX_EMPTY_EPOCHS) {
          throw e;
        }
        at--;
      }
    }
  }

  // agreement

  private boolean isMuch(Optional<Channel> channel) {
    return channel.filter(it -> !it.ending() && settings.needsTwo(it.deposit())).isPresent();
  }

  private static boolean isEnding(Optional<Channel> channel) {
    return channel.filter(Channel::ending).isPresent();
  }

  private <T> T believed(Agreement<Facts<T>> agreement, String what) throws IOException {
    return switch (agreement) {
      case Agreed<Facts<T>> agreed -> agreed.facts().answer();
      case Disputed<Facts<T>> disputed ->
          throw new IOException("endpoints contradict each other about " + what);
      case Agreement.TooFew<Facts<T>> tooFew ->
          throw new IOException(
              "fewer than %d endpoints tell of %s, and it is above ledger.agree-above"
                  .formatted(Agreement.NEEDED, what));
    };
  }

  /** At that height; without one, at the newest block that two of them have. */
  private <T> Agreement<Facts<T>> agreement(View<T> view, OptionalLong height) throws IOException {
    OptionalLong at = height.isPresent() ? height : endpoints.commonHeight();
    return at.isEmpty()
        ? new Agreement.TooFew<>()
        : endpoints.askTwo(node -> facts(node, view, at.getAsLong()));
  }

  /** Empty of a node that has not come so far. */
  private <T> Optional<Facts<T>> facts(ChainNode node, View<T> view, long height)
      throws IOException {
    if (node.latest().number() < height) {
      return Optional.empty();
    }
    for (long at = height; at >= 0 && height - at <= MAX_EMPTY_EPOCHS; at--) {
      Optional<Block> block = node.block(at);
      if (block.isPresent()) {
        T answer = node.view(contract, view, Hex.of(at));
        return Optional.of(new Facts<>(at, block.get().hash(), answer));
      }
    }
    return Optional.empty();
  }
}
