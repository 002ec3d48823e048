package io.sluice.node.config;

import io.sluice.node.config.Setting.ValueKind;
import java.util.List;

/**
 * Every key there is. The reference page and the record tree are both made from this table. It is
 * one although it is long: whoever adds a key has to see what the others are called, and the page
 * has them in this order.
 */
final class SettingTable {
  private SettingTable() {}

  static final List<Setting> ALL =
      List.of(
          setting(
              "listen",
              ValueKind.LIST,
              "/ip4/0.0.0.0/tcp/4150",
              "multiaddrs of TCP, such as /ip4/0.0.0.0/tcp/4150",
              "addresses that peers reach the node at; port 0 takes a free one"),
          setting(
              "http",
              ValueKind.TEXT,
              "127.0.0.1:0",
              "HOST:PORT on loopback",
              "where the admin API and the metrics listen; port 0 takes a free one"),
          setting(
              "network.connections",
              ValueKind.NUMBER,
              "512",
              "8 to 100000",
              "connections to peers at once; with more than seven eighths of that, those that are"
                  + " worth least are closed"),
          setting(
              "network.deny",
              ValueKind.LIST,
              "",
              "peer ids, and addresses or ranges such as 192.0.2.0/24",
              "who is neither dialled nor let in; peers of 'deny add' are let in to be told that"
                  + " they are not served"),
          setting(
              "network.perf",
              ValueKind.TEXT,
              "known",
              "off, known or all",
              "who may measure the way to this node with as many bytes as it likes: nobody, the"
                  + " peers of the peers file, or everybody"),
          setting(
              "ledger.kind",
              ValueKind.TEXT,
              "embedded",
              "embedded or evm",
              "what channels are on: a file for trying out, or a contract on an EVM chain, for"
                  + " which ledger.rpc, ledger.chain-id and ledger.contract are needed"),
          setting(
              "ledger.rpc",
              ValueKind.LIST,
              "",
              "http and https URLs",
              "where the chain's nodes answer JSON-RPC, the preferred first; the others are asked"
                  + " when it does not do its part"),
          setting(
              "ledger.chain-id",
              ValueKind.NUMBER,
              "0",
              "a number from 1 up; 0 for none",
              "the chain's id, such as 314 for Filecoin; a node of another chain is not used"),
          setting(
              "ledger.contract",
              ValueKind.TEXT,
              "",
              "0x and 40 digits",
              "the payment channel contract on it; its code is checked"),
          setting(
              "ledger.token",
              ValueKind.LIST,
              "native",
              "native, or 0x and 40 digits, each once",
              "what is paid in: the ledger's own coin or ERC-20 tokens, which have to"
                  + " be ones that are known to be honest; the first is meant where no "
                  + "token is named, and offered first"),
          setting(
              "ledger.confirmations",
              ValueKind.TEXT,
              "finalized",
              "finalized, or 1 to 1000",
              "when something counts at all, however few blocks payments.confirmations asks for:"
                  + " when the chain says that it is final, or after so many blocks"),
          setting(
              "ledger.agree-above",
              ValueKind.AMOUNTS,
              "",
              "amounts; empty to believe one node in everything",
              "of a deposit or redemption of more than this two nodes of ledger.rpc "
                  + "have to say the same before it counts; give nodes of different "
                  + "operators. Of a token that is paid in and has no amount here two have "
                  + "to say everything; and since it takes two to say of which token "
                  + "something is, two are asked for whatever is, in base units, above any "
                  + "of the amounts"),
          setting(
              "ledger.max-fee-per-gas",
              ValueKind.AMOUNT,
              "500000000000",
              "an amount",
              "most that a unit of gas may cost; what is on its way when gas is dearer waits"),
          setting(
              "ledger.symbol",
              ValueKind.TEXT,
              "ETH",
              "1 to 11 letters and digits",
              "what the chain's own coin is called"),
          setting(
              "ledger.first-block",
              ValueKind.NUMBER,
              "0",
              "0 to 1000000000000",
              "the block that the contract was created in: events before it are not looked for"),
          setting(
              "ledger.stuck-after",
              ValueKind.NUMBER,
              "6",
              "1 to 1000",
              "blocks after which a transaction that was not included is sent again for more"),
          setting(
              "ledger.timeout",
              ValueKind.DURATION,
              "15s",
              "1s to 2m",
              "how long a node of the chain may take for an answer"),
          setting(
              "ledger.path",
              ValueKind.TEXT,
              "",
              "a file's path",
              "the embedded ledger, unless SLUICE_LEDGER names one; by default one per user. ~ is"
                  + " the user's home"),
          setting(
              "tokens",
              ValueKind.LIST,
              "",
              "SYMBOL:ADDRESS:DECIMALS, such as"
                  + " USDC:0xeb466342c4d449bc9f53a865d5cb90586f405215:6",
              "tokens that amounts are written and shown in, beside the ledger's coin; what peers"
                  + " say of a token counts for nothing"),
          setting(
              "payments.max-deposit",
              ValueKind.AMOUNTS,
              "",
              "amounts; of a token without one 1000 whole tokens",
              "most that may lie in one channel beyond what has been signed away; "
                  + "nothing in a token whose decimals are not known and that has no amount"
                  + " here"),
          setting(
              "payments.max-challenge",
              ValueKind.DURATION,
              "7d",
              "1h to 90d",
              "longest challenge period of a channel that is opened"),
          setting(
              "payments.min-challenge",
              ValueKind.DURATION,
              "1d",
              "1m to 90d",
              "shortest challenge period of a channel that pays this node"),
          setting(
              "payments.min-deposit",
              ValueKind.AMOUNTS,
              "0",
              "amounts; of a token without one 0",
              "least that a channel that pays this node is opened with"),
          setting(
              "payments.confirmations",
              ValueKind.NUMBER,
              "1",
              "1 to 1000",
              "blocks after which a deposit counts"),
          setting(
              "payments.max-confirmations",
              ValueKind.NUMBER,
              "100",
              "1 to 1000",
              "most blocks that a provider may want to see before a deposit counts"),
          setting(
              "payments.minimum-redemption",
              ValueKind.AMOUNTS,
              "",
              "amounts; of a token without one 1 whole token, of the coin 1 base unit",
              "nothing less is redeemed without being told to; of other tokens than "
                  + "the coin nobody here knows what is less than the gas"),
          setting(
              "payments.max-unredeemed-age",
              ValueKind.DURATION,
              "24h",
              "1m to 90d",
              "after this long, whatever is worth it is redeemed"),
          setting(
              "payments.max-unredeemed",
              ValueKind.AMOUNTS,
              "",
              "amounts; of a token without one 100 whole tokens",
              "when a channel owes more, it is redeemed even while deals run on it"),
          setting(
              "payments.settle-idle-after",
              ValueKind.DURATION,
              "30d",
              "1h to 3650d; empty for never",
              "a channel of this node's that no deal has used for so long is settled, and what is"
                  + " left of it collected"),
          setting(
              "payout.to",
              ValueKind.TEXT,
              "",
              "an address such as 0x00…; empty for the account itself",
              "where credit is withdrawn to by itself"),
          setting(
              "payout.above",
              ValueKind.AMOUNTS,
              "",
              "amounts from 1 up; of a token without one there is no such bound",
              "credit is withdrawn by itself once it is that much"),
          setting(
              "payout.every",
              ValueKind.DURATION,
              "",
              "1h to 365d; empty for not by time",
              "credit is withdrawn by itself that often"),
          setting(
              "watch.lag",
              ValueKind.DURATION,
              "10m",
              "1s to 30d",
              "how old the ledger's newest block may be before the node is not ready"),
          setting(
              "watch.deadline",
              ValueKind.DURATION,
              "6h",
              "1m to 90d",
              "how long before vouchers become worthless, because their payer settles, the node is"
                  + " not ready as long as they are not redeemed"),
          setting(
              "watch.redemptions",
              ValueKind.NUMBER,
              "10",
              "0 to 1000000",
              "for the gas of how many redemptions the account should hold coin"),
          setting(
              "watch.outbox",
              ValueKind.DURATION,
              "30m",
              "1m to 30d",
              "how long a transaction may wait for a block before somebody should be told"),
          setting(
              "watch.value-at-risk",
              ValueKind.AMOUNTS,
              "",
              "amounts; of a token without one no limit",
              "most that clients may owe in vouchers that are not redeemed before "
                  + "somebody should be told"),
          setting(
              "client.max-price-per-mib",
              ValueKind.AMOUNTS,
              "",
              "amounts; empty for no limit",
              "dearest price that is paid when the command line gives no other; with "
                  + "an amount of one token nothing is paid in those that have none here"),
          setting(
              "client.parked",
              ValueKind.DURATION,
              "24h",
              "1m to 90d",
              "how long a deal that was interrupted can be continued"),
          setting(
              "provider.min-interval",
              ValueKind.SIZE,
              "64KiB",
              "1 to 256MiB",
              "smallest first payment interval of an offer"),
          setting(
              "provider.payment-wait",
              ValueKind.DURATION,
              "10m",
              "1s to 7d",
              "how long a deal waits for a payment that is due"),
          setting(
              "provider.deals-per-peer",
              ValueKind.NUMBER,
              "8",
              "1 to 1000000",
              "deals that one peer may have under way at once"),
          setting(
              "provider.deals",
              ValueKind.NUMBER,
              "2000",
              "1 to 1000000",
              "deals that may be under way at once in all"),
          setting(
              "provider.proposals-per-minute",
              ValueKind.NUMBER,
              "10",
              "1 to 1000000",
              "deals that one peer may propose a minute, twice as many at once; those it paid for"
                  + " do not count"),
          setting(
              "provider.queries-per-minute",
              ValueKind.NUMBER,
              "60",
              "1 to 1000000",
              "questions that one peer may ask a minute; those before deals it paid for do not"
                  + " count"),
          setting(
              "keystore.scrypt-n",
              ValueKind.NUMBER,
              "32768",
              "a power of two, 4096 to 1048576",
              "how hard the passphrase of a new key is to guess"),
          setting(
              "keys.remote",
              ValueKind.TEXT,
              "",
              "an http or https URL without a user; empty for nowhere",
              "the signer that has the account's key in place of this home, asked by JSON-RPC as"
                  + " Web3Signer is"),
          setting(
              "keys.remote-account",
              ValueKind.TEXT,
              "",
              "0x and 40 hex digits; empty without keys.remote",
              "the account that pays and is paid, of those of the signer"),
          setting(
              "keys.remote-time",
              ValueKind.DURATION,
              "10s",
              "100ms to 5m",
              "how long the signer may take for one signature"),
          setting(
              "storage.free",
              ValueKind.SIZE,
              "1GiB",
              "0 and up",
              "blocks are not written while the disk has less left; of a small disk, no more than a"
                  + " twentieth is kept"),
          setting(
              "receive.quota",
              ValueKind.SIZE,
              "64GiB",
              "0 and up",
              "room that content of others may take in all, pushed to this node or pulled from"
                  + " neighbours; a push that says it is more is refused, one that turns out to be"
                  + " ends, and blocks of neighbours wait until there is room"),
          setting(
              "content.listen",
              ValueKind.TEXT,
              "",
              "HOST:PORT, such as 0.0.0.0:4152; empty for nowhere",
              "where content is served over HTTP to whom it is free for or who has a grant, and"
                  + " taken from whom 'grants' lets push: dsync, at /dsync; port 0 takes a free"
                  + " one"),
          setting(
              "neighbours.blocks-per-second",
              ValueKind.NUMBER,
              "10000",
              "1 to 1000000",
              "blocks that one peer may pull a second by pullsync, a page of 250 at once"),
          setting(
              "neighbours.bytes-per-second",
              ValueKind.SIZE,
              "0",
              "0 and up; 0 for no limit",
              "how much one peer may pull a second by pullsync, 4 MiB at once"),
          setting(
              "neighbours.pull-bytes-per-second",
              ValueKind.SIZE,
              "0",
              "0 and up; 0 for no limit",
              "how much this node pulls a second of one neighbour, however many syncs it has with"
                  + " it, 4 MiB at once"),
          setting(
              "pullsync.bee.enabled",
              ValueKind.TEXT,
              "false",
              "true or false",
              "keeps chunks of Swarm beside the content of this node, pulled from nodes that speak"
                  + " bee's pullsync (1.4.0 or 1.0.0) and given to them; bee's own handshake is not"
                  + " spoken"),
          setting(
              "pullsync.bee.overlay",
              ValueKind.TEXT,
              "",
              "64 hex digits; empty for the SHA-256 of the peer id",
              "the address that chunks are near to or not; with another one all chunks get new"
                  + " numbers at the next start"),
          setting(
              "pullsync.bee.radius",
              ValueKind.NUMBER,
              "0",
              "0 to 31",
              "chunks that share fewer leading bits with the overlay are not kept, and neighbours'"
                  + " lower bins not pulled"),
          setting(
              "pullsync.bee.batches",
              ValueKind.LIST,
              "",
              "BATCH:OWNER:DEPTH, such as the id in hex, 0x and the owner's account, and 20",
              "batches of postage whose stamps let chunks in; those of others are not kept"),
          setting(
              "pullsync.bee.neighbours",
              ValueKind.LIST,
              "",
              "multiaddrs of TCP with /p2p and a peer id",
              "nodes that are pulled from, and may pull"),
          setting(
              "pullsync.bee.readers",
              ValueKind.LIST,
              "",
              "peer ids",
              "who else may pull; all others are reset"),
          setting(
              "pullsync.bee.capacity",
              ValueKind.SIZE,
              "1GiB",
              "1MiB and up",
              "room that the chunks may take; a chunk takes up to 4.4 KiB on the disk and about"
                  + " half a KiB of memory"),
          setting(
              "dsync.allow-callers",
              ValueKind.LIST,
              "",
              "peer ids and names of tokens, as 'grants ls' shows them; empty for all",
              "who may do anything by dsync here, beside what grants and prices say"),
          setting(
              "dsync.deny-callers",
              ValueKind.LIST,
              "",
              "peer ids and names of tokens",
              "who may do nothing by dsync here, whatever was granted"),
          setting(
              "dsync.allow-roots",
              ValueKind.LIST,
              "",
              "CIDs; empty for all",
              "content that may be pushed by dsync, listed block by block, and removed"),
          setting(
              "dsync.deny-roots",
              ValueKind.LIST,
              "",
              "CIDs",
              "content that may neither be pushed nor removed by dsync, and whose root is not"
                  + " read"),
          setting(
              "dsync.max-push",
              ValueKind.SIZE,
              "",
              "1 and up; empty for what grants and receive.quota allow",
              "most that one push may bring, counted as it arrives"),
          setting(
              "dsync.max-block", ValueKind.SIZE, "2MiB", "1KiB to 2MiB", "largest block of a push"),
          setting(
              "dsync.max-blocks",
              ValueKind.NUMBER,
              "100000",
              "1 to 100000",
              "blocks that content may have which is pushed, or whose list is asked for"),
          setting(
              "dsync.session", ValueKind.DURATION, "5h", "1m to 7d", "how long a push may take"),
          setting(
              "dsync.sessions",
              ValueKind.NUMBER,
              "64",
              "1 to 1000",
              "pushes that may be under way at once"),
          setting(
              "dsync.require-all",
              ValueKind.TEXT,
              "false",
              "true or false",
              "whether a push has to bring all its blocks, and not only those that are missing"),
          setting(
              "dsync.ask",
              ValueKind.LIST,
              "",
              "a command and its arguments, or one http or https URL; empty for nobody",
              "who decides beside grants, prices and lists; without an answer it is refused"),
          setting(
              "dsync.ask-about",
              ValueKind.LIST,
              "push-begins, push-arrived, push-completed, info-asked, block-asked, blocks-asked,"
                  + " removal-asked",
              "some of these",
              "when that is asked"),
          setting(
              "dsync.ask-time",
              ValueKind.DURATION,
              "10s",
              "100ms to 10m",
              "how long an answer may take"),
          setting(
              "journal.retention",
              ValueKind.DURATION,
              "90d",
              "1h and up",
              "how long the history of ended deals is kept"),
          setting(
              "drain",
              ValueKind.DURATION,
              "10s",
              "0s to 10m",
              "how long running work may take to come to rest when the node stops"));

  private static Setting setting(
      String key, ValueKind kind, String standard, String range, String meaning) {
    return new Setting(key, kind, standard, range, meaning);
  }
}
