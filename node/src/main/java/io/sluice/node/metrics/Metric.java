package io.sluice.node.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Every figure that a running node shows, by its name, labels and meaning: they are registered by
 * this table only, and the reference page is made from it.
 *
 * <p>It is one table though it is long: a name, its labels and its meaning are a promise to whoever
 * draws or alerts by it, and whoever adds one has to see those that there are, so as not to count
 * the same twice or call it otherwise. Where the figures come from stands with what is measured.
 */
public enum Metric {
  // read off the node whenever somebody asks
  CONNECTIONS(MetricKind.GAUGE, "sluice.connections", Unit.NUMBER, "connections to peers"),
  CONNECTIONS_DIRECTION(
      MetricKind.GAUGE,
      "sluice.connections.direction",
      Unit.NUMBER,
      "connections by who dialled: in, out",
      Label.DIRECTION),
  STREAMS(
      MetricKind.GAUGE,
      "sluice.streams",
      Unit.NUMBER,
      "streams by who opened them: in, out",
      Label.DIRECTION),
  PROTOCOL_STREAMS(
      MetricKind.GAUGE,
      "sluice.protocol.streams",
      Unit.NUMBER,
      "streams that peers opened",
      Label.SERVED),
  WINDOWS(
      MetricKind.GAUGE,
      "sluice.windows.bytes",
      Unit.BYTES,
      "what peers have been promised they may send before they are read from"),
  TURNED_AWAY(
      MetricKind.TOTAL,
      "sluice.turned.away",
      Unit.NUMBER,
      "connections and streams without room, connections that are denied or were closed to"
          + " make room",
      Label.TURNED_AWAY),
  DIALS_FAILED(
      MetricKind.TOTAL,
      "sluice.dials.failed",
      Unit.NUMBER,
      "attempts at single addresses that came to nothing"),
  DEALS_LIVE(MetricKind.GAUGE, "sluice.deals.live", Unit.NUMBER, "deals under way, both roles"),
  BLOCKS(MetricKind.GAUGE, "sluice.blocks", Unit.NUMBER, "blocks in the store"),
  BLOCKS_BYTES(MetricKind.GAUGE, "sluice.blocks.bytes", Unit.BYTES, "size of the block store"),
  SWARM_CHUNKS(
      MetricKind.GAUGE,
      "sluice.swarm.chunks",
      Unit.NUMBER,
      "chunks of Swarm that are kept beside the content, see pullsync.bee"),
  JOURNAL_RECORDS(MetricKind.TOTAL, "sluice.journal.records", Unit.NUMBER, "records made durable"),
  JOURNAL_SYNCS(
      MetricKind.TOTAL,
      "sluice.journal.syncs",
      Unit.NUMBER,
      "syncs that made records durable, each for all that waited"),
  JOURNAL_BYTES(
      MetricKind.TOTAL, "sluice.journal.bytes", Unit.BYTES, "written for records of the journal"),
  HEAP(
      MetricKind.GAUGE,
      "sluice.heap.bytes",
      Unit.BYTES,
      "objects on the heap after the last garbage collection; 0 before the first"),
  OWED(
      MetricKind.GAUGE,
      "sluice.owed",
      Unit.MONEY,
      "what clients owe for what they got",
      Label.TOKEN),
  DSYNC_SESSIONS(
      MetricKind.GAUGE, "sluice.dsync.sessions", Unit.NUMBER, "pushes by dsync under way here"),
  SERVED(MetricKind.BOOKS, "sluice.served.bytes", Unit.BYTES, "charged to clients"),
  EARNED(MetricKind.BOOKS, "sluice.earned", Unit.MONEY, "vouchers taken", Label.TOKEN),
  SPENT(MetricKind.BOOKS, "sluice.spent", Unit.MONEY, "vouchers given", Label.TOKEN),
  REDEEMED(MetricKind.BOOKS, "sluice.redeemed", Unit.MONEY, "paid out by the ledger", Label.TOKEN),
  SYNC_BEHIND(
      MetricKind.GAUGE,
      "sluice.sync.behind",
      Unit.NUMBER,
      "numbers of a neighbour's log that are not done; NaN before the first contact",
      Label.SYNC),
  SYNC_LAG(
      MetricKind.GAUGE,
      "sluice.sync.lag.seconds",
      Unit.SECONDS,
      "for how long something has been missing that a neighbour has",
      Label.SYNC),

