package io.sluice.payments.ledger.embedded;

import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.Cursor;
import io.sluice.payments.ledger.EventPage;
import io.sluice.payments.ledger.Head;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.LedgerEvent;
import io.sluice.payments.ledger.LedgerEvent.Stamp;
import io.sluice.payments.ledger.LedgerFacts;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.Keccak;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A ledger in one append-only file, shared by all processes that open it.
 *
 * <p>Its state is what its records add up to; whoever wants to write locks the file, reads what
 * others appended, checks, appends, syncs and unlocks. When {@link #submit} returns {@link
 * Outcome.Included}, it is durable. Its contract address is made of the random id in its header, so
 * that no voucher is good on two of them.
 *
 * <p>Its time is the wall clock plus all that it was ever advanced by, never running backwards; a
 * height passes each second. Confirmations and challenge periods can so be tried out at will.
 */
public final class EmbeddedLedger implements ChannelLedger {
  /** Its chain id, "SLUC"; which of them is said by the contract address. */
  public static final long CHAIN_ID = 0x534c5543L;

  /** What is the same of all of them; its native coin is play money. */
  public static final LedgerFacts FACTS =
      new LedgerFacts(
          "embedded",
          "PLAY",
          18,
          Duration.ofSeconds(ChannelRules.MIN_CHALLENGE_SECONDS),
          Duration.ofSeconds(ChannelRules.MAX_CHALLENGE_SECONDS));

  private final LedgerFile file;
  private final Clock clock;
  private final Domain domain;
  private final ChannelRules rules;
  private final Map<IntentId, Intent> intents = new HashMap<>();
  private final Map<IntentId, Outcome.Included> outcomes = new HashMap<>();
  private final Map<IntentId, LedgerRecord.Given> gifts = new HashMap<>();
  private final List<LedgerEvent> events = new ArrayList<>();
  private long advanced;
  private long lastTime;

  private EmbeddedLedger(LedgerFile file, Clock clock) {
    this.file = file;
    this.clock = clock;
    byte[] hash = Keccak.hash(file.header().id().bytes()).bytes();
    this.domain =
        new Domain(
            CHAIN_ID,
            EvmAddress.of(
                Arrays.copyOfRange(hash, Bytes32.LENGTH - EvmAddress.LENGTH, Bytes32.LENGTH)));
    this.rules = new ChannelRules(domain);
    this.lastTime = file.header().created();
  }

  /**
   * Opens the ledger at that path, and makes one if there is none.
   *
   * @throws LedgerDamagedException if the file is not a whole ledger
   */
  public static EmbeddedLedger open(Path path, Clock clock, SecureRandom random)
      throws IOException {
    return open(FileChannel::open, path, clock, random);
  }

