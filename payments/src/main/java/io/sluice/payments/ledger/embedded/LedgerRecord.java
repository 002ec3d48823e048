package io.sluice.payments.ledger.embedded;

import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.ipld.NodeCodec.TEXT;
import static io.sluice.protocol.retrieval.FieldCodecs.ADDRESS;
import static io.sluice.protocol.retrieval.FieldCodecs.AMOUNT;

import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.nio.ByteBuffer;

/**
 * One line of the ledger: what was done, and when by the ledger's own time, in seconds. What kind
 * it is shows in the field that only this kind has.
 */
sealed interface LedgerRecord {
  /** Seconds since 1970. */
  long time();

  /** An intent was included. */
  record Done(long time, Intent intent) implements LedgerRecord {
    private static final MapCodec<Done> CODEC =
        MapCodec.of(
            f ->
                new Done(
                    f.get("Time", LONG, Done::time), f.get("Intent", Intent.CODEC, Done::intent)));
  }

  /** An account was given something out of nothing. */
  record Given(long time, IntentId id, EvmAddress token, EvmAddress account, TokenAmount amount)
      implements LedgerRecord {
    private static final MapCodec<Given> CODEC =
        MapCodec.of(
            f ->
                new Given(
                    f.get("Time", LONG, Given::time),
                    f.get("ID", TEXT.as(IntentId::new, IntentId::value), Given::id),
                    f.get("Token", ADDRESS, Given::token),
                    f.get("Account", ADDRESS, Given::account),
                    f.get("Given", AMOUNT, Given::amount)));
  }

  /** The clock was set forward. */
  record Advanced(long time, long seconds) implements LedgerRecord {
    private static final MapCodec<Advanced> CODEC =
        MapCodec.of(
            f ->
                new Advanced(
                    f.get("Time", LONG, Advanced::time),
                    f.get("Advanced", LONG, Advanced::seconds)));
  }

  default byte[] encode() {
    return DagCbor.encode(
        switch (this) {
          case Done done -> Done.CODEC.encode(done);
          case Given given -> Given.CODEC.encode(given);
          case Advanced advanced -> Advanced.CODEC.encode(advanced);
        });
  }

  static LedgerRecord decode(ByteBuffer payload) {
    Node node = DagCbor.decodeStrict(payload, Limits.MESSAGE);
    if (node.find("Intent").isPresent()) {
      return Done.CODEC.decode(node);
    }
    if (node.find("Given").isPresent()) {
      return Given.CODEC.decode(node);
    }
    if (node.find("Advanced").isPresent()) {
      return Advanced.CODEC.decode(node);
    }
    throw new ProtocolException("BAD_RECORD", "unknown ledger record");
  }
}
