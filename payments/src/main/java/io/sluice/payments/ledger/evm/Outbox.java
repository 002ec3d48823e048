package io.sluice.payments.ledger.evm;

import io.sluice.payments.ledger.Head;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.LedgerStanding.Waiting;
import io.sluice.payments.ledger.evm.OutboxPlan.Act;
import io.sluice.payments.ledger.evm.OutboxPlan.Facts;
import io.sluice.payments.ledger.evm.OutboxRow.Mined;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.Closeable;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was sent to the chain, until it lies deep enough to stay: durable before the first node is
 * handed anything, handed out again after a restart or when it was lost, paid more for when it is
 * stuck, and looked after when a block with it goes away. What to do is decided by {@link
 * OutboxPlan}; here it is done.
 *
 * <p>Two nonces are never used for one thing as long as both could happen. Safe for many threads;
 * one at a time gets in, and may wait there for nodes and for the signer.
 */
final class Outbox implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

  /** How much may be done about a row at a time: look, raise, hand out, look. */
  private static final int MAX_ACTS = 5;

  /** Others may use an account, too; that so many of theirs wait is a lie. */
  private static final long MAX_WAITING = 1_000;

  private static final TokenAmount NOTHING = TokenAmount.ZERO;

  /** Whether what an intent was for is so, though it was reverted. */
  @FunctionalInterface
  interface Aims {
    boolean isReached(Intent intent) throws IOException;
  }

  private final OutboxFile file;
  private final Endpoints endpoints;
  private final Chain chain;
  private final TransactionForm form;
  private final OutboxPlan plan;
  private final BigInteger maxFee;
  private final Deadlines deadlines;
  private final Predicate<TokenAmount> needsTwo;
  private final Aims aims;
  private final Consumer<OutboxMoment> moments;

  /** The next nonces as the nodes had them when this process first asked. */
  private final Map<EvmAddress, Long> reconciled = new HashMap<>();

  private Optional<Bytes32> steppedAt = Optional.empty();

  /** Read by whoever wants to know, while a node is waited for. */
  private volatile Waiting waiting = Waiting.NONE;

  private volatile Map<String, TokenAmount> gasSpent = Map.of();

  /** At which block a transaction was handed out last: once a block is enough. */
  private final Map<Bytes32, Bytes32> handedOutAt = new HashMap<>();

  Outbox(
      OutboxFile file,
      Endpoints endpoints,
      Chain chain,
      TransactionForm form,
      OutboxPlan plan,
      BigInteger maxFee,
      Deadlines deadlines,
      Predicate<TokenAmount> needsTwo,
      Aims aims,
      Consumer<OutboxMoment> moments) {
    this.file = file;
    this.endpoints = endpoints;
    this.chain = chain;
    this.form = form;
    this.plan = plan;
    this.maxFee = maxFee;
    this.deadlines = deadlines;
    this.needsTwo = needsTwo;
    this.aims = aims;
    this.moments = moments;
    tell();
  }

  /** What is in no block. */
  Waiting waiting() {
    return waiting;
  }

  /** What gas has cost, by operation, of all that was ever sent from here. */
  Map<String, TokenAmount> gasSpent() {
    return gasSpent;
  }

  /** Lets others see what has become of the rows. */
  private synchronized void tell() {
    Map<String, TokenAmount> spent = new HashMap<>();
    int count = 0;
    Optional<Instant> oldest = Optional.empty();
    for (OutboxRow row : file.rows()) {
      if (!row.cost().sum().isZero()) {
        spent.merge(row.operation(), row.cost().sum(), TokenAmount::plus);
      }
      if (row.state() == OutboxState.SIGNED || row.state() == OutboxState.BROADCAST) {
        count++;
        Optional<Instant> before = oldest.filter(at -> row.begun().filter(at::isAfter).isEmpty());
        oldest = before.or(row::begun);
      }
    }
    gasSpent = Map.copyOf(spent);
    waiting = new Waiting(count, oldest);
  }

  /** The row of that key, unless it is as if it had never been. */
  synchronized Optional<OutboxRow> find(String key) {
    return file.find(key)
        .filter(row -> row.state() != OutboxState.FORGOTTEN && row.state() != OutboxState.REPLACED);
  }

  /**
   * The rows that are on their way, in the order in which they were begun: what comes later may
   * count on what was before, of other accounts, too.
   */
  synchronized List<OutboxRow> live() {
    return file.rows().stream().filter(row -> !row.state().isEnd()).toList();
  }

  /** Which key a transaction was sent for. */
  synchronized Optional<String> keyOf(Bytes32 transaction) {
    return file.rows().stream()
        .filter(row -> row.versions().stream().anyMatch(v -> v.hash().equals(transaction)))
        .map(OutboxRow::key)
        .findFirst();
  }

  /** What a unit of gas is to cost now. */
  Fees fees() throws IOException {
    BigInteger baseFee = chain.block().baseFee();
    return endpoints.ask(node -> Fees.by(node, baseFee, maxFee));
  }

  /**
   * Signs a transaction, keeps it, and hands it out; if there is one of that key, nothing. It is
   * durable when this returns, whether a node took it or not.
   */
  synchronized void begin(
      String key, Optional<Intent> intent, Transaction transaction, long gas, Fees fees)
      throws IOException {
    if (find(key).isEmpty()) {
      begin(key, intent, transaction, gas, fees, nextNonce(transaction.from()));
    }
  }

  private void begin(
      String key, Optional<Intent> intent, Transaction transaction, long gas, Fees fees, long nonce)
      throws IOException {
    SignedTransaction signed = form.sign(transaction, nonce, gas, fees);
    TokenAmount spent = file.find(key).map(row -> row.cost().sum()).orElse(NOTHING);
    OutboxRow row =
        OutboxRow.signed(key, intent, transaction, nonce, gas, signed)
            .begun(chain.block().time(), spent);
    file.write(row);
    moments.accept(OutboxMoment.KEPT);
    LOG.info("{} is nonce {} of {}: {}", key, nonce, transaction.from(), signed.hash());
    advance(key);
  }

  private long nextNonce(EvmAddress account) throws IOException {
    // Others may have used some since; those that only wait are asked for once: ours are among
    // them.
    long used = endpoints.ask(node -> node.usedNonces(account, ChainNode.LATEST));
    Long known = reconciled.get(account);
    if (known == null) {
      long taken = endpoints.ask(node -> node.takenNonces(account));
      known = taken - used > MAX_WAITING ? used : Math.max(used, taken);
      reconciled.put(account, known);
    }
    long own = -1;
    for (OutboxRow row : file.rows()) {
      if (row.transaction().from().equals(account) && row.state() != OutboxState.REPLACED) {
        own = Math.max(own, row.nonce());
      }
    }
    return Math.max(Math.max(known, used), own + 1);
  }

  /**
   * Looks after all that is on its way; does nothing as long as there is nothing new. What fails
   * for one row is tried again later, and keeps no other from being looked after.
   */
  synchronized void step() throws IOException {
    List<OutboxRow> rows = live();
    if (rows.isEmpty()) {
      return;
    }
    Block head = chain.block();
    boolean allIncluded = rows.stream().allMatch(row -> row.state() == OutboxState.INCLUDED);
    if (allIncluded && steppedAt.equals(Optional.of(head.hash()))) {
      return;
    }
    boolean isDone = true;
    for (OutboxRow row : rows) {
      try {
        advance(row.key());
      } catch (IOException e) {
        LOG.warn("{} could not be looked after: {}", row.key(), e.toString());
        isDone = false;
      }
    }
    fillGaps(head.number());
    steppedAt = isDone ? Optional.of(head.hash()) : Optional.empty();
  }

  /** Does about a row what can be done now. */
  synchronized void advance(String key) throws IOException {
    Act act = Act.BROADCAST;
    for (int acts = 0; acts < MAX_ACTS && act != Act.WAIT; acts++) {
      OutboxRow row = file.find(key).orElseThrow();
      act = row.state().isEnd() ? Act.WAIT : actOn(row);
    }
    tell();
  }

  private Act actOn(OutboxRow row) throws IOException {
    Head head = chain.head();
    Optional<Duration> left = left(row, head);
    Fees paid = row.newest().fees();
    boolean waits = row.state() != OutboxState.INCLUDED; // else nobody has to ask what gas costs
    Fees raised =
        waits ? paid.raised(fees(), maxFee, plan.rise(row, head.height(), left).percent()) : paid;
    Facts facts = facts(row, head, left, !raised.equals(paid));
    Act act = plan.next(row, facts);
    if (act != Act.WAIT) {
      LOG.debug("{} ({}): {} by {}", row.key(), row.state(), act, facts);
    }
    switch (act) {
      case WAIT -> {}
      case BROADCAST -> {
        return handOut(row, head, raised);
      }
      case RAISE -> {
        return raise(row, raised);
      }
      case NOTE_INCLUDED -> {
        moments.accept(OutboxMoment.INCLUDED);
        Mined mined = facts.mined().orElseThrow();
        file.write(row.included(mined).costing(fee(mined)));
      }
      case TAKE_BACK -> {
        LOG.warn("{} is not in the chain any more; it is sent again", row.key());
        file.write(row.broadcast(head.height()));
      }
      case MAKE_FINAL -> {
        if (!isAgreedUpon(row)) {
          return Act.WAIT;
        }
        moments.accept(OutboxMoment.FINAL);
        handedOutAt.keySet().removeAll(row.versions().stream().map(v -> v.hash()).toList());
        file.write(row.ended(OutboxState.FINAL));
      }
      case JUDGE_REVERTED -> judge(row);
      case GIVE_UP -> {
        LOG.warn("nonce {} of {} was used elsewhere", row.nonce(), row.transaction().from());
        file.write(row.ended(OutboxState.REPLACED));
        reconciled.remove(row.transaction().from());
      }
    }
    return act;
  }

  /** Where much depends on it, two have to say that it is there, with what came of it. */
  private boolean isAgreedUpon(OutboxRow row) throws IOException {
    if (row.intent().filter(intent -> needsTwo.test(intent.moved())).isEmpty()) {
      return true;
    }
    long block = row.mined().orElseThrow().block();
    return endpoints.askTwo(
                node ->
                    node.latest().number() < block
                        ? Optional.empty()
                        : Optional.of(receipt(node, row)))
            instanceof Agreement.Agreed<Optional<Receipt>> agreed
        && agreed.facts().map(Mined::of).equals(row.mined());
  }

  /** Not worth a question before a block has passed it by. */
  private Optional<Duration> left(OutboxRow row, Head head) {
    return row.state() == OutboxState.BROADCAST && head.height() > row.sentAt()
        ? deadlines.of(row, live()).map(at -> Duration.between(head.time(), at))
        : Optional.empty();
  }

  private Facts facts(OutboxRow row, Head head, Optional<Duration> left, boolean canRaise)
      throws IOException {
    Optional<Mined> mined = endpoints.ask(node -> receipt(node, row)).map(Mined::of);
    EvmAddress account = row.transaction().from();
    long used = 0;
    boolean inPool = false;
    OptionalLong forGood = OptionalLong.empty();
    if (mined.isEmpty()) {
      used = endpoints.ask(node -> node.usedNonces(account, ChainNode.LATEST));
      if (used > row.nonce()) {
        forGood = usedForGood(account, head);
      } else {
        inPool = endpoints.ask(node -> node.knows(row.newest().hash()));
      }
    }
    return new Facts(head.height(), head.settled(), mined, inPool, used, forGood, left, canRaise);
  }

  private OptionalLong usedForGood(EvmAddress account, Head head) throws IOException {
    long height = Math.min(head.settled(), head.height() - OutboxPlan.SURE);
    return height < 0
        ? OptionalLong.empty()
        : OptionalLong.of(endpoints.ask(node -> node.usedNonces(account, Hex.of(height))));
  }

  /** Where one of the versions is: a receipt alone may be of a block that is gone. */
  private static Optional<Receipt> receipt(ChainNode node, OutboxRow row) throws IOException {
    for (SignedTransaction version : row.versions().reversed()) {
      Optional<Receipt> receipt = node.receipt(version.hash());
      if (receipt.isPresent()) {
        Optional<Block> block = node.block(receipt.get().block());
        boolean isThere = block.filter(b -> b.hash().equals(receipt.get().blockHash())).isPresent();
        if (isThere) {
          return receipt;
        }
      }
    }
    return Optional.empty();
  }

  /** What it took is good to know, and nothing to wait for. */
  private BigInteger fee(Mined mined) {
    try {
      return endpoints
          .ask(node -> node.receipt(mined.transaction()))
          .map(Receipt::fee)
          .orElse(BigInteger.ZERO);
    } catch (IOException e) {
      LOG.warn("nobody says what {} has cost: {}", mined.transaction(), e.toString());
      return BigInteger.ZERO;
    }
  }

  private Act handOut(OutboxRow row, Head head, Fees raised) throws IOException {
    Bytes32 block = chain.block().hash();
    if (block.equals(handedOutAt.put(row.newest().hash(), block))) {
      return Act.WAIT;
    }
    ChainNode.Sent sent = endpoints.ask(node -> node.send(row.newest()));
    chain.forget();
    switch (sent.verdict()) {
      case TAKEN, NONCE_USED -> {
        moments.accept(OutboxMoment.SENT);
        file.write(row.broadcast(head.height()));
        // Once more only where blocks come with transactions: the plan looks for it there.
        return sent.verdict() == SendVerdict.TAKEN && row.state() == OutboxState.SIGNED
            ? Act.BROADCAST
            : Act.WAIT;
      }
      case UNDERPRICED -> {
        LOG.info("{} pays too little: {}", row.key(), sent.message());
        return raised.equals(row.newest().fees()) ? Act.WAIT : raise(row, raised);
      }
      case TOO_POOR, UNKNOWN ->
          // Perhaps it was taken all the same: it stays as it is, and is handed out again.
          LOG.warn("{} was not taken: {}", row.key(), sent.message());
    }
    return Act.WAIT;
  }

  private Act raise(OutboxRow row, Fees fees) throws IOException {
    file.write(row.raised(form.sign(row.transaction(), row.nonce(), row.gas(), fees)));
    LOG.info("{} pays up to {} a gas from now on", row.key(), fees.most());
    return Act.RAISE;
  }

  private void judge(OutboxRow row) throws IOException {
    if (row.intent().isPresent()) {
      boolean reached = aims.isReached(row.intent().get());
      file.write(row.ended(reached ? OutboxState.FINAL : OutboxState.FAILED));
    } else {
      file.write(row.ended(OutboxState.FORGOTTEN));
    }
  }

  /** Somebody was told that it was reverted: as if it had never been, it may be tried anew. */
  synchronized void forget(String key) throws IOException {
    Optional<OutboxRow> row = file.find(key);
    if (row.isPresent() && row.get().state() == OutboxState.FAILED) {
      file.write(row.get().ended(OutboxState.FORGOTTEN));
    }
  }

  /**
   * Where a nonce before ours is free and stays so, ours could never be included: the free one is
   * used up by sending nothing to ourselves.
   */
  private void fillGaps(long height) throws IOException {
    Map<EvmAddress, OutboxRow> first = new HashMap<>();
    for (OutboxRow row : live()) {
      if (row.state() != OutboxState.INCLUDED) {
        first.merge(
            row.transaction().from(),
            row,
            (one, other) -> one.nonce() < other.nonce() ? one : other);
      }
    }
    for (Map.Entry<EvmAddress, OutboxRow> entry : first.entrySet()) {
      OutboxRow row = entry.getValue();
      boolean waits = row.state() == OutboxState.BROADCAST;
      if (waits && height - row.sentAt() >= plan.stuckAfter()) {
        fillGap(entry.getKey(), row);
      }
    }
  }

  private void fillGap(EvmAddress account, OutboxRow before) throws IOException {
    long used = endpoints.ask(node -> node.usedNonces(account, ChainNode.LATEST));
    boolean isKnown =
        file.rows().stream()
            .anyMatch(row -> row.transaction().from().equals(account) && row.nonce() == used);
    if (used >= before.nonce()
        || isKnown
        || endpoints.ask(node -> node.takenNonces(account)) > used) {
      return;
    }
    Transaction nothing = new Transaction(account, account, NOTHING, RawBytes.EMPTY);
    ChainNode.Estimate estimate = endpoints.ask(node -> node.estimate(nothing));
    if (estimate instanceof ChainNode.Estimate.Gas gas) {
      String key = "fill:%s:%d".formatted(account, used);
      begin(key, Optional.empty(), nothing, Fees.padded(gas.units()), fees(), used);
    }
  }

  @Override
  public synchronized void close() throws IOException {
    file.close();
  }
}
