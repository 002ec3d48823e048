package io.sluice.protocol.retrieval;

import static io.sluice.protocol.retrieval.FieldCodecs.SIGNATURE;
import static io.sluice.protocol.retrieval.FieldCodecs.TEXT_FOR_PEOPLE;

import io.sluice.protocol.ipld.MapCodec;
import java.util.Optional;

/**
 * A payee's answer to a {@link CloseRequest}.
 *
 * @param signature of the payee over the consent that was asked for; absent if it refuses
 * @param message why it refuses, for a person; else empty
 */
public record CloseAnswer(Optional<Signature> signature, String message) {
  /** The wire form; unknown keys are ignored when reading. */
  public static final MapCodec<CloseAnswer> CODEC =
      MapCodec.of(
          f ->
              new CloseAnswer(
                  f.find("Signature", SIGNATURE, CloseAnswer::signature),
                  f.get("Message", TEXT_FOR_PEOPLE, CloseAnswer::message)));

  /** It consents. */
  public static CloseAnswer consent(Signature signature) {
    return new CloseAnswer(Optional.of(signature), "");
  }

  /** It does not. */
  public static CloseAnswer no(String why) {
    return new CloseAnswer(Optional.empty(), why);
  }
}
