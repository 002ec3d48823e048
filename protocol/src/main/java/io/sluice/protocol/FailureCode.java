package io.sluice.protocol;

/**
 * A reason that something was not done, as people and programs are told it: a stable name, the exit
 * code of a command that fails for it, and a few words.
 */
public interface FailureCode {
  /** The name: in {@code --json} answers, results on the wire, stored deals and metrics. */
  String name();

  /**
   * What a command exits with: 1 failed, 2 usage, 3 refused, 4 not found, 5 funds, 6 verification
   * failed, 7 unreachable or timed out, 130 interrupted; 0 if it is not a failure.
   */
  int exit();

  /** What it means, in a few words for a person. */
  String meaning();
}