  // the money, by the newest look at it
  READY(
      MetricKind.GAUGE,
      "sluice.ready",
      Unit.NUMBER,
      "1 if the node is fit for work, as `/health` says it; else 0"),
  CONCERN(
      MetricKind.GAUGE,
      "sluice.concern",
      Unit.NUMBER,
      "1 for what is the matter, as `/health` says it; else 0",
      Label.CONCERN),
  TOKEN_UNITS(
      MetricKind.GAUGE,
      "sluice.token.units",
      Unit.MONEY,
      "one whole token, by which other money is divided to show it: `coin` is what gas is paid in,"
          + " `paid_in` all else",
      Label.TOKEN_USE,
      Label.SYMBOL,
      Label.DECIMALS,
      Label.TOKEN),
  COIN_BALANCE(
      MetricKind.GAUGE,
      "sluice.coin.balance",
      Unit.MONEY,
      "what the account owns of the coin that gas is paid in"),
  BALANCE(
      MetricKind.GAUGE,
      "sluice.balance",
      Unit.MONEY,
      "what the account owns of what channels pay in",
      Label.TOKEN),
  CREDIT(
      MetricKind.GAUGE,
      "sluice.credit",
      Unit.MONEY,
      "what the account can withdraw from the ledger's contract",
      Label.TOKEN),
  CHANNELS(
      MetricKind.GAUGE,
      "sluice.channels",
      Unit.NUMBER,
      "channels that are not closed, and pay in what the configuration names",
      Label.ROLE,
      Label.CHANNEL_STATE,
      Label.TOKEN),
  DEPOSITS(
      MetricKind.GAUGE,
      "sluice.deposits",
      Unit.MONEY,
      "what lies in these channels: deposits, less what was redeemed",
      Label.ROLE,
      Label.TOKEN),
  VALUE_AT_RISK(
      MetricKind.GAUGE,
      "sluice.value.at.risk",
      Unit.MONEY,
      "of that, as provider: vouchers that are not redeemed; as client: what was not signed away",
      Label.ROLE,
      Label.TOKEN),
  DEADLINE(
      MetricKind.GAUGE,
      "sluice.deadline.seconds",
      Unit.SECONDS,
      "until the first vouchers become worthless, since their payer settles and they are not"
          + " redeemed, by the ledger's time; +Inf if there are none that are worth more than"
          + " redeeming costs"),
  DEADLINE_VALUE(
      MetricKind.GAUGE,
      "sluice.deadline.value",
      Unit.MONEY,
      "what all such vouchers are worth",
      Label.TOKEN),
  DEADLINE_MISSED(
      MetricKind.GAUGE,
      "sluice.deadline.missed",
      Unit.MONEY,
      "what vouchers were worth whose time is over, until the channel is closed",
      Label.TOKEN),
  SETTLES(
      MetricKind.TOTAL,
      "sluice.settles",
      Unit.NUMBER,
      "channels that clients were seen settling, those that were at it when the node started among"
          + " them"),
  REDEMPTIONS(
      MetricKind.TOTAL,
      "sluice.redemptions",
      Unit.NUMBER,
      "redemptions that brought something; what they brought is in sluice_redeemed_total"),
  REDEMPTION_COST(
      MetricKind.GAUGE,
      "sluice.redemption.cost",
      Unit.MONEY,
      "about what a redemption costs now, in the coin that gas is paid in"),
  GAS_SPENT(
      MetricKind.BOOKS,
      "sluice.gas.spent",
      Unit.MONEY,
      "what gas has cost, in that coin",
      Label.OPERATION),
  LEDGER_ACTS(
      MetricKind.GAUGE,
      "sluice.ledger.acts",
      Unit.NUMBER,
      "things to be done on the ledger that have not come to an end"),
  OUTBOX_WAITING(
      MetricKind.GAUGE,
      "sluice.outbox.waiting",
      Unit.NUMBER,
      "transactions that were sent and are in no block"),
  OUTBOX_OLDEST(
      MetricKind.GAUGE,
      "sluice.outbox.oldest.seconds",
      Unit.SECONDS,
      "for how long the oldest of them has waited"),
  LEDGER_REACHABLE(
      MetricKind.GAUGE,
      "sluice.ledger.reachable",
      Unit.NUMBER,
      "1 if the ledger answered when it was last asked, else 0"),
  LEDGER_HEIGHT(
      MetricKind.GAUGE, "sluice.ledger.height", Unit.NUMBER, "number of the ledger's newest block"),
  LEDGER_HEAD_AGE(
      MetricKind.GAUGE,
      "sluice.ledger.head.age.seconds",
      Unit.SECONDS,
      "how old that block is; it grows while the ledger is silent, too"),
  LEDGER_UNSETTLED(
      MetricKind.GAUGE,
      "sluice.ledger.unsettled.blocks",
      Unit.NUMBER,
      "newest blocks in which a deposit does not count yet"),
  REORGANISATIONS(
      MetricKind.TOTAL,
      "sluice.ledger.reorganisations",
      Unit.NUMBER,
      "changes of the chain's end that took blocks away which had been read"),
  DEEPEST_REORGANISATION(
      MetricKind.GAUGE,
      "sluice.ledger.reorganisation.deepest.blocks",
      Unit.NUMBER,
      "how many blocks the deepest of them took away since the node was started, or up to twice as"
          + " many"),
  DISAGREEMENTS(
      MetricKind.TOTAL,
      "sluice.ledger.disagreements",
      Unit.NUMBER,
      "times that nodes of the chain contradicted each other about what one is not believed in"),
  RPC_REQUESTS(
      MetricKind.TOTAL,
      "sluice.rpc.requests",
      Unit.NUMBER,
      "what a node of the chain was asked",
      Label.ENDPOINT,
      Label.HOST),
  RPC_SECONDS(
      MetricKind.TOTAL,
      "sluice.rpc.seconds",
      Unit.SECONDS,
      "how long its answers took all together",
      Label.ENDPOINT,
      Label.HOST),
  RPC_FAULTS(
      MetricKind.TOTAL,
      "sluice.rpc.faults",
      Unit.NUMBER,
      "what was the matter with them; an error may be all that there is to say",
      Label.ENDPOINT,
      Label.HOST,
      Label.RPC_FAULT),
  RPC_ASIDE(
      MetricKind.GAUGE,
      "sluice.rpc.aside",
      Unit.NUMBER,
      "1 while the node of the chain is left alone for what it did, else 0",
      Label.ENDPOINT,
      Label.HOST),
  LIMIT_LAG(MetricKind.GAUGE, "sluice.limit.lag.seconds", Unit.SECONDS, "`watch.lag`"),
  LIMIT_DEADLINE(
      MetricKind.GAUGE, "sluice.limit.deadline.seconds", Unit.SECONDS, "`watch.deadline`"),
  LIMIT_REDEMPTIONS(
      MetricKind.GAUGE, "sluice.limit.redemptions", Unit.NUMBER, "`watch.redemptions`"),
  LIMIT_OUTBOX(MetricKind.GAUGE, "sluice.limit.outbox.seconds", Unit.SECONDS, "`watch.outbox`"),
  LIMIT_VALUE_AT_RISK(
      MetricKind.GAUGE,
      "sluice.limit.value.at.risk",
      Unit.MONEY,
      "`watch.value-at-risk`; +Inf if there is none",
      Label.TOKEN),

