package io.sluice.fsm.client;

import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.ipld.NodeCodec.MILLIS;
import static io.sluice.protocol.ipld.NodeCodec.TEXT;
import static io.sluice.protocol.retrieval.FieldCodecs.AMOUNT;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.client.ClientInput.At;
import io.sluice.fsm.client.ClientInput.Funded;
import io.sluice.fsm.client.ClientInput.Going;
import io.sluice.fsm.client.ClientInput.Left;
import io.sluice.fsm.client.ClientInput.Signed;
import io.sluice.fsm.client.ClientInput.Stopped;
import io.sluice.fsm.client.ClientInput.Verified;
import io.sluice.protocol.ipld.KindCodec;
import io.sluice.protocol.ipld.MapCodec;

/** How the inputs of a client deal's events are stored. */
final class ClientInputCodec {
  static final KindCodec<ClientInput> CODEC =
      new KindCodec<ClientInput>("Kind")
          .with("at", At.class, MapCodec.of(f -> new At(f.get("At", MILLIS, At::at))))
          .with(
              "funded",
              Funded.class,
              MapCodec.of(
                  f ->
                      new Funded(
                          f.get("At", MILLIS, Funded::at),
                          f.get("Lane", LaneOpening.CODEC, Funded::lane))))
          .with(
              "verified",
              Verified.class,
              MapCodec.of(
                  f ->
                      new Verified(
                          f.get("At", MILLIS, Verified::at),
                          f.get("Charged", LONG, Verified::charged),
                          f.get("Received", LONG, Verified::received),
                          f.get("Position", LONG, Verified::position))))
          .with(
              "signed",
              Signed.class,
              MapCodec.of(
                  f ->
                      new Signed(
                          f.get("At", MILLIS, Signed::at),
                          f.get("Amount", AMOUNT, Signed::amount),
                          f.get("Nonce", LONG, Signed::nonce),
                          f.get("Bytes", LONG, Signed::bytes))))
          .with(
              "going",
              Going.class,
              MapCodec.of(
                  f ->
                      new Going(
                          f.get("At", MILLIS, Going::at),
                          f.get("Transfer", LONG, Going::transfer))))
          .with(
              "stopped",
              Stopped.class,
              MapCodec.of(
                  f ->
                      new Stopped(
                          f.get("At", MILLIS, Stopped::at),
                          f.among(DealReason.CODEC, Stopped::reason))))
          .with(
              "left",
              Left.class,
              MapCodec.of(
                  f ->
                      new Left(
                          f.get("At", MILLIS, Left::at),
                          f.get(
                              "Outcome",
                              TEXT.as(DealOutcome::valueOf, DealOutcome::name),
                              Left::outcome))));

  private ClientInputCodec() {}
}
