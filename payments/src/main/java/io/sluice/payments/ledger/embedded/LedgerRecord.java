package io.sluice.payments.ledger.embedded;

import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.nio.ByteBuffer;

/** One line of the ledger: what was done, and when by the ledger's own time, in seconds. */
sealed interface LedgerRecord {
  /** Seconds since 1970. */
  long time();

  /** An intent was included. */
  record Done(long time, Intent intent) implements LedgerRecord {}

  /** An account was given something out of nothing. */
  record Given(long time, IntentId id, EvmAddress token, EvmAddress account, TokenAmount amount)
      implements LedgerRecord {}

  /** The clock was set forward. */
  record Advanced(long time, long seconds) implements LedgerRecord {}

  default byte[] encode() {
    Node.MapBuilder map = Node.map().put("Time", time());
    switch (this) {
      case Done done -> map.put("Intent", done.intent().toNode());
      case Given given ->
          map.put("ID", given.id().value())
              .put("Token", given.token().bytes())
              .put("Account", given.account().bytes())
              .put("Given", given.amount().bytes());
      case Advanced advanced -> map.put("Advanced", advanced.seconds());
    }
    return DagCbor.encode(map.build());
  }

  static LedgerRecord decode(ByteBuffer payload) {
    Node node = DagCbor.decodeStrict(payload, Limits.MESSAGE);
    long time = node.get("Time").asLong();
    if (node.find("Intent").isPresent()) {
      return new Done(time, Intent.of(node.get("Intent")));
    }
    if (node.find("Given").isPresent()) {
      return new Given(
          time,
          new IntentId(node.get("ID").asText()),
          EvmAddress.of(node.get("Token").asByteArray()),
          EvmAddress.of(node.get("Account").asByteArray()),
          TokenAmount.ofBytes(node.get("Given").asByteArray()));
    }
    if (node.find("Advanced").isPresent()) {
      return new Advanced(time, node.get("Advanced").asLong());
    }
    throw new ProtocolException("BAD_RECORD", "unknown ledger record");
  }
}