  // counted as it happens
  DEALS_STARTED(
      MetricKind.COUNTER,
      "sluice.deals.started",
      Unit.NUMBER,
      "deals that were admitted",
      Label.ROLE,
      Label.PAID),
  DEALS_RESTARTED(
      MetricKind.COUNTER,
      "sluice.deals.restarted",
      Unit.NUMBER,
      "deals that went on with a new transfer",
      Label.ROLE),
  DEALS_ENDED(
      MetricKind.COUNTER,
      "sluice.deals.ended",
      Unit.NUMBER,
      "deals that ended, or came to rest unpaid",
      Label.ROLE,
      Label.STATE),
  DEALS_FAILED(
      MetricKind.COUNTER,
      "sluice.deals.failed",
      Unit.NUMBER,
      "deals of the client that ended early",
      Label.REASON),
  REFUSALS(
      MetricKind.COUNTER,
      "sluice.refusals",
      Unit.NUMBER,
      "proposals, restarts, payments and queries refused, by this provider or to this client",
      Label.ROLE,
      Label.REASON),
  REFUSALS_MENDED(
      MetricKind.COUNTER,
      "sluice.refusals.mended",
      Unit.NUMBER,
      "refusals to this client that another proposal met",
      Label.REASON),
  QUESTIONS(
      MetricKind.COUNTER,
      "sluice.questions",
      Unit.NUMBER,
      "queries about content that were answered",
      Label.PROTOCOL),
  SENT(
      MetricKind.COUNTER,
      "sluice.sent.bytes",
      Unit.BYTES,
      "blocks written to clients, repeats too"),
  RECEIVED(
      MetricKind.COUNTER, "sluice.received.bytes", Unit.BYTES, "verified blocks from providers"),
  GATE_CLOSINGS(
      MetricKind.COUNTER,
      "sluice.gate.closings",
      Unit.NUMBER,
      "times that a transfer had to wait",
      Label.WAITING_FOR),
  GATE_WAITS(
      MetricKind.COUNTER,
      "sluice.gate.waits.seconds",
      Unit.SECONDS,
      "how long transfers waited that went on"),
  VOUCHERS(
      MetricKind.COUNTER,
      "sluice.vouchers",
      Unit.NUMBER,
      "authentic vouchers looked at; news are better than all before",
      Label.NEWS),
  CREDITED(
      MetricKind.COUNTER,
      "sluice.credited",
      Unit.MONEY,
      "credit that vouchers brought",
      Label.TOKEN),
  SIGNED(MetricKind.COUNTER, "sluice.signed", Unit.MONEY, "what vouchers signed away", Label.TOKEN),
  SYNC_PAGES(
      MetricKind.COUNTER,
      "sluice.sync.pages",
      Unit.NUMBER,
      "intervals of neighbours' logs that were looked at",
      Label.SYNC),
  SYNC_BLOCKS(
      MetricKind.COUNTER,
      "sluice.sync.blocks",
      Unit.NUMBER,
      "blocks that came from neighbours",
      Label.SYNC),
  SYNC_BYTES(
      MetricKind.COUNTER,
      "sluice.sync.bytes",
      Unit.BYTES,
      "blocks that came from neighbours",
      Label.SYNC),
  SYNC_FAILURES(
      MetricKind.COUNTER,
      "sluice.sync.failures",
      Unit.NUMBER,
      "attempts at a neighbour that failed, and intervals of which some numbers did",
      Label.SYNC),
  PULLSYNC_PAGES(
      MetricKind.COUNTER, "sluice.pullsync.pages", Unit.NUMBER, "pages offered to neighbours"),
  PULLSYNC_ITEMS(
      MetricKind.COUNTER, "sluice.pullsync.items", Unit.NUMBER, "what these pages listed"),
  PULLSYNC_WANTED(
      MetricKind.COUNTER,
      "sluice.pullsync.wanted",
      Unit.NUMBER,
      "blocks of these pages that neighbours wanted"),
  PULLSYNC_BLOCKS(
      MetricKind.COUNTER, "sluice.pullsync.blocks", Unit.NUMBER, "blocks delivered to neighbours"),
  PULLSYNC_BYTES(
      MetricKind.COUNTER, "sluice.pullsync.bytes", Unit.BYTES, "blocks delivered to neighbours"),
  PULLSYNC_REFUSED(
      MetricKind.COUNTER,
      "sluice.pullsync.refused",
      Unit.NUMBER,
      "requests of neighbours, and blocks they wanted, that were refused",
      Label.PULLSYNC_REFUSAL),
  DSYNC_ENDED(
      MetricKind.COUNTER,
      "sluice.dsync.sessions.ended",
      Unit.NUMBER,
      "pushes by dsync to this node that ended: completed, expired",
      Label.DSYNC_END),
  DSYNC_BLOCKS(
      MetricKind.COUNTER,
      "sluice.dsync.blocks",
      Unit.NUMBER,
      "blocks that peers pushed and read by dsync: in, out",
      Label.DIRECTION),
  DSYNC_BYTES(
      MetricKind.COUNTER,
      "sluice.dsync.bytes",
      Unit.BYTES,
      "what those blocks have",
      Label.DIRECTION),
  DSYNC_REFUSALS(
      MetricKind.COUNTER,
      "sluice.dsync.refusals",
      Unit.NUMBER,
      "requests of dsync refused: priced, too_large, refused for another reason, or to be tried"
          + " again (retry)",
      Label.DSYNC_REFUSAL),
  DSYNC_INFOS(
      MetricKind.COUNTER,
      "sluice.dsync.infos",
      Unit.NUMBER,
      "lists of blocks that peers asked for, by whether they were made before",
      Label.KNOWN);

