package io.sluice.fsm.provider;

import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.ipld.NodeCodec.MILLIS;
import static io.sluice.protocol.ipld.NodeCodec.TEXT;
import static io.sluice.protocol.retrieval.FieldCodecs.AMOUNT;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.provider.ProviderInput.At;
import io.sluice.fsm.provider.ProviderInput.Ended;
import io.sluice.fsm.provider.ProviderInput.Opened;
import io.sluice.fsm.provider.ProviderInput.Paid;
import io.sluice.fsm.provider.ProviderInput.Restarted;
import io.sluice.fsm.provider.ProviderInput.Sent;
import io.sluice.fsm.provider.ProviderInput.Stopped;
import io.sluice.protocol.ipld.KindCodec;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.retrieval.Terms;

/** How the inputs of a provider's events are stored: version 2. */
final class ProviderInputCodec {
  static final KindCodec<ProviderInput> CODEC =
      new KindCodec<ProviderInput>("Kind")
          .with("at", At.class, MapCodec.of(f -> new At(f.get("At", MILLIS, At::at))))
          .with(
              "opened",
              Opened.class,
              MapCodec.of(
                  f ->
                      new Opened(
                          f.get("At", MILLIS, Opened::at),
                          f.get("Terms", Terms.CODEC, Opened::terms),
                          f.get("Lane", LaneUse.CODEC, Opened::lane))))
          .with(
              "sent",
              Sent.class,
              MapCodec.of(
                  f ->
                      new Sent(
                          f.get("At", MILLIS, Sent::at), f.get("Charged", LONG, Sent::charged))))
          .with(
              "paid",
              Paid.class,
              MapCodec.of(
                  f ->
                      new Paid(
                          f.get("At", MILLIS, Paid::at),
                          f.get("Credit", AMOUNT, Paid::credit),
                          f.get("Nonce", LONG, Paid::nonce),
                          f.get("Vouchers", LONG, Paid::vouchers))))
          .with(
              "restarted",
              Restarted.class,
              MapCodec.of(
                  f ->
                      new Restarted(
                          f.get("At", MILLIS, Restarted::at),
                          f.get("Transfer", ProviderProgress.UNSIGNED, Restarted::transfer),
                          f.get("Position", LONG, Restarted::position))))
          .with(
              "stopped",
              Stopped.class,
              MapCodec.of(
                  f ->
                      new Stopped(
                          f.get("At", MILLIS, Stopped::at),
                          f.get("Charged", LONG, Stopped::charged),
                          f.among(DealReason.CODEC, Stopped::reason))))
          .with(
              "ended",
              Ended.class,
              MapCodec.of(
                  f ->
                      new Ended(
                          f.get("At", MILLIS, Ended::at),
                          f.get("Charged", LONG, Ended::charged),
                          f.get(
                              "Outcome",
                              TEXT.as(DealOutcome::valueOf, DealOutcome::name),
                              Ended::outcome),
                          f.among(DealReason.CODEC, Ended::reason))));

  private ProviderInputCodec() {}
}
