package io.sluice.protocol.datatransfer;

import io.sluice.protocol.ipld.Node;

/**
 * A voucher, or the result of one: data that this protocol carries without understanding it.
 *
 * @param type the name that says how to read the value
 * @param value the data, inline
 */
public record TypedVoucher(String type, Node value) {}
