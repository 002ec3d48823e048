package io.sluice.payments.ledger.evm;

import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.TypedMessage;
import io.sluice.payments.voucher.TypedMessage.TypedField;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A channel's message as signers elsewhere want to see it: types, domain and values in JSON. Spec:
 * EIP-712, "Specification of the eth_signTypedData JSON RPC". No value needs escaping.
 */
final class TypedDataJson {
  private TypedDataJson() {}

  static String of(Domain domain, TypedMessage message) {
    return """
    {"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"version","type":"string"},\
    {"name":"chainId","type":"uint256"},{"name":"verifyingContract","type":"address"}],\
    "%s":[%s]},"primaryType":"%s",\
    "domain":{"name":"%s","version":"%s","chainId":%d,"verifyingContract":"%s"},\
    "message":{%s}}\
    """
        .formatted(
            message.primaryType(),
            each(message, f -> "{\"name\":\"%s\",\"type\":\"%s\"}".formatted(f.name(), f.type())),
            message.primaryType(),
            Domain.NAME,
            Domain.VERSION,
            domain.chainId(),
            domain.contract(),
            each(message, f -> "\"%s\":\"%s\"".formatted(f.name(), f.value())));
  }

  private static String each(TypedMessage message, Function<TypedField, String> form) {
    return message.fields().stream().map(form).collect(Collectors.joining(","));
  }
}
