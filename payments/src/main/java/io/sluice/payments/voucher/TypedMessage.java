package io.sluice.payments.voucher;

import io.sluice.protocol.retrieval.Bytes32;
import java.util.List;

/**
 * What an account signs for a channel, and nothing else does it sign by EIP-712: there is no way to
 * have any other bytes signed.
 */
public sealed interface TypedMessage permits Voucher, OpenClaim, CloseConsent {
  /** The digest that is signed, in that domain. */
  Bytes32 digest(Domain domain);

  /** The name of its type. */
  String primaryType();

  /** Its fields, in the order of the type. */
  List<TypedField> fields();

  /**
   * One field, for a signer that wants to see what it signs.
   *
   * @param name as the type has it
   * @param type of Solidity
   * @param value digits, or 0x and hex digits: nothing that needs escaping
   */
  record TypedField(String name, String type, String value) {
    static TypedField of(String name, Bytes32 value) {
      return new TypedField(name, "bytes32", value.toString());
    }

    static TypedField of(String name, long value) {
      return new TypedField(name, "uint64", Long.toString(value));
    }
  }
}