  /** Where a figure comes from. */
  public enum MetricKind {
    /** As it is now. */
    GAUGE,
    /** Grows; read from the books, so that it goes on after a restart. */
    BOOKS,
    /** Grows; read off the node, from its start on. */
    TOTAL,
    /** Grows; counted in memory, from the node's start on. */
    COUNTER
  }

  /** What is counted. */
  public enum Unit {
    NUMBER(""),
    BYTES("bytes"),
    SECONDS("s"),
    MONEY("base units");

    private final String text;

    Unit(String text) {
      this.text = text;
    }

    /** Behind a meaning; empty for plain numbers. */
    public String text() {
      return text;
    }
  }

  /** What divides a figure. */
  public enum Label {
    ROLE("role"),
    PAID("paid"),
    STATE("state"),
    REASON("reason"),
    DIRECTION("direction"),
    SERVED("protocol"),
    TURNED_AWAY("reason"),
    PULLSYNC_REFUSAL("reason"),
    WAITING_FOR("reason"),
    PROTOCOL("protocol"),
    NEWS("news"),
    SYNC("sync"),
    DSYNC_END("state"),
    DSYNC_REFUSAL("reason"),
    KNOWN("known"),
    CONCERN("concern"),
    TOKEN_USE("use"),
    SYMBOL("symbol"),
    DECIMALS("decimals"),
    TOKEN("token"),
    CHANNEL_STATE("state"),
    OPERATION("operation"),
    ENDPOINT("endpoint"),
    HOST("host"),
    RPC_FAULT("reason");