  static EmbeddedLedger open(
      LedgerFile.FileOpener opener, Path path, Clock clock, SecureRandom random)
      throws IOException {
    byte[] id = new byte[32];
    random.nextBytes(id);
    LedgerFile file =
        LedgerFile.open(
            opener, path, new LedgerFile.Header(Bytes32.of(id), clock.instant().getEpochSecond()));
    EmbeddedLedger ledger = new EmbeddedLedger(file, clock);
    try {
      ledger.catchUp();
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
    return ledger;
  }

  /** Reads what was appended since. */
  private synchronized void catchUp() throws IOException {
    file.catchUp(this::read);
  }

  private void read(ByteBuffer payload) throws IOException {
    try {
      apply(LedgerRecord.decode(payload));
    } catch (ProtocolException | LedgerRefusal | IllegalArgumentException e) {
      throw new LedgerDamagedException("a record of " + file + " cannot be applied: " + e);
    }
  }

  private void apply(LedgerRecord record) {
    lastTime = Math.max(lastTime, record.time());
    switch (record) {
      case LedgerRecord.Done done -> {
        Intent intent = done.intent();
        Stamp at = stamp(done.time(), intent.id());
        List<LedgerEvent> caused = rules.apply(intent, at);
        events.addAll(caused);
        intents.put(intent.id(), intent);
        outcomes.put(intent.id(), new Outcome.Included(intent.id(), at.height(), caused));
      }
      case LedgerRecord.Given given -> {
        gifts.put(given.id(), given);
        rules.balances.add(given.token(), given.account(), given.amount());
      }
      case LedgerRecord.Advanced moved -> {
        advanced += moved.seconds();
        lastTime = Math.max(lastTime, moved.time() + moved.seconds());
      }
    }
  }

  private Stamp stamp(long time, IntentId intent) {
    return new Stamp(height(time), Instant.ofEpochSecond(time), intent);
  }

  private long height(long time) {
    return time - file.header().created() + 1;
  }

  private long now() {
    return Math.max(lastTime, clock.instant().getEpochSecond() + advanced);
  }

  @Override
  public synchronized Outcome submit(Intent intent) throws IOException {
    return file.locked(
        () -> {
          file.readOn(this::read);
          Intent before = intents.get(intent.id());
          if (before != null && !before.equals(intent)) {
            throw new IllegalArgumentException("id used before: " + intent.id());
          }
          Outcome.Included done = outcomes.get(intent.id());
          return done != null ? done : include(intent);
        });
  }

  private Outcome include(Intent intent) throws IOException {
    long time = now();
    try {
      rules.check(intent, stamp(time, intent.id()));
    } catch (LedgerRefusal refusal) {
      return new Outcome.Refused(intent.id(), refusal.error, "" + refusal.getMessage());
    }
    LedgerRecord.Done record = new LedgerRecord.Done(time, intent);
    file.append(record.encode());
    apply(record);
    return known(intent.id());
  }

  @Override
  public synchronized Outcome outcome(IntentId id) throws IOException {
    catchUp();
    return known(id);
  }

  private Outcome known(IntentId id) {
    Outcome.Included done = outcomes.get(id);
    return done == null ? new Outcome.Unknown(id) : done;
  }

  /**
   * Gives an account something out of nothing. Idempotent by id.
   *
   * @throws IllegalArgumentException if the id was used for another gift
   */
  public synchronized void faucet(
      IntentId id, EvmAddress token, EvmAddress account, TokenAmount amount) throws IOException {
    file.locked(
        () -> {
          file.readOn(this::read);
          LedgerRecord.Given gift = new LedgerRecord.Given(now(), id, token, account, amount);
          LedgerRecord.Given before = gifts.get(id);
          if (before == null) {
            file.append(gift.encode());
            apply(gift);
          } else if (!before.account().equals(account) || !before.amount().equals(amount)) {
            throw new IllegalArgumentException("id used before: " + id);
          }
          return true;
        });
  }

  /** Sets the ledger's clock forward for everyone, for good; whole seconds. */
  public synchronized void advance(Duration by) throws IOException {
    if (by.isNegative()) {
      throw new IllegalArgumentException("time does not run backwards: " + by);
    }
    file.locked(
        () -> {
          file.readOn(this::read);
          LedgerRecord.Advanced record = new LedgerRecord.Advanced(now(), by.toSeconds());
          file.append(record.encode());
          apply(record);
          return true;
        });
  }

  @Override
  public Domain domain() {
    return domain;
  }

  @Override
  public LedgerFacts facts() {
    return FACTS;
  }

  @Override
  public synchronized Head head() throws IOException {
    catchUp();
    long now = now();
    return new Head(height(now), Instant.ofEpochSecond(now));
  }

  @Override
  public synchronized Optional<Channel> channel(Bytes32 id) throws IOException {
    catchUp();
    return rules.channel(id).map(ChannelEntry::now);
  }

  @Override
  public synchronized Optional<Channel> channel(Bytes32 id, long height) throws IOException {
    catchUp();
    return rules.channel(id).flatMap(entry -> entry.at(height));
  }

  @Override
  public synchronized TokenAmount redeemed(Bytes32 channel, long lane) throws IOException {
    catchUp();
    return rules
        .channel(channel)
        .map(entry -> entry.lane(lane).cumulative())
        .orElse(TokenAmount.ZERO);
  }

  @Override
  public synchronized TokenAmount credit(EvmAddress token, EvmAddress account) throws IOException {
    catchUp();
    return rules.credits.of(token, account);
  }

  @Override
  public synchronized TokenAmount balance(EvmAddress token, EvmAddress account) throws IOException {
    catchUp();
    return rules.balances.of(token, account);
  }

  @Override
  public synchronized EventPage events(Cursor after, int max) throws IOException {
    catchUp();
    int from = Math.min(index(after), events.size());
    int to = Math.min(events.size(), from + max);
    return new EventPage(events.subList(from, to), new Cursor(Integer.toString(to)));
  }

  private static int index(Cursor cursor) {
    return cursor.equals(Cursor.START) ? 0 : Integer.parseInt(cursor.text());
  }

  @Override
  public synchronized Cursor end() throws IOException {
    catchUp();
    return new Cursor(Integer.toString(events.size()));
  }

  /** Nothing: this ledger charges no fees. */
  @Override
  public TokenAmount redemptionCost() {
    return TokenAmount.ZERO;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  @Override
  public String toString() {
    return "embedded ledger " + file;
  }
}
