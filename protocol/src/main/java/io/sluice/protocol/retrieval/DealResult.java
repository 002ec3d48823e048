package io.sluice.protocol.retrieval;

import io.sluice.protocol.ipld.Node;
import java.util.Objects;
import java.util.Optional;

/**
 * What a provider says of a paid deal beside the classic {@link DealResponse}; goes only to peers
 * that sent an {@link Open}.
 *
 * @param id the client's number for the deal
 * @param code what happened; a name that is not known here reads as {@code REFUSED}
 * @param owed what has to be paid
 * @param bytes the charged bytes that the provider counts
 * @param best the lane's highest voucher that the provider holds, so that a client that lost it can
 *     adopt it
 * @param shortfall by how much the deposit is too small
 * @param retryAfter seconds to wait before trying again
 * @param message for a person
 */
public record DealResult(
    long id,
    DealCode code,
    Optional<TokenAmount> owed,
    Optional<Long> bytes,
    Optional<Payment> best,
    Optional<TokenAmount> shortfall,
    Optional<Long> retryAfter,
    Optional<String> message) {

  /** Checks that nothing is null. */
  public DealResult {
    Objects.requireNonNull(code, "code");
    Objects.requireNonNull(owed, "owed");
    Objects.requireNonNull(bytes, "bytes");
    Objects.requireNonNull(best, "best");
    Objects.requireNonNull(shortfall, "shortfall");
    Objects.requireNonNull(retryAfter, "retryAfter");
    Objects.requireNonNull(message, "message");
  }

  /** A result with a code and nothing else. */
  public static DealResult of(long id, DealCode code) {
    return new DealResult(
        id,
        code,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** The same with what is owed for how many charged bytes. */
  public DealResult owing(TokenAmount amount, long charged) {
    return new DealResult(
        id, code, Optional.of(amount), Optional.of(charged), best, shortfall, retryAfter, message);
  }

  /** The same with the provider's highest voucher. */
  public DealResult with(Payment voucher) {
    return new DealResult(
        id, code, owed, bytes, Optional.of(voucher), shortfall, retryAfter, message);
  }

  /** The same with the gap in the deposit. */
  public DealResult shortBy(TokenAmount gap) {
    return new DealResult(id, code, owed, bytes, best, Optional.of(gap), retryAfter, message);
  }

  /** The same with a word for a person. */
  public DealResult saying(String text) {
    return new DealResult(id, code, owed, bytes, best, shortfall, retryAfter, Optional.of(text));
  }

  /** The wire form; absent fields are left out. */
  public Node toNode() {
    Node.MapBuilder map = Node.map().put("ID", Node.of(id)).put("Code", Node.of(code.name()));
    owed.ifPresent(amount -> map.put("Owed", Node.of(amount.bytes())));
    bytes.ifPresent(count -> map.put("Bytes", Node.of(count)));
    best.ifPresent(payment -> map.put("Best", payment.toNode()));
    shortfall.ifPresent(amount -> map.put("Shortfall", Node.of(amount.bytes())));
    retryAfter.ifPresent(seconds -> map.put("RetryAfter", Node.of(seconds)));
    message.ifPresent(text -> map.put("Message", Node.of(text)));
    return map.build();
  }

  /** Reads the wire form; unknown keys are ignored. */
  public static DealResult of(Node node) {
    return new DealResult(
        Fields.count(node, "ID"),
        DealCode.named(Fields.text(node, "Code")),
        Fields.optional(node, "Owed", Fields::amount),
        Fields.optional(node, "Bytes", Fields::count),
        Fields.optional(node, "Best", Payment::of),
        Fields.optional(node, "Shortfall", Fields::amount),
        Fields.optional(node, "RetryAfter", Fields::count),
        Fields.optional(node, "Message", Fields::text));
  }
}