    private final String key;

    Label(String key) {
      this.key = key;
    }

    /** As Prometheus names it. */
    public String key() {
      return key;
    }
  }

  private final MetricKind kind;
  private final String name;
  private final Unit unit;
  private final String meaning;
  private final List<Label> labels;

  Metric(MetricKind kind, String name, Unit unit, String meaning, Label... labels) {
    this.kind = kind;
    this.name = name;
    this.unit = unit;
    this.meaning = meaning;
    this.labels = List.of(labels);
  }

  /** Whether it grows, and since when. */
  public MetricKind kind() {
    return kind;
  }

  /** What it counts. */
  public Unit unit() {
    return unit;
  }

  /** For people. */
  public String meaning() {
    return meaning;
  }

  /** What divides it, in this order. */
  public List<Label> labels() {
    return labels;
  }

  /** The name that Prometheus sees. */
  public String shownName() {
    return name.replace('.', '_') + (kind == MetricKind.GAUGE ? "" : "_total");
  }

  private String description() {
    return unit.text().isEmpty() ? meaning : meaning + ", " + unit.text();
  }

  /** The counter for these values of its labels, in their order; made if it is new. */
  Counter in(MeterRegistry registry, String... values) {
    if (kind != MetricKind.COUNTER) {
      throw new IllegalArgumentException(this + " is not counted");
    }
    return Counter.builder(name).description(description()).tags(tags(values)).register(registry);
  }

  private List<Tag> tags(String... values) {
    if (values.length != labels.size()) {
      throw new IllegalArgumentException("%s of %d labels".formatted(this, values.length));
    }
    List<Tag> tags = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      tags.add(Tag.of(labels.get(i).key(), values[i]));
    }
    return tags;
  }

  /** Shows what can be read off something at any time. The registry holds that something weakly. */
  <T> void show(MeterRegistry registry, T source, ToDoubleFunction<T> read, String... values) {
    List<Tag> tags = tags(values);
    switch (kind) {
      case GAUGE ->
          Gauge.builder(name, source, read)
              .description(description())
              .tags(tags)
              .register(registry);
      case BOOKS, TOTAL ->
          FunctionCounter.builder(name, source, read)
              .description(description())
              .tags(tags)
              .register(registry);
      case COUNTER -> throw new IllegalArgumentException(this + " is counted");
    }
  }
}
